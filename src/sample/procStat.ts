import type { CpuCounters } from '../model/host.ts';
import { known, type Reading, unknown } from '../model/reading.ts';

/** Milliseconds in one tick of `/proc/stat`: USER_HZ is 100 on every architecture that Linux containers run on. */
const tickMs = 10;

/**
 * Parses the first line of `/proc/stat` (proc(5)): user nice system idle iowait irq softirq steal guest guest_nice.
 * guest and guest_nice are already within user and nice. iowait is idle time: somebody could have run.
 */
export function parseProcStat(text: string): Reading<CpuCounters> {
  const end = text.indexOf('\n');
  const line = text.slice(0, Math.max(0, end));
  const words = line.split(/\s+/);
  if (words[0] !== 'cpu') return unknown('/proc/stat: no line of all CPUs');
  const ticks = words.slice(1, 9).map(Number);
  if (ticks.length < 4 || ticks.some((value) => !Number.isFinite(value))) {
    return unknown(`/proc/stat: cannot be read as numbers: ${line.slice(0, 80)}`);
  }
  const totalTicks = ticks.reduce((sum, value) => sum + value, 0);
  const idleTicks = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const steal = ticks[7];
  return known({
    busyMs: (totalTicks - idleTicks) * tickMs,
    totalMs: totalTicks * tickMs,
    ...(steal === undefined ? {} : { stealMs: steal * tickMs }),
  });
}

/** Counts the CPUs in a kernel list such as `0-3,8` (`/sys/devices/system/cpu/online`). */
export function parseCpuList(text: string): Reading<number> {
  let count = 0;
  // Without its end it may be half of itself.
  if (!text.endsWith('\n')) return unknown('list of CPUs: cut short');
  for (const part of text.trim().split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) return unknown(`list of CPUs: cannot be read: ${text.trim().slice(0, 80)}`);
    count += Number(match[2] ?? match[1]) - Number(match[1]) + 1;
  }
  return count > 0 ? known(count) : unknown('list of CPUs: none');
}
