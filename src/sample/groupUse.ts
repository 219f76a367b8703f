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

/**
 * Memory of a group that its end would free, in bytes: its use without `inactive_file`, the file cache that the kernel
 * drops first and by itself (what the kubelet calls the working set; Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst).
 */
export function readMemoryBytes(version: 1 | 2, folder: string, read: Read = readOften): Reading<number> {
  const path = version === 2 ? `${folder}/memory.current` : `${folder}/memory.usage_in_bytes`;
  const text = read(path);
  if (!text.known) return text;
  const stat = read(`${folder}/memory.stat`);
  if (!stat.known) return stat;
  const used = scaled(wholeNumber(text.value), 1, path);
  const key = version === 2 ? 'inactive_file' : 'total_inactive_file';
  const cache = scaled(lineValue(stat.value, key), 1, `${folder}/memory.stat: ${key}`);
  if (!used.known) return used;
  return cache.known ? known(Math.max(0, used.value - cache.value)) : cache;
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

/** The stalls of some groups added up, which is at least what their union would tell; null where none is there. */
export function pressuresOver(folders: readonly string[]): Pressures | null {
  let sum: Pressures | null = null;
  for (const folder of folders) {
    const each = readPressures(folder, '.pressure');
    if (!each.io.known && !existsSync(folder)) continue;
    const { cpu, memory, io }: Pressures = sum ?? noStalls;
    sum = { cpu: added(cpu, each.cpu), memory: added(memory, each.memory), io: added(io, each.io) };
  }
  return sum;
}

const noStall: Reading<StallCounters> = known({ someMs: 0, fullMs: 0 });
/** Groups that never waited. */
export const noStalls: Pressures = { cpu: noStall, memory: noStall, io: noStall };

function added(a: Reading<StallCounters>, b: Reading<StallCounters>): Reading<StallCounters> {
  if (!a.known) return a;
  if (!b.known) return b;
  return known({ someMs: a.value.someMs + b.value.someMs, fullMs: a.value.fullMs + b.value.fullMs });
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
