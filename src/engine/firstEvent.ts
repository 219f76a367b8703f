import type { Engine } from '../model/engine.ts';
import { answerDeadlineMs } from './deadline.ts';
import { createLineReader, eventTimeOf } from './eventStream.ts';
import type { Session } from './session.ts';

/** Docker keeps the last 256 events, of all sorts, in memory; fewer are all that there have been since it began. */
const keptEvents = 256;

/** How far back the engine's events go; see `Engine.firstEventMs`. */
export function createFirstEvent(session: Session): Engine['firstEventMs'] {
  return async (signal) => {
    // Podman's events outlive it, and there may be years of them.
    if (session.info()?.product !== 'docker') return null;
    // Docker ends the stream by itself only where its end is past.
    const untilMs = Date.now() - 1;
    const query = { since: '1', until: (untilMs / 1000).toFixed(3) };
    const request = { method: 'GET', path: '/events', query } as const;
    const { text } = await session.send('read past events', answerDeadlineMs, signal, request);
    const times: number[] = [];
    createLineReader((line) => times.push(eventTimeOf(line)))(Buffer.from(`${text}\n`));
    return times.length >= keptEvents ? null : Math.min(untilMs, ...times);
  };
}
