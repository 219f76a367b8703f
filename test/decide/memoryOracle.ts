import type { Pilot } from '../../src/model/pilot.ts';
import { at, type Moment } from './moments.ts';

/*
 * What memory lacks, reckoned from the plain numbers of a moment, so that the rules are not their own judge.
 */

const limitBytes = 2e9;
const reserveBytes = 0.05 * 64e9;

/** What one of these pilots holds: as it was read, or a quarter of the 2 GB that each may use. */
function held({ seen }: Moment, { id }: Pilot): number {
  return seen.sample.host.pilotUse.get(id)?.memoryBytes ?? limitBytes / 4;
}

/** What these pilots hold. */
export function heldBytes(moment: Moment, pilots: readonly Pilot[]): number {
  return pilots.reduce((sum, pilot) => sum + held(moment, pilot), 0);
}

/** What each of these pilots will have taken so many seconds from now, at the lesser of their last two paces together. */
function growth(moment: Moment, pilots: readonly Pilot[], seconds: number): (pilot: Pilot) => number {
  const [now, before, beforeThat] = moment.seen.paces.looks;
  const paceBetween = (from: typeof before, to: typeof before, { id }: Pilot): number =>
    (to?.uses.get(id)?.memoryBytes ?? 0) - (from?.uses.get(id)?.memoryBytes ?? 0);
  const areRead = now.uses.size > 0 && pilots.length > 0;
  const sum = (of: (pilot: Pilot) => number): number => pilots.reduce((all, pilot) => all + of(pilot), 0);
  const { rate, rateBefore } = moment.seen.paces;
  const together = areRead
    ? [sum((one) => paceBetween(before, now, one)), sum((one) => paceBetween(beforeThat, before, one))]
    : [rate.known ? rate.value : 0, rateBefore.known ? rateBefore.value : 0];
  const most = (pilot: Pilot): number => {
    if (pilot.state !== 'running') return 0;
    const left = limitBytes - (areRead ? held(moment, pilot) : 0);
    return Math.max(0, areRead ? Math.min(left, seconds * paceBetween(before, now, pilot)) : left);
  };
  const share = Math.min(1, (seconds * Math.max(0, Math.min(...together))) / Math.max(1, sum(most)));
  return (pilot) => share * most(pilot);
}

/** What the owner and these pilots take of the reserve until the next look, when nobody goes; each pilot's part of it. */
export function takenByNextLook(
  moment: Moment,
  pilots: readonly Pilot[],
): { bytes: number; by: (pilot: Pilot) => number } {
  const by = growth(moment, pilots, 1);
  return { bytes: ownersPace(moment) + pilots.reduce((sum, pilot) => sum + by(pilot), 0), by };
}

function ownersPace({ seen }: Moment): number {
  return seen.ownerMemoryGrowth.known ? seen.ownerMemoryGrowth.value : 0;
}

/**
 * What is missing of the owner's twentieth of 64 GB, in three seconds at his pace of now and in two at that of those who
 * stay, when those have gone that were asked to less than their 10 s of grace and 7 s ago, but for who was killed or could
 * not be, and `gone` as well, with what they would have taken; nothing is negative. `others` go for another reason.
 */
export function missingBytes(
  moment: Moment,
  stay: readonly Pilot[],
  gone: readonly Pilot[],
  others: readonly Pilot[] = [],
): number {
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
  const { availableBytes } = seen.memory.value;
  const growing = stay.filter((pilot) => !others.includes(pilot));
  const by = growth(moment, growing, 2);
  const left = growing.filter((pilot) => !gone.includes(pilot));
  const takenBytes = 3 * ownersPace(moment) + left.reduce((sum, pilot) => sum + by(pilot), 0);
  const freedBytes = heldBytes(moment, [...coming, ...gone, ...others]);
  return Math.max(0, reserveBytes - availableBytes + takenBytes - freedBytes);
}
