import { setTimeout as pause } from 'node:timers/promises';
import type { Places } from '../model/places.ts';
import { findDaemon } from './findDaemon.ts';
import { askStatus } from './statusClient.ts';
import { openLines, openScreen, type View } from './topScreen.ts';

const everyMs = 1000;
const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/**
 * Watches the daemon: in place on a terminal, else a line for each change. Waits for a daemon that is not there yet.
 * Resolves to 0 when the user leaves, to 1 when the daemon was there and has ended.
 */
export async function top(places: Places): Promise<number> {
  const { stdout } = process;
  const left = new AbortController();
  const leave = (): void => left.abort();
  const view = stdout.isTTY ? openScreen(leave) : openLines((text) => stdout.write(text), Date.now);
  for (const signal of signals) process.on(signal, leave);
  // A reader that has gone (`| head`) is no fault of ours.
  stdout.on('error', leave);
  let ended = false;
  try {
    ended = await watch(places, view, left.signal);
  } finally {
    view.close();
    for (const signal of signals) process.removeListener(signal, leave);
  }
  if (ended) process.stderr.write('The daemon has ended\n');
  return ended ? 1 : 0;
}

/** Looks each second until the user leaves (false) or a daemon that was seen has ended (true). */
async function watch(places: Places, view: View, left: AbortSignal): Promise<boolean> {
  let seenPid: number | null = null;
  while (!left.aborted) {
    const pid = await findDaemon(places);
    if (pid === null && seenPid !== null) return true;
    seenPid = pid ?? seenPid;
    const status = pid === null ? null : await askStatus(places);
    if (!left.aborted) view.show(status, pid === null ? notThere(places) : silent(pid));
    await pause(everyMs, undefined, { signal: left }).catch(() => undefined);
  }
  return false;
}

function notThere(places: Places): string {
  return `No daemon runs in ${places.runFolder}: waiting for one (planctonctl start)`;
}

function silent(pid: number): string {
  return `PID ${pid} does not tell its status: it is busy or just starting, of another version, or not yours to ask`;
}
