import { existsSync } from 'node:fs';
import type { Pressures, StallCounters } from '../model/host.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import { type Parse, type ReadParsed, readOften } from './kernelFile.ts';
import { wholeNumber } from './lines.ts';
import { parsePressure } from './pressure.ts';

/** `usage_usec` of cpu.stat on v2, cpuacct.usage (nanoseconds) on v1. */
const cpuFiles: Readonly<Record<1 | 2, { readonly name: string; readonly parse: Parse<number> }>> = {
  1: { name: 'cpuacct.usage', parse: (text, path) => scaled(lineOf(text), 1e6, path) },
  2: { name: 'cpu.stat', parse: (text, path) => scaled(lineValue(text, 'usage_usec'), 1e3, path) },
};

/** CPU time of a group in milliseconds. */
export function readCpuMs(version: 1 | 2, folder: string, read: ReadParsed = readOften): Reading<number> {
  const { name, parse } = cpuFiles[version];
  return read(`${folder}/${name}`, parse);
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

const parseMemory: Readonly<Record<1 | 2, Parse<number>>> = {
  1: (text, path) => freedBytes(text, path, statLines[1]),
  2: (text, path) => freedBytes(text, path, statLines[2]),
};

/**
 * Memory of a group that its end would add to the node's `MemAvailable`, in bytes: what its processes hold, what is in
 * memory file systems, and (version 2) what the kernel cannot take back. File cache and reclaimable slabs are no part of
 * it: `MemAvailable` has them already (Documentation/filesystems/proc.rst, admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst).
 */
export function readMemoryBytes(
  version: 1 | 2,
  folder: string,
  read: ReadParsed = readOften,
): Reading<number> {
  return read(`${folder}/memory.stat`, parseMemory[version]);
}

function freedBytes(stat: string, path: string, { needed, added, last }: StatLines): Reading<number> {
  const lacking = [...needed, last].find((key) => Number.isNaN(lineValue(stat, key)));
  if (lacking !== undefined) return unknown(`${path}: ${lacking}: not a number`);
  return known([...needed, ...added].reduce((sum, key) => sum + (lineValue(stat, key) || 0), 0));
}

/** The three pressure files of a folder, `/proc/pressure` (no suffix) or a group's. */
export function readPressures(folder: string, suffix: '' | '.pressure'): Pressures {
  return {
    cpu: readPressure(folder, 'cpu', suffix),
    memory: readPressure(folder, 'memory', suffix),
    io: readPressure(folder, 'io', suffix),
  };
}

/** One of them. */
export function readPressure(
  folder: string,
  resource: keyof Pressures,
  suffix: '' | '.pressure',
): Reading<StallCounters> {
  return readOften(`${folder}/${resource}${suffix}`, parsePressure);
}

/** What some groups have together. One that is not there has nothing; one that cannot be read makes all of it unknown. */
export function sumOver(
  folders: readonly string[],
  read: (folder: string) => Reading<number>,
): Reading<number> {
  let sum = 0;
  const [only] = folders;
  if (only !== undefined && folders.length === 1) {
    const value = read(only);
    return value.known || existsSync(only) ? value : known(0);
  }
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
  return isThere && end > 0 ? wholeNumber(text.slice(start + key.length + 1, end)) : Number.NaN;
}

/** A line with a number and nothing else; without its end it may be half of itself. */
function lineOf(text: string): number {
  return text.endsWith('\n') ? wholeNumber(text) : Number.NaN;
}

function scaled(value: number, perUnit: number, label: string): Reading<number> {
  return Number.isNaN(value) ? unknown(`${label}: not a number`) : known(value / perUnit);
}
