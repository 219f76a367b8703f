import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';

/** Starts an owner who keeps every CPU of this machine busy; gives what ends him. */
export function startHogs(): () => Promise<void> {
  const hogs: ChildProcess[] = cpus().map(() =>
    spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }),
  );
  return async () => {
    const ends = hogs.splice(0).map(async (hog) => {
      const ended = once(hog, 'exit');
      hog.kill('SIGKILL');
      await ended;
    });
    await Promise.all(ends);
  };
}
