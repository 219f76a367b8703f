import type { NodeFacts, Settings } from '../model/settings.ts';
import { isKnownSecurityOption } from './entries.ts';
import type { KeyPath } from './problem.ts';
import type { ParsedFile } from './schema.ts';

/** Something about one value that no single value's check could see. */
export interface Finding {
  readonly path: KeyPath;
  readonly message: string;
}

/** What is wrong between values that are each right. */
export function crossCheck(file: ParsedFile, settings: Settings): Finding[] {
  return [
    ...repeatedTargets('binds', file.binds),
    ...repeatedTargets('devices', file.devices),
    ...contradictingCapabilities(file),
    ...engineContradictions(file),
    ...(limitFaults(settings).length === exampleNodes.length ? limitFaults(settings).slice(0, 1) : []),
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
  file.security_opts.forEach((option, index) => {
    if (!isKnownSecurityOption(option)) {
      found.push({
        path: ['security_opts', index],
        message: 'not a security option that is known here: passed on as it is',
      });
    }
  });
  if (typeof written.docker_cmd === 'string' && /["']/.test(written.docker_cmd)) {
    const message = 'quotes mean nothing in a command written as text: use a list for words with spaces';
    found.push({ path: ['docker_cmd'], message });
  }
  return [...found, ...limitFaults(settings).slice(0, 1)];
}

function repeatedTargets(name: string, entries: readonly { readonly target: string }[]): Finding[] {
  const seen = new Set<string>();
  return entries.flatMap(({ target }, index) => {
    const plain = target.replace(/(.)\/+$/, '$1');
    if (seen.has(plain)) {
      return [
        { path: [name, index], message: `another entry has the same place in the container, ${target}` },
      ];
    }
    seen.add(plain);
    return [];
  });
}

function contradictingCapabilities(file: ParsedFile): Finding[] {
  return file.capabilities.flatMap(({ name, dropped }, index) =>
    dropped && file.capabilities.some((other) => other.name === name && !other.dropped)
      ? [{ path: ['capabilities', index], message: `${name} is both added and dropped` }]
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

const exampleNodes: readonly Example[] = [
  { ncpus: 1, ram_bytes: 2 ** 30, swap_bytes: 0 },
  { ncpus: 2, ram_bytes: 4 * 2 ** 30, swap_bytes: 2 ** 30 },
  { ncpus: 8, ram_bytes: 16 * 2 ** 30, swap_bytes: 0 },
  { ncpus: 64, ram_bytes: 256 * 2 ** 30, swap_bytes: 8 * 2 ** 30 },
  { ncpus: 256, ram_bytes: 2 ** 40, swap_bytes: 0 },
];

/** On which example nodes the limit cannot be worked out, and why. */
function limitFaults({ pilotLimit, kind }: Settings): Finding[] {
  return exampleNodes.flatMap((example) => {
    try {
      pilotLimit.evaluate({ ...example, max_dock_mem: kind.memoryBytes, max_dock_swap: kind.swapBytes });
      return [];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const where = `with ${example.ncpus} CPUs and ${example.swap_bytes === 0 ? 'no swap' : 'swap'}`;
      return [{ path: ['max_docks'], message: `cannot be worked out on a node ${where}: ${why}` }];
    }
  });
}
