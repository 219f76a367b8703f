import type { Pilot } from '../../src/model/pilot.ts';
import { at, type Moment } from './moments.ts';

/*
 * What memory lacks, reckoned from the plain numbers of a moment, so that the rules are not their own judge.
 */

/** What these pilots hold: as it was read, or a quarter of the 2 GB that each may use. */
export function heldBytes({ seen }: Moment, pilots: readonly Pilot[]): number {
  return pilots.reduce((sum, { id }) => sum + (seen.sample.host.pilotUse.get(id)?.memoryBytes ?? 0.5e9), 0);
}

/**
 * What is missing of the owner's twentieth of 64 GB, in three seconds at his pace of now, when those have gone that were
 * asked to less than their 10 s of grace and 7 s ago, but for who was killed or could not be; nothing is negative.
 */
export function missingBytes(moment: Moment): number {
  const { seen, memory, policy: rules } = moment;
  if (!rules.nodeIsEngines || !seen.memory.known) return 0;
  const { inFlight } = seen.sample;
  const coming = seen.sample.engine.pilots.filter(({ name, state, managed }) => {
    if (!managed || (state !== 'running' && state !== 'paused')) return false;
    const asked = memory.leaving.find(({ pilot }) => pilot === name);
    if (asked !== undefined) return asked.failedKills === undefined && at - (asked.sinceMs ?? at) < 17_000;
    const flight = inFlight.find(({ action }) => {
      const isEnd = action.do === 'stop' || action.do === 'kill';
      return isEnd && action.name === name;
    });
    return flight !== undefined && at - flight.sinceMs < 17_000;
  });
  const pace = seen.ownerMemoryGrowth.known ? seen.ownerMemoryGrowth.value : 0;
  const { availableBytes } = seen.memory.value;
  return Math.max(0, 0.05 * 64e9 - availableBytes + 3 * pace - heldBytes(moment, coming));
}
