import { isInFlight } from '../decide/slots.ts';
import { rulesOf } from '../decide/kindPolicy.ts';
import { lifeFactsOf, outcomeOf } from '../decide/outcome.ts';
import type { Policy, Sample } from '../decide/types.ts';
import { recordOf } from '../act/pilotEnd.ts';
import type { EndReport } from '../model/action.ts';
import type { PilotRecord } from '../model/history.ts';
import type { RecordSurroundings } from '../model/keep.ts';
import type { Pilot } from '../model/pilot.ts';

/** A pilot that somebody else removed, and how its life went as far as it was seen. */
export interface Vanished {
  readonly pilot: Pilot;
  readonly report: EndReport;
}

/**
 * The ends of pilots that were there at the tick before and are not any more, though nobody of us removed them: a hand,
 * or another program. Their end is told as far as it was seen; where it was not, they are lost.
 */
export function vanished(before: Sample | null, now: Sample, policy: Policy): Vanished[] {
  if (before === null || !now.engine.listed || before.engine.pilots === now.engine.pilots) return [];
  const there = new Set(now.engine.pilots.map(({ id }) => id));
  return before.engine.pilots
    .filter((pilot) => pilot.managed && pilot.state !== 'created' && !there.has(pilot.id))
    .filter(({ name }) => !removedByUs(before, now, name))
    .map((pilot) => ({ pilot, report: reportOf(pilot, policy, now.atMs) }));
}

/** What is kept of such a pilot for good; `nowWallMs` stands for its end, which nobody has stamped. */
export function recordOfVanished(
  { pilot, report }: Vanished,
  surroundings: RecordSurroundings,
  nowWallMs: number,
): PilotRecord {
  const life = lifeFactsOf(pilot, undefined);
  const record = recordOf(pilot.id, report, null, life, surroundings, nowWallMs);
  const startedAtWallMs = pilot.startedAtMs.known ? nowWallMs - report.livedMs : null;
  return { ...record, imageId: pilot.imageId, startedAtWallMs };
}

function removedByUs(before: Sample, now: Sample, name: string): boolean {
  const isDone = now.results.some(
    ({ action }) => (action.do === 'reap' || action.do === 'remove') && action.name === name,
  );
  return isDone || isInFlight(before, 'remove', name) || isInFlight(now, 'remove', name);
}

function reportOf(pilot: Pilot, policy: Policy, nowMs: number): EndReport {
  const { name, end, startedAtMs } = pilot;
  return {
    name,
    outcome: outcomeOf(rulesOf(policy, pilot), end),
    killed: false,
    started: true,
    exitCode: end?.exitCode ?? null,
    outOfMemory: false,
    livedMs: end?.livedMs ?? (startedAtMs.known ? nowMs - startedAtMs.value : 0),
    startError: '',
  };
}
