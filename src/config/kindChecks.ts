import type { Kind } from '../model/kind.ts';
import type { Settings } from '../model/settings.ts';
import {
  contradictingCapabilities,
  exampleLimits,
  type Finding,
  quotesInCommand,
  repeatedTargets,
  unknownSecurityOptions,
} from './crossCheck.ts';
import type { KeyPath } from './problem.ts';
import type { ParsedFile } from './schema.ts';

type ParsedKind = NonNullable<ParsedFile['pilots']>[number];

/** An entry of `pilots` beside what became of it. */
interface Entry {
  readonly at: (...keys: KeyPath) => KeyPath;
  readonly written: ParsedKind;
  readonly kind: Kind;
}

function entriesOf(file: ParsedFile, { kinds }: Settings): readonly Entry[] {
  const listed = file.pilots ?? [];
  // a kind that the keys at the top make stands before those of the list
  const before = kinds.length - listed.length;
  return listed.flatMap((written, index) => {
    const kind = kinds[before + index];
    return kind === undefined ? [] : [{ at: (...keys) => ['pilots', index, ...keys], written, kind }];
  });
}

/** What is wrong between values of kinds that are each right. */
export function kindFaults(file: ParsedFile, settings: Settings): Finding[] {
  const entries = entriesOf(file, settings);
  return [
    ...repeatedNames(entries, settings),
    ...entries.flatMap(({ at, written, kind }) => [
      ...repeatedTargets(at('binds'), written.binds ?? []),
      ...repeatedTargets(at('devices'), written.devices ?? []),
      ...repeatedTargets(at('tmpfs'), written.tmpfs, kind.binds),
      ...contradictingCapabilities(at('capabilities'), written.capabilities ?? []),
      ...(kind.backOff.firstMs > kind.backOff.mostMs
        ? [{ path: at('backoff'), message: 'first is longer than max' }]
        : []),
    ]),
  ];
}

function repeatedNames(entries: readonly Entry[], { kinds }: Settings): Finding[] {
  const ofTopLevel = kinds.length > entries.length && entries.length > 0 ? kinds[0]?.name : undefined;
  const seen = new Set<string>();
  return entries.flatMap(({ at, kind: { name } }) => {
    const isRepeated = seen.has(name);
    seen.add(name);
    const message = isRepeated
      ? `another kind is called ${name}`
      : name === ofTopLevel
        ? `the kind that docker_image and docker_cmd at the top of the file make is called ${name}`
        : null;
    return message === null ? [] : [{ path: at('name'), message }];
  });
}

/**
 * What of kinds is put up with, but most likely not meant. `values` are the file's own; `faultOfFile` says what is wrong
 * with a file of secrets.
 */
export function kindRemarks(
  file: ParsedFile,
  settings: Settings,
  values: Readonly<Record<string, unknown>>,
  faultOfFile: (path: string) => string | null,
): Finding[] {
  if (file.pilots === null) return [];
  const none = file.pilots.length === 0 ? 'there is no kind in it' : 'no kind is enabled';
  const written = Array.isArray(values.pilots) ? (values.pilots as { readonly command?: unknown }[]) : [];
  return [
    ...(settings.kinds.some(({ enabled }) => enabled)
      ? beyondLimit(settings)
      : [{ path: ['pilots'], message: `${none}: nothing is started` }]),
    ...entriesOf(file, settings).flatMap((entry, index) => [
      ...unknownSecurityOptions(entry.at('security_opts'), entry.written.security_opts ?? []),
      ...quotesInCommand(entry.at('command'), written[index]?.command),
      ...unlikelyTimes(entry),
      ...unlikelySignal(entry),
      ...faultOfEnvFile(entry, faultOfFile),
    ]),
  ];
}

/** Where even the largest node cannot have as many pilots as its kinds may have together. */
function beyondLimit(settings: Settings): Finding[] {
  const { kinds, pilotLimit } = settings;
  const most = Math.max(...exampleLimits(settings), 0);
  const together = kinds.reduce((sum, { enabled, max }) => sum + (enabled ? (max ?? 0) : 0), 0);
  if (pilotLimit.isDefault || most === 0 || most >= together) return [];
  const message = `gives ${most} at most, while the kinds’ max add up to ${together}: they never all have theirs`;
  return [{ path: ['max_docks'], message }];
}

function unlikelyTimes({ at, written, kind }: Entry): Finding[] {
  const found: Finding[] = [];
  if (kind.stopGraceMs > kind.ttlMs) {
    const key = written.stop_grace === null ? 'ttl' : 'stop_grace';
    found.push({
      path: at(key),
      message: 'stop_grace is longer than ttl: pilots have longer to end than to run',
    });
  }
  if (kind.fizzleMs >= kind.ttlMs) {
    const message =
      'ttl is not longer than fizzle: every pilot that ends by itself counts as one without work';
    found.push({ path: at('ttl'), message });
  }
  return found;
}

function unlikelySignal({ at, kind: { stopSignal } }: Entry): Finding[] {
  if (stopSignal !== 'SIGKILL' && stopSignal !== 'SIGSTOP') return [];
  return [
    { path: at('stop_signal'), message: `no program sees ${stopSignal}: pilots have no notice of their end` },
  ];
}

function faultOfEnvFile({ at, kind }: Entry, faultOfFile: (path: string) => string | null): Finding[] {
  const message = kind.envFile === null ? null : faultOfFile(kind.envFile);
  return message === null ? [] : [{ path: at('env_file'), message }];
}
