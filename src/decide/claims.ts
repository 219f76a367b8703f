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
  const alive = seen.sample.engine.pilots.filter(isAlive);
  const young = alive.filter((pilot) => isYoung(seen, pilot));
  const old = alive.filter((pilot) => !isYoung(seen, pilot));
  const youngRest = young.map((pilot) => {
    const use = memoryOf(seen, pilot);
    return Math.max(0, leastClaimOf(policy, pilot) - (use.known ? use.value : 0));
  });
  return sum(youngRest) + growthShare * oldUse(policy, seen, young, old);
}

/** What the old ones use: each by itself where all are known, else all pilots' total less what is known of the young. */
function oldUse(policy: Policy, seen: Seen, young: readonly Pilot[], old: readonly Pilot[]): number {
  const uses = old.map((pilot) => memoryOf(seen, pilot));
  if (uses.every((use) => use.known)) return sum(uses.map((use) => use.value));
  const total = seen.sample.host.pilotsMemoryBytes;
  const youngUse = young.map((pilot) => memoryOf(seen, pilot)).map((use) => (use.known ? use.value : 0));
  if (total.known) return Math.max(0, total.value - sum(youngUse));
  return sum(old.map((pilot) => freedBy(policy, seen, pilot)));
}

/**
 * Memory that one more pilot claims: a quarter of its limit, or what its kind's of more than a minute use on average where
 * that is more. Where they all use more than a quarter, a start on a quarter's room would only end in an eviction.
 */
export function newClaim(policy: Policy, seen: Seen, kind: KindPolicy): number {
  const uses = seen.sample.engine.pilots
    .filter((pilot) => pilot.managed && isAlive(pilot) && !isYoung(seen, pilot))
    .filter((pilot) => kindNameOf(policy, pilot.kind ?? null) === kind.name)
    .map((pilot) => memoryOf(seen, pilot))
    .flatMap((use) => (use.known ? [use.value] : []));
  const mean = uses.length === 0 ? 0 : sum(uses) / uses.length;
  return Math.max(leastClaim(kind), Math.min(mean, kind.memoryBytes));
}

/** Memory that the end of this pilot frees, as far as it can be told. */
export function freedBy(policy: Policy, seen: Seen, pilot: Pilot): number {
  const use = memoryOf(seen, pilot);
  return use.known ? use.value : leastClaimOf(policy, pilot);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
