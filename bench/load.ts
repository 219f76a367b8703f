import { spawn } from 'node:child_process';
import { cpus } from 'node:os';

/** A program that keeps a CPU busy and ends by itself, whatever becomes of us. */
const busy = 'const end = Date.now() + Number(process.argv[1]); while (Date.now() < end);';

/** Loads the machine: one busy process for each CPU, at the usual priority, for at most this long. Gives how to end it. */
export function loadMachine(atMostMs: number): () => void {
  const hogs = cpus().map(() => spawn(process.execPath, ['-e', busy, String(atMostMs)], { stdio: 'ignore' }));
  return () => {
    for (const hog of hogs) hog.kill('SIGKILL');
  };
}
