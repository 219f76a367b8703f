import { setTimeout as wait } from 'node:timers/promises';
import { mustRun, read, run, until } from './guest.ts';

const settleMs = 1000;

/** Work of the owner: a service of the node, in `system.slice` as any other. */
export interface OwnersWork {
  readonly unit: string;
  /** The folder of its cgroup. */
  readonly group: string;
  isActive(): Promise<boolean>;
  end(): Promise<void>;
}

/** Has systemd start a program. */
export async function startWork(name: string, ...words: string[]): Promise<OwnersWork> {
  const unit = `${name}.service`;
  await mustRun('systemd-run', '--quiet', `--unit=${unit}`, ...words);
  return {
    unit,
    group: `/sys/fs/cgroup/system.slice/${unit}`,
    isActive: async () => (await run('systemctl', 'is-active', unit)).text.trim() === 'active',
    async end() {
      await run('systemctl', 'kill', '--signal=KILL', unit);
      await run('systemctl', 'stop', unit);
      await run('systemctl', 'reset-failed', unit);
    },
  };
}

/** The same for two tasks that want all of two CPUs; they have begun when it resolves. */
export async function startLoops(name: string): Promise<OwnersWork> {
  const work = await startWork(name, '/bin/sh', '-c', 'while :; do :; done & while :; do :; done');
  const begun = (): boolean => read(`${work.group}/cgroup.procs`).split('\n').length === 2;
  await until('two loops', begun);
  // A shell forks before it loops, and moves from CPU to CPU at first.
  await wait(settleMs);
  return work;
}

/** CPUs that each of these groups keeps busy, a mean over this time. */
export async function cpusOf(groups: readonly string[], overMs: number): Promise<number[]> {
  const usedMs = (): number[] =>
    groups.map((group) => Number(/^usage_usec (\d+)$/m.exec(read(`${group}/cpu.stat`))?.[1]) / 1000);
  const beganMs = performance.now();
  const before = usedMs();
  await wait(overMs);
  const after = usedMs();
  const elapsedMs = performance.now() - beganMs;
  return after.map((ms, index) => (ms - (before[index] ?? 0)) / elapsedMs);
}

/** Bytes of the node's memory that are available, and of all of it (proc_meminfo(5)). */
export function memory(): { readonly availableBytes: number; readonly totalBytes: number } {
  const text = read('/proc/meminfo');
  const bytes = (name: string): number =>
    1024 * Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]);
  return { availableBytes: bytes('MemAvailable'), totalBytes: bytes('MemTotal') };
}

/** Bytes as megabytes, for a line that tells what was seen. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
