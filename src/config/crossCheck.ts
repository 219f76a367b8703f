import type { NodeFacts, Settings } from '../model/settings.ts';
import { type CapabilityChange, isKnownSecurityOption } from './entries.ts';
import { withoutPasswords } from './hidden.ts';
import { fleetFaults } from './fleetSource.ts';
import { influxFaults, influxRemarks } from './influxTargets.ts';
import type { KeyPath } from './problem.ts';
import type { ParsedFile } from './schema.ts';

/** Something about one value that no single value's check could see. */
export interface Finding {
  readonly path: KeyPath;
  readonly message: string;
}

/** What is wrong between values that are each right. `written` is the file's own values. */
export function crossCheck(
  file: ParsedFile,
  settings: Settings,
  written: Readonly<Record<string, unknown>>,
): Finding[] {
  return [
    ...repeatedTargets(['binds'], file.binds),
    ...repeatedTargets(['devices'], file.devices),
    ...contradictingCapabilities(['capabilities'], file.capabilities),
    ...engineContradictions(file),
    ...influxFaults(file),
    ...fleetFaults(file, written),
    ...limitErrors(settings),
  ];
}

/** What is put up with, but most likely not meant. `written` is the file's own values. */
export function remarks(
  file: ParsedFile,
  settings: Settings,
  written: Readonly<Record<string, unknown>>,
): Finding[] {
  const found: Finding[] = [];
  file.influxdb_url.forEach((target, index) => {
    if (target === null) {
      const message = 'this entry has no #database after the port: left out';
      found.push({ path: ['influxdb_url', index], message });
    }
  });
  return [
    ...found,
    ...influxRemarks(settings.influxdb),
    ...unknownSecurityOptions(['security_opts'], file.security_opts),
    ...quotesInCommand(['docker_cmd'], written.docker_cmd),
    ...(limitErrors(settings).length > 0 ? [] : limitFaults(settings).slice(0, 1)),
  ];
}

/** Security options that are put up with: engines may know more than is known here. */
export function unknownSecurityOptions(path: KeyPath, options: readonly string[]): Finding[] {
  const message = 'not a security option that is known here: passed on as it is';
  return options.flatMap((option, index) =>
    isKnownSecurityOption(option) ? [] : [{ path: [...path, index], message }],
  );
}

/** `written` is the command as it stands in the file. */
export function quotesInCommand(path: KeyPath, written: unknown): Finding[] {
  if (typeof written !== 'string' || !/["']/.test(written)) return [];
  const message = 'quotes mean nothing in a command written as text: use a list for words with spaces';
  return [{ path, message }];
}

/** Entries of a list for which another one has the same place in the container. */
export function repeatedTargets(
  path: KeyPath,
  entries: readonly { readonly target: string }[],
  others: readonly { readonly target: string }[] = [],
): Finding[] {
  const plain = (target: string): string => target.replace(/(.)\/+$/, '$1');
  const seen = new Set(others.map(({ target }) => plain(target)));
  return entries.flatMap(({ target }, index) => {
    const isRepeated = seen.has(plain(target));
    seen.add(plain(target));
    const message = `another entry has the same place in the container, ${withoutPasswords(target)}`;
    return isRepeated ? [{ path: [...path, index], message }] : [];
  });
}

/** Capabilities that are dropped and added at once. */
export function contradictingCapabilities(path: KeyPath, changes: readonly CapabilityChange[]): Finding[] {
  const added = new Set(changes.filter(({ dropped }) => !dropped).map(({ name }) => name));
  return changes.flatMap(({ name, dropped }, index) =>
    dropped && added.has(name)
      ? [{ path: [...path, index], message: `${name} is both added and dropped` }]
      : [],
  );
}

function engineContradictions({ engine }: ParsedFile): Finding[] {
  const found: Finding[] = [];
  if (engine.url !== null && engine.context !== null) {
    found.push({ path: ['engine', 'context'], message: 'expected either url or context, found both' });
  }
  if (engine.tls === null) return found;
  if (engine.url !== null && /^(unix|http):/.test(engine.url)) {
    found.push({ path: ['engine', 'tls'], message: 'TLS needs a tcp:// or https:// url' });
  }
  if ((engine.tls.cert === null) !== (engine.tls.key === null)) {
    const missing = engine.tls.cert === null ? 'cert' : 'key';
    found.push({ path: ['engine', 'tls'], message: `cert and key go together: ${missing} is missing` });
  }
  return found;
}

type Example = Pick<NodeFacts, 'ncpus' | 'ram_bytes' | 'swap_bytes'>;

/** Nodes of all sizes that the limit on pilots is tried on. */
const exampleNodes: readonly Example[] = [
  { ncpus: 1, ram_bytes: 2 ** 30, swap_bytes: 0 },
  { ncpus: 2, ram_bytes: 4 * 2 ** 30, swap_bytes: 2 ** 30 },
  { ncpus: 8, ram_bytes: 16 * 2 ** 30, swap_bytes: 0 },
  { ncpus: 64, ram_bytes: 256 * 2 ** 30, swap_bytes: 8 * 2 ** 30 },
  { ncpus: 256, ram_bytes: 2 ** 40, swap_bytes: 0 },
];

/** What the limit on pilots is on each of the example nodes on which it can be worked out. */
export function exampleLimits(settings: Settings): number[] {
  return exampleNodes.flatMap((example) => {
    try {
      return settings.pilotLimit.evaluate(factsOf(example, settings));
    } catch {
      return [];
    }
  });
}

function factsOf(example: Example, { topLevelKind }: Settings): NodeFacts {
  return { ...example, max_dock_mem: topLevelKind.memoryBytes, max_dock_swap: topLevelKind.swapBytes };
}

/** A limit that no node can work out. */
function limitErrors(settings: Settings): Finding[] {
  const faults = limitFaults(settings);
  return faults.length === exampleNodes.length ? faults.slice(0, 1) : [];
}

/** On which example nodes the limit cannot be worked out, and why. */
function limitFaults(settings: Settings): Finding[] {
  return exampleNodes.flatMap((example) => {
    try {
      settings.pilotLimit.evaluate(factsOf(example, settings));
      return [];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const where = `with ${example.ncpus} CPUs and ${example.swap_bytes === 0 ? 'no swap' : 'swap'}`;
      return [{ path: ['max_docks'], message: `cannot be worked out on a node ${where}: ${why}` }];
    }
  });
}
