import { closeSync, writeSync } from 'node:fs';
import { hostname as readHostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { catchEndSignals, type EndSignals } from '../daemon/endSignals.ts';
import { withLog } from '../daemon/ownLog.ts';
import { type Hold, removePid, runningPid, takePlace, writePid } from '../daemon/onlyOne.ts';
import { settingsReader } from '../daemon/readSettings.ts';
import { BadConfiguration } from '../daemon/settingsKeeper.ts';
import { sayReadyToSystemd } from '../daemon/systemd.ts';
import { runDaemon } from '../daemon/run.ts';
import { makeFolder } from '../daemon/stateStore.ts';
import type { Places } from '../model/places.ts';
import { socketPathFault } from '../serve/statusServer.ts';
import { explain, UserFault } from './fault.ts';
import { findDaemon } from './findDaemon.ts';
import { askStatus } from './statusClient.ts';

/** The end of a daemon takes what is in flight and what is left to be sent: seconds. */
const endPatienceMs = 30_000;
/** From taking the place to the file that names who took it are milliseconds, on a busy machine some more. */
const namePatienceMs = 5000;
const pollMs = 50;

/**
 * Runs the daemon in this process; resolves to the exit code. With a ready descriptor (see `startDaemon`) it speaks
 * there and keeps quiet otherwise.
 */
export async function runForeground(places: Places, endsAfterForceStop = false): Promise<number> {
  const endSignals = catchEndSignals();
  const ready = readyPipe();
  try {
    const socketFault = socketPathFault(join(places.runFolder, 'plancton.sock'));
    if (socketFault !== null) throw new UserFault(socketFault);
    for (const folder of [places.runFolder, places.stateFolder, dirname(places.pidFile)]) makeFolder(folder);
    await waitWhileEnding(places, endSignals);
    const hold = await placeOrHolder(places);
    if (hold === null || typeof hold === 'number') return alreadyRunning(places, hold, ready);
    writePid(places);
    try {
      const hostname = readHostname();
      const own = { folder: places.logFolder, foreground: ready === null, hostname, explain: wordsOf };
      let isWell = true;
      await withLog(own, async (log) => {
        isWell = await runDaemon({
          places,
          hostname,
          log,
          endsAfterForceStop,
          readSettings: settingsReader(import.meta.dirname),
          hold,
          endSignals,
          onReady: () => ready?.say(askedToEnd(endSignals, 'it was ready') ?? 'ready'),
        });
      });
      return isWell ? 0 : 1;
    } catch (error) {
      // In the foreground the log has said it there.
      ready?.say(wordsOf(error));
      return 1;
    } finally {
      removePid(places);
      hold.release();
    }
  } catch (error) {
    const text = explain(error);
    if (ready === null) process.stderr.write(`planctonctl: ${text}\n`);
    else ready.say(text);
    return 1;
  }
}

function wordsOf(error: unknown): string {
  return error instanceof BadConfiguration ? [...error.problems, error.message].join('\n') : explain(error);
}

/** A daemon that was asked to end still holds its place while it tells the world its last: it is not one that runs. */
async function waitWhileEnding(places: Places, endSignals: EndSignals): Promise<void> {
  const pid = runningPid(places);
  if (pid !== null && (await askStatus(places))?.ending === true) {
    for (let waitedMs = 0; waitedMs < endPatienceMs && runningPid(places) === pid; waitedMs += pollMs) {
      if (endSignals.first() !== null) break;
      await pause(pollMs);
    }
  }
  const asked = askedToEnd(endSignals, 'it began');
  if (asked !== null) throw new UserFault(asked);
}

function askedToEnd(endSignals: EndSignals, before: string): string | null {
  const signal = endSignals.first();
  return signal === null ? null : `it was asked to end (${signal}) before ${before}`;
}

/**
 * The place of the one daemon, or the PID of who has it; null when somebody has it who says nothing of himself. Who
 * just takes it or lets it go is unnamed for a moment.
 */
async function placeOrHolder(places: Places): Promise<Hold | number | null> {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const hold = runningPid(places) === null ? takePlace(places.runFolder) : null;
    const holder = hold ?? (await findDaemon(places));
    if (holder !== null || waitedMs >= namePatienceMs) return holder;
    await pause(pollMs);
  }
}

function alreadyRunning(places: Places, pid: number | null, ready: ReadyPipe | null): number {
  // To systemd, a unit that finds its daemon running has done its work: not ready would be a failure to try again.
  sayReadyToSystemd();
  if (pid === null)
    throw new UserFault(`another daemon is just starting or ending in ${places.runFolder}: try again`);
  if (ready === null) process.stderr.write(`Already running with PID ${pid}\n`);
  else ready.say(`running ${pid}`);
  return 0;
}

interface ReadyPipe {
  /** Says it and closes: the one who waits reads until then. */
  say(text: string): void;
}

function readyPipe(): ReadyPipe | null {
  const descriptor = Number(process.env['PLANCTON_READY'] ?? Number.NaN);
  delete process.env['PLANCTON_READY'];
  if (!Number.isInteger(descriptor)) return null;
  let open = true;
  return {
    say(text) {
      if (!open) return;
      open = false;
      try {
        writeSync(descriptor, `${text}\n`);
      } catch {
        // Who asked for the start has gone: a daemon that is in place goes on.
      }
      closeSync(descriptor);
    },
  };
}
