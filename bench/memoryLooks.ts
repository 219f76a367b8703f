import { readFileSync } from 'node:fs';
import type { Reading } from '../src/model/reading.ts';
import { parseMeminfo } from '../src/sample/meminfo.ts';
import { parseZoneinfo } from '../src/sample/zoneinfo.ts';

/** Of the machines that containers run on, nearly all; on others what is at hand is told too small. */
export const pageBytes = 4096;

/** One look at memory while the owner takes his. */
export interface Look {
  readonly atMs: number;
  /** MemAvailable, as the daemon sees it. */
  readonly availableBytes: number;
  /** Free memory that CPUs keep at hand, which is not in it. */
  readonly atHandBytes: number;
  readonly pilotsBytes: number;
  readonly ownerBytes: number;
  readonly pilots: number;
}

/**
 * The same looks by what can be had: what was freed in the meantime and is kept at hand by a CPU, some hundreds of MB
 * for some seconds (Linux 6.7 and later, up to `high_max` of /proc/zoneinfo for each CPU), is there for whoever wants
 * it, and not in MemAvailable.
 */
export function withAtHand<T extends Pick<Look, 'availableBytes' | 'atHandBytes'>>(
  looks: readonly T[],
): readonly T[] {
  const before = looks[0]?.atHandBytes ?? 0;
  return looks.map((look) => ({
    ...look,
    availableBytes: look.availableBytes + Math.max(0, look.atHandBytes - before),
  }));
}

/** How long less than the reserve was available, from the first time to the last, and how little there was. */
export function below(
  looks: readonly Pick<Look, 'atMs' | 'availableBytes'>[],
  reserveBytes: number,
): { readonly seconds: number; readonly leastBytes: number } {
  const under = looks.map(({ availableBytes }) => availableBytes < reserveBytes);
  const [first, last] = [under.indexOf(true), under.lastIndexOf(true)];
  const [from, to] = [looks[first], looks[last + 1] ?? looks[last]];
  const leastBytes = Math.min(...looks.map(({ availableBytes }) => availableBytes));
  return { seconds: from === undefined || to === undefined ? 0 : (to.atMs - from.atMs) / 1000, leastBytes };
}

/** MemAvailable, as the daemon sees it. */
export function availableNow(): number {
  return read('/proc/meminfo', parseMeminfo).availableBytes;
}

/** Free memory that CPUs keep at hand. */
export function atHandNow(): number {
  return read('/proc/zoneinfo', parseZoneinfo);
}

/** Reads as the daemon does; throws where that cannot be read. */
function read<T>(path: string, parse: (text: string) => Reading<T>): T {
  const reading = parse(readFileSync(path, 'latin1'));
  if (!reading.known) throw new Error(reading.reason);
  return reading.value;
}
