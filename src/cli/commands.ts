import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runningPid } from '../daemon/onlyOne.ts';
import type { Places } from '../model/places.ts';
import { leave, lift } from './controls.ts';
import { startDaemon } from './startDaemon.ts';
import { askStatus } from './statusClient.ts';
import { statusText, troublesOf } from './statusText.ts';

/** How long `stop` waits for a graceful exit before it kills, as the original does. */
const stopPatienceMs = 120_000;
const pollMs = 50;
/** How often `force-stop` asks the daemon what it cannot remove. */
const askMs = 1000;

/** Each command resolves to its exit code. */
export async function start(places: Places): Promise<number> {
  const { pid, already } = await startDaemon(places);
  process.stdout.write(already ? `Already running with PID ${pid}\n` : `Running with PID ${pid}\n`);
  return 0;
}

export async function forceStart(places: Places): Promise<number> {
  resume(places);
  return start(places);
}

export async function stop(places: Places): Promise<number> {
  const pid = runningPid(places);
  if (pid === null) return 0;
  signal(pid, 'SIGTERM');
  if (await hasEnded(places, pid, stopPatienceMs)) return 0;
  process.stderr.write(`PID ${pid} did not end within ${stopPatienceMs / 1000} s: killing it\n`);
  signal(pid, 'SIGKILL');
  return (await hasEnded(places, pid, stopPatienceMs)) ? 0 : 1;
}

/** `cleanUp` removes the pilots where no daemon runs to do it. */
export async function forceStop(places: Places, cleanUp: () => Promise<number>): Promise<number> {
  leave(places, 'force-stop');
  const pid = runningPid(places);
  if (pid === null) return finished(places, await cleanUp());
  signal(pid, 'SIGTERM');
  let troubles: readonly string[] = [];
  while (!(await hasEnded(places, pid, askMs))) {
    const answer = await askStatus(places);
    if (answer !== null) troubles = troublesOf(answer);
  }
  return finished(places, 0, troubles);
}

/** A force-stop that was broken off must not leave its order behind for the next daemon to find. */
function finished(places: Places, code: number, troubles: readonly string[] = []): number {
  if (!existsSync(join(places.runFolder, 'force-stop'))) return code;
  lift(places, 'force-stop');
  const lines = ['The force-stop was broken off: pilots may be left', ...troubles];
  process.stderr.write(`${lines.join('\n')}\n`);
  return 1;
}

/** A daemon that has just ended by itself is as good as one that heeds a signal. */
function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export function drain(places: Places): number {
  leave(places, 'drain');
  return 0;
}

export function drainStop(places: Places): number {
  leave(places, 'drain');
  leave(places, 'stop');
  return 0;
}

export function resume(places: Places): number {
  lift(places, 'stop');
  lift(places, 'drain');
  return 0;
}

export async function status(places: Places, asJson: boolean): Promise<number> {
  const pid = runningPid(places);
  const answer = pid === null ? null : await askStatus(places);
  if (asJson) {
    process.stdout.write(`${JSON.stringify(answer ?? { running: pid !== null, pid })}\n`);
    return pid === null ? 1 : 0;
  }
  process.stderr.write(pid === null ? 'Not running\n' : `Running with PID ${pid}\n`);
  if (answer !== null) process.stdout.write(`${statusText(answer, Date.now())}\n`);
  else if (pid !== null)
    process.stderr.write(
      'It does not tell its status: it is busy, of another version, or not yours to ask\n',
    );
  return pid === null ? 1 : 0;
}

async function hasEnded(places: Places, pid: number, patienceMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= patienceMs; waitedMs += pollMs) {
    if (runningPid(places) !== pid) return true;
    await pause(pollMs);
  }
  return false;
}
