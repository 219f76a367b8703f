import { known, type Reading, unknown } from '../model/reading.ts';
import { readKernelFile } from './kernelFile.ts';

/** Kernel ticks per second in `/proc/<pid>/stat`: USER_HZ. */
const ticksPerSecond = 100;

/** Start time of a process in ticks since boot: field 22 of `/proc/<pid>/stat` (proc(5)); with the PID it names one process. */
export function startTicksOf(pid: number): Reading<number> {
  const stat = readKernelFile(`/proc/${pid}/stat`);
  if (!stat.known) return stat;
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const ticks = Number(stat.value.slice(stat.value.lastIndexOf(')') + 2).split(' ')[19]);
  return Number.isFinite(ticks) ? known(ticks) : unknown(`/proc/${pid}/stat: no start time`);
}

/** Milliseconds that a process has run, by the kernel alone: no wall clock, so no step of it matters. */
export function ageOfProcess(pid: number): Reading<number> {
  const start = startTicksOf(pid);
  const uptime = readKernelFile('/proc/uptime');
  if (!start.known) return start;
  if (!uptime.known) return uptime;
  return known(
    Math.max(0, Number(uptime.value.split(' ')[0]) * 1000 - (start.value / ticksPerSecond) * 1000),
  );
}

/** Identifies this boot of the node: times since boot of another one mean nothing. */
export function bootId(): string {
  const id = readKernelFile('/proc/sys/kernel/random/boot_id');
  return id.known ? id.value.trim() : '';
}
