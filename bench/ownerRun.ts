import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What an owner's program told at its end. */
interface Told<T> {
  /** One message of each thread. */
  readonly threads: readonly T[];
  /** CPU time of all of them. */
  readonly cpuMs: number;
}

/** An owner's program that has been started. */
export interface OwnerRun<T> {
  readonly pid: number;
  /** Rejects when it ended otherwise than by itself. */
  readonly told: Promise<Told<T>>;
}

/** Runs the same program in some threads, and tells their messages. */
const host = `
const { Worker } = require('node:worker_threads');
const [program, threads, ...args] = process.argv.slice(1);
const told = [];
for (let one = 0; one < Number(threads); one += 1) {
  new Worker(program, { eval: true, workerData: args.map(Number) }).on('message', (message) => told.push(message));
}
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  require('node:fs').writeSync(1, JSON.stringify({ threads: told, cpuMs: (user + system) / 1000 }));
});
`;
const prelude = `const { parentPort, workerData } = require('node:worker_threads');\n`;

/**
 * Starts an owner's program with some threads, in a session of its own as somebody's job is: what the kernel shares out
 * by sessions (autogroups, sched(7)) it gets once, as a job does. `group`: the folder of a control group to be in.
 */
export function startOwner<T>(
  program: string,
  args: readonly number[],
  threads: number,
  signal: AbortSignal,
  group: string | null = null,
): OwnerRun<T> {
  signal.throwIfAborted();
  const node = [process.execPath, '-e', host, prelude + program, String(threads), ...args.map(String)];
  const enter = ['/bin/sh', '-c', 'echo $$ >"$0" && exec "$@"', join(group ?? '', 'cgroup.procs')];
  const [file = '', ...words] = group === null ? node : [...enter, ...node];
  const child = spawn(file, words, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  // Not spawn's own way to heed a signal: that one tells the end before the process has ended.
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  const told = async (): Promise<Told<T>> => {
    const [words, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    signal.removeEventListener('abort', kill);
    if (code !== 0) throw new Error(`the owner’s program ended with ${String(code)}`);
    return JSON.parse(words) as Told<T>;
  };
  return { pid: child.pid ?? 0, told: told() };
}
