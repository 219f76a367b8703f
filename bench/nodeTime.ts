import { readFileSync } from 'node:fs';

/** CPU time of the whole node since boot, summed over its CPUs, milliseconds. */
export interface NodeTime {
  readonly idleMs: number;
  readonly totalMs: number;
}

/** Milliseconds in a tick of `/proc/stat`: USER_HZ is 100. */
const tickMs = 10;

/** Parses the first line of `/proc/stat` (proc(5)). Waiting for storage is idle: somebody else could have run. */
export function parseNodeTime(text: string): NodeTime {
  // user nice system idle iowait irq softirq steal; guest times are within user's.
  const ticks = (/^cpu +(.*)$/m.exec(text)?.[1] ?? '').split(' ').slice(0, 8).map(Number);
  if (ticks.length < 5 || ticks.some((one) => !Number.isFinite(one))) {
    throw new RangeError(`no times of all CPUs in: ${text.slice(0, 80)}`);
  }
  return {
    idleMs: ((ticks[3] ?? 0) + (ticks[4] ?? 0)) * tickMs,
    totalMs: ticks.reduce((sum, one) => sum + one, 0) * tickMs,
  };
}

/** The node's CPU time now. */
export function readNodeTime(): NodeTime {
  return parseNodeTime(readFileSync('/proc/stat', 'utf8'));
}
