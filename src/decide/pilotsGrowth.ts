import type { PilotUse } from '../model/host.ts';
import type { Pilot } from '../model/pilot.ts';
import { mapReading, type Reading, readingOr, unknown } from '../model/reading.ts';
import { rulesOf } from './kindPolicy.ts';
import type { Policy, Sample, Seen } from './types.ts';

/*
 * Pilots' own growth. What they are about to take of the owner's reserve is reckoned with like what he is about to take.
 * A pilot stops at its limit at the latest; and where some grow while others shrink by as much nothing is taken, so that
 * it is the sum that counts.
 */

/** What pilots used at one look, by container id: not all of them were read at it. */
interface UsesLook {
  readonly atMs: number;
  readonly uses: ReadonlyMap<string, PilotUse>;
}

/** What pilots used at the last looks: paces are told by the differences alone. */
export interface PilotPaces {
  /** The last look, and the two before it as far as there were any. */
  readonly looks: readonly [UsesLook, UsesLook | undefined, UsesLook | undefined];
  /** Change of the memory of all of them, in bytes a second, between the last two looks and between the two before. */
  readonly rate: Reading<number>;
  readonly rateBefore: Reading<number>;
}

/** The paces at the first look: none is known. */
export function noPaces(sample: Sample): PilotPaces {
  const none = unknown('the first reading has nothing to be compared with');
  return { looks: [lookOf(sample), undefined, undefined], rate: none, rateBefore: none };
}

/** The paces after one more look; `before` is the sample of the look before it. */
export function followPaces(paces: PilotPaces, before: Sample, now: Sample): PilotPaces {
  const [last, beforeLast] = paces.looks;
  const bytesBefore = before.host.pilotsMemoryBytes;
  const rate = bytesBefore.known
    ? mapReading(now.host.pilotsMemoryBytes, (bytes) =>
        perSecond(bytes - bytesBefore.value, now.atMs - before.atMs),
      )
    : bytesBefore;
  return { looks: [lookOf(now), last, beforeLast], rate, rateBefore: paces.rate };
}

function lookOf({ atMs, host }: Sample): UsesLook {
  return { atMs, uses: host.pilotUse };
}

function perSecond(bytes: number, ms: number): number {
  return ms > 0 ? (bytes / ms) * 1000 : 0;
}

/** What pilots are about to take, in bytes. */
export interface PilotsForesight {
  readonly perSecond: number;
  readonly takenBytes: number;
  /** The part of it that one of them takes. */
  by(pilot: Pilot): number;
}

const nothing: PilotsForesight = { perSecond: 0, takenBytes: 0, by: () => 0 };

/**
 * What these pilots will have taken in `aheadMs`, at the pace at which they grow together: the lesser one of what two
 * looks in a row showed, as a single step is no pace; and each of them no more than its limit leaves it. Where not all of
 * them were read at this look, it is the pace of their parent cgroup, to which those belong that were asked to go.
 */
export function pilotsForesight(
  policy: Policy,
  { paces }: Pick<Seen, 'paces'>,
  pilots: readonly Pilot[],
  aheadMs: number,
): PilotsForesight {
  const { now, before, areAllRead } = pacesOf(paces, pilots);
  const pace = Math.max(0, Math.min(now, before));
  if (pace === 0) return nothing;
  const seconds = aheadMs / 1000;
  const [look, lookBefore] = paces.looks;
  const mostOf = (pilot: Pilot): number => {
    if (pilot.state !== 'running') return 0;
    const left = rulesOf(policy, pilot).memoryBytes - (look.uses.get(pilot.id)?.memoryBytes ?? 0);
    const grows = areAllRead ? seconds * rateOf(lookBefore, look, pilot) : left;
    return Math.max(0, Math.min(left, grows));
  };
  const mostBytes = pilots.reduce((sum, pilot) => sum + mostOf(pilot), 0);
  const takenBytes = Math.min(mostBytes, pace * seconds);
  if (takenBytes === 0) return nothing;
  return {
    perSecond: takenBytes / seconds,
    takenBytes,
    by: (pilot) => (takenBytes * mostOf(pilot)) / mostBytes,
  };
}

/** The pace between the last two looks: the next look finds no more of it to last. */
export function latestPace({ paces }: Pick<Seen, 'paces'>, pilots: readonly Pilot[]): number {
  return Math.max(0, readingOr(paces.rate, 0), pacesOf(paces, pilots).now);
}

/** How fast these pilots grow together: between the last two looks, and between the two before them. */
function pacesOf(
  { looks: [look, before, beforeThat], rate, rateBefore }: PilotPaces,
  pilots: readonly Pilot[],
): { readonly now: number; readonly before: number; readonly areAllRead: boolean } {
  const ofAll = { now: readingOr(rate, 0), before: readingOr(rateBefore, 0), areAllRead: false };
  if (before === undefined || pilots.length === 0 || !areRead(look, pilots)) return ofAll;
  const sum = (from: UsesLook | undefined, to: UsesLook): number =>
    pilots.reduce((all, pilot) => all + rateOf(from, to, pilot), 0);
  const there = pilots.filter(({ id }) => before.uses.has(id));
  return {
    now: sum(before, look),
    before: areRead(before, there) ? sum(beforeThat, before) : ofAll.before,
    areAllRead: true,
  };
}

/** Whether all of these were read at this very look. */
function areRead({ uses, atMs }: UsesLook, pilots: readonly Pilot[]): boolean {
  return pilots.every(({ id }) => uses.get(id)?.readAtMs === atMs);
}

/** How fast a pilot grew until a look; one that was not there at the look before held nothing then. */
function rateOf(from: UsesLook | undefined, to: UsesLook, { id }: Pilot): number {
  const [first, last] = [from?.uses.get(id), to.uses.get(id)];
  if (from === undefined || last === undefined) return 0;
  return perSecond(
    last.memoryBytes - (first?.memoryBytes ?? 0),
    last.readAtMs - (first?.readAtMs ?? from.atMs),
  );
}
