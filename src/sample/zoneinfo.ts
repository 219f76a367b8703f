import { known, type Reading, unknown } from '../model/reading.ts';

/** Of nearly all machines that containers run on; where pages are bigger, what is at hand is told too small. */
const pageBytes = 4096;

/**
 * Free memory that CPUs keep at hand, in bytes: the `count` of each CPU's page lists in `/proc/zoneinfo` (proc(5)).
 * MemAvailable has none of it, and it may be a twentieth of a node's memory for many seconds after something big has
 * ended (Linux 6.7 and later, `high_max`); whoever wants memory gets it, as the kernel takes it back before it gives up.
 */
export function parseZoneinfo(text: string): Reading<number> {
  let pages = 0;
  let lists = 0;
  for (const [, count] of text.matchAll(/^\s+count:\s+(\d+)$/gm)) {
    pages += Number(count);
    lists += 1;
  }
  return lists > 0 ? known(pages * pageBytes) : unknown('/proc/zoneinfo: no page lists of CPUs');
}
