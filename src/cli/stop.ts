import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { follow } from '../daemon/onlyOne.ts';
import type { Places } from '../model/places.ts';
import { leave, lift } from './controls.ts';
import { findDaemon } from './findDaemon.ts';
import { ForceStopStory } from './forceStopStory.ts';
import { askStatus } from './statusClient.ts';

/** How long `stop` waits for a graceful exit before it kills, as the original does. */
const stopPatienceMs = 120_000;
const pollMs = 50;
/** How long one answer of the daemon is waited for. */
const answerMs = 2000;
/** How often the daemon is asked what it waits for. */
const askMs = 1000;
/** What a shell expects of a command that ended by Ctrl-C: 128 and the signal's number. */
const interrupted = 130;

/**
 * Ends the daemon, and kills one that is still there after `patienceMs`; resolves to the exit code. A force-stop that
 * waits for an engine that is away is broken off.
 */
export async function stop(places: Places, patienceMs = stopPatienceMs): Promise<number> {
  const pid = await findDaemon(places);
  if (pid === null) return 0;
  const runs = follow(pid);
  const endMs = performance.now() + patienceMs;
  const leftMs = (): number => Math.max(0, endMs - performance.now());
  signal(pid, 'SIGTERM');
  for (let told = false; leftMs() > 0; ) {
    if (await hasEnded(runs, Math.min(askMs, leftMs()))) return 0;
    if (told || leftMs() === 0) continue;
    // One that hangs takes the question and never answers.
    const answer = await askStatus(places, { patienceMs: Math.min(answerMs, leftMs()) });
    if (answer?.control.forceStop !== true || answer.engine.answering) continue;
    told = true;
    process.stderr.write(
      `A force-stop waits for an engine that does not answer: it is broken off, pilots may be left; its order stands while ${orderFile(places)} is there\n`,
    );
    // To a daemon that is ending already: at once.
    signal(pid, 'SIGINT');
  }
  process.stderr.write(`PID ${pid} did not end within ${patienceMs / 1000} s: killing it\n`);
  signal(pid, 'SIGKILL');
  return (await hasEnded(runs, stopPatienceMs)) ? 0 : 1;
}

/**
 * Removes every pilot and ends the daemon; resolves to the exit code. `cleanUp` removes the pilots where no daemon runs
 * to do it. Interrupted, the order stands: the daemon has it, and whoever wants none of it says `stop`.
 */
export async function forceStop(places: Places, cleanUp: () => Promise<number>): Promise<number> {
  const pid = await findDaemon(places);
  leave(places, 'force-stop');
  if (pid === null) return finished(places, await cleanUp());
  const runs = follow(pid);
  const letGo = onInterrupt(() => {
    process.stderr.write(
      `The order stands: the daemon (PID ${pid}) goes on and ends when it is done; to end it without: planctonctl stop; to withdraw the order: rm ${orderFile(places)}\n`,
    );
    process.exit(interrupted);
  });
  signal(pid, 'SIGTERM');
  const story = new ForceStopStory();
  while (!(await hasEnded(runs, askMs))) {
    const news = story.take(await askStatus(places), performance.now());
    if (news !== null) process.stderr.write(`${news}\n`);
  }
  letGo();
  return finished(places, 0, story.troubles());
}

const orderFile = ({ runFolder }: Places): string => join(runFolder, 'force-stop');

/** A force-stop that was broken off must not leave its order behind for the next daemon to find. */
function finished(places: Places, code: number, troubles: readonly string[] = []): number {
  if (!existsSync(orderFile(places))) return code;
  lift(places, 'force-stop');
  const lines = [
    'The force-stop was broken off: pilots may be left',
    ...troubles,
    'When that is mended, remove them with another planctonctl force-stop',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  return 1;
}

/** Calls `what` at Ctrl-C until it is let go of. */
function onInterrupt(what: () => void): () => void {
  process.once('SIGINT', what);
  return () => process.removeListener('SIGINT', what);
}

/** A daemon that has just ended by itself is as good as one that heeds a signal. */
function signal(pid: number, name: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function hasEnded(runs: () => boolean, patienceMs: number): Promise<boolean> {
  for (const endMs = performance.now() + patienceMs; performance.now() < endMs; await pause(pollMs))
    if (!runs()) return true;
  return !runs();
}
