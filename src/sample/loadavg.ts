import { known, type Reading, unknown } from '../model/reading.ts';

/**
 * Parses `/proc/loadavg` (proc(5)) for the tasks that run or want to run now: its fourth field is the kernel's
 * `nr_running`, as `procs_running` of `/proc/stat` is, which stands there behind the counts of all interrupts.
 */
export function parseRunnable(text: string): Reading<number> {
  const match = /^[\d.]+ [\d.]+ [\d.]+ (\d+)\/\d+ /.exec(text);
  return match === null ? unknown('/proc/loadavg: no count of running tasks') : known(Number(match[1]));
}
