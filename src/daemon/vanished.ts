import { isInFlight } from '../decide/slots.ts';
import type { Sample } from '../decide/types.ts';
import type { EndReport } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';

/**
 * The ends of pilots that were there at the tick before and are not any more, though nobody of us removed them: a hand,
 * or another program. Their end is told as far as it was seen; where it was not, they are lost.
 */
export function vanished(before: Sample | null, now: Sample): EndReport[] {
  if (before === null || !now.engine.listed) return [];
  const there = new Set(now.engine.pilots.map(({ id }) => id));
  return before.engine.pilots
    .filter((pilot) => pilot.managed && pilot.state !== 'created' && !there.has(pilot.id))
    .filter(({ name }) => !removedByUs(before, now, name))
    .map((pilot) => reportOf(pilot, now.atMs));
}

function removedByUs(before: Sample, now: Sample, name: string): boolean {
  const isDone = now.results.some(
    ({ action }) => (action.do === 'reap' || action.do === 'remove') && action.name === name,
  );
  return isDone || isInFlight(before, 'remove', name) || isInFlight(now, 'remove', name);
}

function reportOf({ name, end, startedAtMs }: Pilot, nowMs: number): EndReport {
  const exitCode = end?.exitCode ?? null;
  return {
    name,
    outcome: exitCode === null ? 'lost' : exitCode === 0 ? 'finished' : 'failed',
    killed: false,
    started: true,
    exitCode,
    outOfMemory: false,
    livedMs: end?.livedMs ?? (startedAtMs.known ? nowMs - startedAtMs.value : 0),
    startError: '',
  };
}
