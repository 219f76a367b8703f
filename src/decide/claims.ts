import type { Pilot } from '../model/pilot.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import { kindNameOf, type KindPolicy, rulesOf } from './kindPolicy.ts';
import { isAlive } from './slots.ts';
import type { Policy, Seen } from './types.ts';

/** A pilot's memory is not all used at once: for this long it counts for at least a share of its limit. */
const youngMs = 60_000;
/** That share; also what counts of a pilot whose use is not known. */
const claimShare = 0.25;
/** An old pilot's use may still grow by this share of it. */
const growthShare = 0.1;

/** The least that a new pilot claims, and what one counts for whose use is not known: a quarter of its limit. */
export function leastClaim({ memoryBytes }: Pick<KindPolicy, 'memoryBytes'>): number {
  return memoryBytes * claimShare;
}

/** The least that this one claims. */
function leastClaimOf(policy: Policy, pilot: Pilot): number {
  return leastClaim(rulesOf(policy, pilot));
}

/** Memory that a pilot uses, by its own cgroup. */
export function memoryOf(seen: Seen, pilot: Pilot): Reading<number> {
  const use = seen.sample.host.pilotUse.get(pilot.id);
  return use === undefined ? unknown('its cgroup was not read') : known(use.memoryBytes);
}

/** CPU time that a pilot has used; unknown where its cgroup was not read. */
export function cpuTimeOf(seen: Seen, pilot: Pilot): Reading<number> {
  const use = seen.sample.host.pilotUse.get(pilot.id);
  return use === undefined ? unknown('its cgroup was not read') : known(use.cpuMs);
}

function isYoung(seen: Seen, pilot: Pilot): boolean {
  return !pilot.startedAtMs.known || seen.sample.atMs - pilot.startedAtMs.value < youngMs;
}

/**
 * Memory that running pilots claim beyond what they use now. MemAvailable lacks already what they use, so only the
 * rest of each claim is to be kept: of max(use, a quarter of the limit) in a pilot's first minute, and of its use + 10 %
 * later. Limits as claims would leave memory idle; bare use would give away what a pilot is about to ask for.
 */
export function claimsBeyondUse(policy: Policy, seen: Seen): number {
  const { youngRest, oldUse } = tallyOf(policy, seen);
  return youngRest + growthShare * oldUse;
}

/**
 * Memory that one more pilot claims: a quarter of its limit, or what its kind's of more than a minute use on average where
 * that is more. Where they all use more than a quarter, a start on a quarter's room would only end in an eviction.
 */
export function newClaim(policy: Policy, seen: Seen, kind: KindPolicy): number {
  const { bytes, count } = tallyOf(policy, seen).uses.get(kind.name) ?? { bytes: 0, count: 0 };
  const mean = count === 0 ? 0 : bytes / count;
  return Math.max(leastClaim(kind), Math.min(mean, kind.memoryBytes));
}

/** What running pilots use and claim, added up. */
interface Tally {
  readonly policy: Policy;
  /** What is left of the claims of the young ones beyond their use. */
  readonly youngRest: number;
  readonly oldUse: number;
  /** Of the managed ones that are no longer young, by kind. */
  readonly uses: ReadonlyMap<string, { readonly bytes: number; readonly count: number }>;
}

/** Each tick asks several times, and there may be hundreds of pilots: of the same reading it is added up once. */
const tallies = new WeakMap<Seen, Tally>();

function tallyOf(policy: Policy, seen: Seen): Tally {
  const before = tallies.get(seen);
  if (before?.policy === policy) return before;
  const tally = addUp(policy, seen);
  tallies.set(seen, tally);
  return tally;
}

/**
 * What the old ones use is added up one by one where all are known, else it is all pilots' total less what is known of the
 * young; without a total, those that are not known count for the least that they claim.
 */
function addUp(policy: Policy, seen: Seen): Tally {
  const { pilotUse, pilotsMemoryBytes: total } = seen.sample.host;
  const uses = new Map<string, { bytes: number; count: number }>();
  let [youngRest, youngUse, oldUse, oldUnknown, isAllKnown] = [0, 0, 0, 0, true];
  for (const pilot of seen.sample.engine.pilots) {
    if (!isAlive(pilot)) continue;
    const bytes = pilotUse.get(pilot.id)?.memoryBytes;
    if (isYoung(seen, pilot)) {
      youngRest += Math.max(0, leastClaimOf(policy, pilot) - (bytes ?? 0));
      youngUse += bytes ?? 0;
    } else if (bytes === undefined) {
      isAllKnown = false;
      oldUnknown += leastClaimOf(policy, pilot);
    } else {
      oldUse += bytes;
      const kind = pilot.managed ? kindNameOf(policy, pilot.kind ?? null) : null;
      if (kind !== null) addTo(uses, kind, bytes);
    }
  }
  if (!isAllKnown) oldUse = total.known ? Math.max(0, total.value - youngUse) : oldUse + oldUnknown;
  return { policy, youngRest, oldUse, uses };
}

function addTo(uses: Map<string, { bytes: number; count: number }>, kind: string, bytes: number): void {
  const sum = uses.get(kind);
  if (sum === undefined) uses.set(kind, { bytes, count: 1 });
  else {
    sum.bytes += bytes;
    sum.count += 1;
  }
}

/** Memory that the end of this pilot frees, as far as it can be told. */
export function freedBy(policy: Policy, seen: Seen, pilot: Pilot): number {
  const use = memoryOf(seen, pilot);
  return use.known ? use.value : leastClaimOf(policy, pilot);
}
