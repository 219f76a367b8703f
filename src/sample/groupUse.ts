import { existsSync } from 'node:fs';
import type { Pressures, StallCounters } from '../model/host.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import { readOften } from './kernelFile.ts';
import { parsePressure } from './pressure.ts';

/** How a file is read: kept open where it is read at each tick, opened and closed where it is not. */
export type Read = (path: string) => Reading<string>;

/** CPU time of a group in milliseconds: `usage_usec` of cpu.stat on v2, cpuacct.usage (nanoseconds) on v1. */
export function readCpuMs(version: 1 | 2, folder: string, read: Read = readOften): Reading<number> {
  const path = version === 2 ? `${folder}/cpu.stat` : `${folder}/cpuacct.usage`;
  const text = read(path);
  if (!text.known) return text;
  return version === 2
    ? scaled(lineValue(text.value, 'usage_usec'), 1e3, path)
    : scaled(wholeNumber(text.value), 1e6, path);
}

/** Lines of memory.stat that make up what a group's end frees; one that is not needed is not there on every kernel. */
interface StatLines {
  readonly needed: readonly string[];
  readonly added: readonly string[];
  /** A line that comes after the others: with it, none of them was cut off. */
  readonly last: string;
}
const statLines: Readonly<Record<1 | 2, StatLines>> = {
  1: { needed: ['total_rss'], added: ['total_shmem'], last: 'total_mapped_file' },
  2: {
    needed: ['anon', 'shmem', 'slab_unreclaimable'],
    added: ['kernel_stack', 'pagetables'],
    last: 'slab_unreclaimable',
  },
};

/**
 * Memory of a group that its end would add to the node's `MemAvailable`, in bytes: what its processes hold, what is in
 * memory file systems, and (version 2) what the kernel cannot take back. File cache and reclaimable slabs are no part of
 * it: `MemAvailable` has them already (Documentation/filesystems/proc.rst, admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst).
 */
export function readMemoryBytes(version: 1 | 2, folder: string, read: Read = readOften): Reading<number> {
  const path = `${folder}/memory.stat`;
  const stat = read(path);
  if (!stat.known) return stat;
  const { needed, added, last } = statLines[version];
  const lacking = [...needed, last].find((key) => Number.isNaN(lineValue(stat.value, key)));
  if (lacking !== undefined) return unknown(`${path}: ${lacking}: not a number`);
  const valueOf = (key: string): number => lineValue(stat.value, key) || 0;
  return known([...needed, ...added].reduce((sum, key) => sum + valueOf(key), 0));
}

/** The three pressure files of a folder, `/proc/pressure` (no suffix) or a group's. */
export function readPressures(folder: string, suffix: '' | '.pressure'): Pressures {
  const read = (resource: string): Reading<StallCounters> => {
    const path = `${folder}/${resource}${suffix}`;
    const text = readOften(path);
    return text.known ? parsePressure(text.value, path) : text;
  };
  return { cpu: read('cpu'), memory: read('memory'), io: read('io') };
}

/** What some groups have together. One that is not there has nothing; one that cannot be read makes all of it unknown. */
export function sumOver(
  folders: readonly string[],
  read: (folder: string) => Reading<number>,
): Reading<number> {
  let sum = 0;
  for (const folder of folders) {
    const value = read(folder);
    if (value.known) sum += value.value;
    else if (existsSync(folder)) return value;
  }
  return known(sum);
}

/** The number in the line `key number`; NaN where there is no such line, or it was cut. */
function lineValue(text: string, key: string): number {
  const start = text.startsWith(`${key} `) ? 0 : text.indexOf(`\n${key} `) + 1;
  const end = text.indexOf('\n', start);
  const isThere = start > 0 || text.startsWith(`${key} `);
  return isThere && end > 0 ? wholeNumber(text.slice(start + key.length + 1, end + 1)) : Number.NaN;
}

/** A line with a number and nothing else; without its end it may be half of itself. */
function wholeNumber(text: string): number {
  return /^\d+\n$/.test(text) ? Number(text) : Number.NaN;
}

function scaled(value: number, perUnit: number, label: string): Reading<number> {
  return Number.isNaN(value) ? unknown(`${label}: not a number`) : known(value / perUnit);
}
