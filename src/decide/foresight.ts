import type { MemoryLevels } from '../model/host.ts';
import type { Pilot } from '../model/pilot.ts';
import { censusOf } from './census.ts';
import { largestKind } from './kindPolicy.ts';
import { bytesText } from './numbers.ts';
import { latestPace, pilotsForesight } from './pilotsGrowth.ts';
import type { Policy, Sample, Seen } from './types.ts';

/** What is taken until notice has freed anything is counted in advance, for at most this long. */
const longestForesightMs = 3000;
/** The same of what pilots take. */
const pilotsForesightMs = 2000;
/** A tick passes before what grows is seen again. */
const tickMs = 1000;

/**
 * Memory that can be had: what the kernel calls available, and what was freed a moment ago and lies with single CPUs. It
 * tells apart what is still to come of a pilot that ended and what is there.
 */
export function obtainable({ availableBytes, atHandBytes = 0 }: MemoryLevels): number {
  return availableBytes + atHandBytes;
}

/** What is about to be taken of the memory that is there, in bytes. */
export interface Foresight {
  /** What the owner takes in a second, and what these pilots do. */
  readonly ownerPerSecond: number;
  readonly pilotsPerSecond: number;
  /** What both will have taken by the time that is foreseen. */
  readonly takenBytes: number;
  /** The part of it that one pilot takes. */
  by(pilot: Pilot): number;
}

type Growing = Pick<Seen, 'ownerMemoryGrowth' | 'paces' | 'sample'>;

/** What the owner and these pilots will have taken by the time that notice can free anything. */
export function foresight(policy: Policy, seen: Growing, pilots: readonly Pilot[]): Foresight {
  const { sample } = seen;
  const pilotsMs = aheadMs(policy, sample, pilotsForesightMs);
  return foreseen(policy, seen, pilots, aheadMs(policy, sample, longestForesightMs), pilotsMs);
}

/** The same by the next look. */
export function foresightOfTick(policy: Policy, seen: Growing, pilots: readonly Pilot[]): Foresight {
  return foreseen(policy, seen, pilots, tickMs, tickMs);
}

function foreseen(
  policy: Policy,
  seen: Growing,
  pilots: readonly Pilot[],
  ownerMs: number,
  pilotsMs: number,
): Foresight {
  const ofPilots = pilotsForesight(policy, seen, pilots, pilotsMs);
  const growth = seen.ownerMemoryGrowth;
  const ownerPerSecond = growth.known ? Math.max(0, growth.value) : 0;
  return {
    ownerPerSecond,
    pilotsPerSecond: ofPilots.perSecond,
    takenBytes: ofPilots.takenBytes + (ownerPerSecond * ownerMs) / 1000,
    by: (pilot) => ofPilots.by(pilot),
  };
}

/** The most that the look after this one may foresee: of each pace it counts the lesser one of two looks in a row. */
export function mostForesight(policy: Policy, seen: Seen): number {
  const { sample, ownerMemoryRate: rate } = seen;
  const ownerBytes =
    rate.known && rate.value > 0 ? rate.value * aheadMs(policy, sample, longestForesightMs) : 0;
  // Which pilots they are that grow is told by two looks at all of them.
  const pilotsMs = aheadMs(policy, sample, pilotsForesightMs) + tickMs;
  return (ownerBytes + latestPace(seen, censusOf(sample.engine.pilots).alive) * pilotsMs) / 1000;
}

function aheadMs(policy: Policy, sample: Sample, mostMs: number): number {
  return Math.min(mostMs, longestGraceMs(policy, sample) + tickMs);
}

/** The longest time that a pilot may have between its notice and its end; no more exactly than it matters. */
function longestGraceMs(policy: Policy, sample: Sample): number {
  const mostMs = largestKind(policy).stopGraceMs;
  if (mostMs >= longestForesightMs) return mostMs;
  return Math.max(mostMs, ...sample.engine.pilots.map(({ rules }) => rules?.stopGraceMs ?? 0));
}

/** Who takes how much more. */
export function paceText({ ownerPerSecond, pilotsPerSecond }: Foresight): string {
  const owner = `the owner takes ${bytesText(ownerPerSecond)} more`;
  if (pilotsPerSecond === 0) return `${owner} each second`;
  const pilots = bytesText(pilotsPerSecond);
  return ownerPerSecond === 0
    ? `pilots take ${pilots} more each second`
    : `${owner} and pilots ${pilots} each second`;
}
