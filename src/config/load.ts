import type { Settings } from '../model/settings.ts';
import { crossCheck, type Finding, remarks } from './crossCheck.ts';
import { hasNoKind, withoutExtremes } from './extremes.ts';
import { kindFaults, kindRemarks } from './kindChecks.ts';
import { type Origin, pickKnownKeys } from './knownKeys.ts';
import type { Problem } from './problem.ts';
import {
  absentFingerprint,
  type ConfigFile,
  faultOfSecretFile,
  fingerprintOf,
  readConfigFile,
} from './readFile.ts';
import { fileSchema, type ParsedFile } from './schema.ts';
import { toSettings } from './settings.ts';
import { problemAt, readYaml } from './yamlText.ts';

/** What became of reading a configuration. Either way `warnings` name what was put up with. */
export type LoadResult =
  | {
      readonly ok: true;
      readonly settings: Settings;
      readonly warnings: readonly Problem[];
      /** For each key, those of sections with dots (`engine.url`). */
      readonly origins: ReadonlyMap<string, Origin>;
      /** Tells one content of the file from another; `absent` when there is none. */
      readonly fingerprint: string;
    }
  | {
      readonly ok: false;
      /** At least one, in the order of the file. */
      readonly problems: readonly Problem[];
      readonly warnings: readonly Problem[];
      readonly fingerprint: string;
    };

/** Reads and checks a configuration file; one that is not there means all defaults. Never throws. */
export function loadSettings(file: string): LoadResult {
  return settingsOf(readConfigFile(file));
}

/** Checks what `readConfigFile` found: the costly half, worth it when the fingerprint is another. Never throws. */
export function settingsOf(found: ConfigFile): LoadResult {
  switch (found.is) {
    case 'absent':
      return parseSettings('', absentFingerprint);
    case 'text':
      return parseSettings(found.text, found.fingerprint, faultOfSecretFile);
    case 'unreadable':
      return { ok: false, problems: [found.problem], warnings: [], fingerprint: found.fingerprint };
  }
}

/**
 * Checks the text of a configuration file, and tells every fault at once. Never throws. `faultOfFile` says what is wrong
 * with a file that the text names and that holds secrets; null for nothing.
 */
export function parseSettings(
  text: string,
  fingerprint: string = fingerprintOf(text),
  faultOfFile: (path: string) => string | null = () => null,
): LoadResult {
  const yaml = readYaml(text.replace(/^\uFEFF/, ''));
  if (yaml.problems.length > 0) {
    return { ok: false, problems: inOrder(yaml.problems), warnings: yaml.warnings, fingerprint };
  }
  const picked = pickKnownKeys(yaml);
  const { values, origins, warnings: unknownKeys, placeInFile } = picked;
  const found = ({ path, message }: Finding): Problem => problemAt(yaml, placeInFile(path), message);
  const checked = fileSchema.safeParse(values);
  if (!checked.success) {
    const problems = checked.error.issues.map(({ path, message }) => found({ path: pathOf(path), message }));
    return {
      ok: false,
      problems: inOrder([...picked.problems, ...problems]),
      warnings: [...yaml.warnings, ...unknownKeys],
      fingerprint,
    };
  }
  const { file, remarks: replaced } = withoutExtremes(checked.data as ParsedFile);
  const isWritten = (key: string): boolean => origins.get(key) !== 'default';
  const recipe = isWritten('docker_image') || isWritten('docker_cmd');
  if (file.docks_per_loop === 0) takeOrigin(origins, 'max_docks', 'docks_per_loop');
  else if (hasNoKind(file, recipe)) takeOrigin(origins, 'max_docks', 'pilots');
  const settings = toSettings(file, { limit: isWritten('max_docks'), recipe });
  const between = [...crossCheck(file, settings, values), ...kindFaults(file, settings)];
  const problems = [...picked.problems, ...between.map(found)];
  const told = [
    ...replaced,
    ...remarks(file, settings, values),
    ...kindRemarks(file, settings, values, faultOfFile),
  ];
  const further = told.map(found);
  const warnings = inOrder([...yaml.warnings, ...unknownKeys, ...further]);
  if (problems.length > 0) return { ok: false, problems: inOrder(problems), warnings, fingerprint };
  return { ok: true, settings, warnings, origins, fingerprint };
}

/** A key's value is what another key makes of it. */
function takeOrigin(origins: Map<string, Origin>, key: string, from: string): void {
  origins.set(key, origins.get(from) ?? 'default');
}

function pathOf(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((step) => (typeof step === 'symbol' ? String(step) : step));
}

/** More than anybody reads; an alias may make thousands out of one slip. */
const mostTold = 300;

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const sorted = problems.toSorted(
    (a, b) =>
      (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || a.key.localeCompare(b.key),
  );
  const [next] = sorted.slice(mostTold);
  if (next === undefined) return sorted;
  const message = `here and below are ${sorted.length - mostTold} more, which are not listed`;
  return [...sorted.slice(0, mostTold), { ...next, key: '', message }];
}
