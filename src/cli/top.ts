import { setTimeout as pause } from 'node:timers/promises';
import type { Places } from '../model/places.ts';
import { findDaemon } from './findDaemon.ts';
import { whySilent } from './silence.ts';
import { canDraw } from './terminal.ts';
import { openLines } from './topLines.ts';
import { askTop, LastEnded } from './topLook.ts';
import { openScreen, type View } from './topScreen.ts';

const everyMs = 1000;
const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/**
 * Watches the daemon until the user leaves: in place on a terminal, else a line for each change. A daemon that is not there,
 * or has gone, is waited for. Gives the exit code.
 */
export async function top(places: Places): Promise<number> {
  const { stdout, env } = process;
  const left = new AbortController();
  const leave = (): void => left.abort();
  const view = canDraw(stdout, env) ? openScreen(leave) : openLines((text) => stdout.write(text), Date.now);
  for (const signal of signals) process.on(signal, leave);
  // A reader that has gone (`| head`) is no fault of ours.
  stdout.on('error', leave);
  try {
    await watch(places, view, left.signal);
  } finally {
    view.close();
    for (const signal of signals) process.removeListener(signal, leave);
  }
  return 0;
}

/** Looks each second until the user leaves. */
async function watch(places: Places, view: View, left: AbortSignal): Promise<void> {
  const ended = new LastEnded(places);
  let seenPid: number | null = null;
  let goneSince = '';
  while (!left.aborted) {
    const pid = await findDaemon(places, { signal: left });
    const answer = pid === null ? null : await askTop(places, left);
    if (left.aborted) return;
    if (pid !== null) goneSince = '';
    else if (seenPid !== null && goneSince === '') goneSince = new Date().toTimeString().slice(0, 8);
    if (answer !== null) view.show({ ...answer, ended: ended.read() });
    else
      view.note(
        pid === null
          ? notThere(places, seenPid, goneSince)
          : `PID ${pid} does not answer: ${whySilent(pid, places)}`,
        ended.read(),
      );
    seenPid = pid ?? seenPid;
    await pause(everyMs, undefined, { signal: left }).catch(() => undefined);
  }
}

function notThere({ runFolder }: Places, seenPid: number | null, goneSince: string): string {
  const what =
    seenPid === null
      ? `No daemon runs in ${runFolder}`
      : `The daemon (PID ${seenPid}) has ended, since ${goneSince} none runs in ${runFolder}`;
  return `${what}: waiting for one (planctonctl start)`;
}
