import { hoursInWeek, type Profile, type WeekMoment } from './profile.ts';

const hourMs = 3_600_000;
/** An hour that was seen in fewer weeks says nothing yet. */
const leastWeeks = 2;

/** The most that the owner may take while a pilot stays. */
export interface OwnerRoom {
  /** Share of the node's CPUs, 0 to 1. */
  readonly cpuShare: number;
  readonly memoryBytes: number;
}

/** When the owner usually needs more than he may take beside a pilot. */
export interface OwnerReturn {
  /** Time until then: 0 when this is such an hour, `Infinity` when none of the coming week's is known to be. */
  readonly inMs: number;
  /** The hour in which that is, and which of the two he needs; null when there is none. */
  readonly hourOfWeek: number | null;
  readonly need: 'cpu' | 'memory' | null;
  /**
   * How far to trust it, 0 to 1. Of `n` weeks in which the hour was seen, `k` had it so: (k + 1) / (n + 2), Laplace's
   * rule of succession. When he does not return: the share of the week's hours that are known.
   */
  readonly confidence: number;
}

/** How much of the week is known: hours that were seen in two weeks at least. */
export function knownHours(profile: Profile): number {
  return profile.hours.filter(({ cpuShares }) => cpuShares.length >= leastWeeks).length;
}

/** Looks ahead (a week) for the first hour in which the owner usually needs more than this room. */
export function ownerReturns(
  profile: Profile,
  now: WeekMoment,
  room: OwnerRoom,
  hoursAhead: number = hoursInWeek,
): OwnerReturn {
  for (let ahead = 0; ahead < hoursAhead; ahead += 1) {
    const hourOfWeek = (now.hourOfWeek + ahead) % hoursInWeek;
    const found = needOf(profile, hourOfWeek, room);
    if (found === null) continue;
    const inMs = Math.max(0, ahead * hourMs - now.intoHourMs);
    return { inMs, hourOfWeek, ...found };
  }
  const confidence = knownHours(profile) / hoursInWeek;
  return { inMs: Number.POSITIVE_INFINITY, hourOfWeek: null, need: null, confidence };
}

/** What is usual: the median of the weeks, the lower one of two in the middle; null while too few were seen. */
export function usual(weeks: readonly number[]): number | null {
  if (weeks.length < leastWeeks) return null;
  return [...weeks].sort((a, b) => a - b)[Math.floor((weeks.length - 1) / 2)] ?? null;
}

/** What the owner usually needs in this hour beyond his room: in more than half of the weeks it was so. */
function needOf(
  profile: Profile,
  hourOfWeek: number,
  room: OwnerRoom,
): { need: 'cpu' | 'memory'; confidence: number } | null {
  const hour = profile.hours[hourOfWeek];
  const [cpu, memory] = [hour?.cpuShares ?? [], hour?.memoryBytes ?? []];
  if ((usual(cpu) ?? 0) > room.cpuShare) return { need: 'cpu', confidence: succession(cpu, room.cpuShare) };
  if ((usual(memory) ?? 0) <= room.memoryBytes) return null;
  return { need: 'memory', confidence: succession(memory, room.memoryBytes) };
}

function succession(weeks: readonly number[], limit: number): number {
  return (weeks.filter((value) => value > limit).length + 1) / (weeks.length + 2);
}

/**
 * A start is in vain when less than this share of a pilot's usual life is left before the owner needs its room: nearly
 * none of them is done by then. What is less than that is waited for, an hour at most, and only when most weeks had it
 * so. In twelve simulated weeks of two-hour pilots an owner with a nightly batch cost half of the evictions and a seventh
 * less lost work for 1 % of the harvest and next to nothing of what was done.
 */
const inVainShare = 0.5;
const longestHoldMs = hourMs;
const leastConfidence = 0.7;

/**
 * The owner's return that a pilot of this usual life, started now, would hardly be done before; null when there is
 * none. In an hour that is usually his, and he is not there, nothing is held back: what is seen now decides.
 */
export function hardlyDoneBefore(
  profile: Profile,
  now: WeekMoment,
  lifeMs: number,
  room: OwnerRoom,
): OwnerReturn | null {
  const holdMs = Math.min(longestHoldMs, inVainShare * lifeMs);
  const back = ownerReturns(profile, now, room, 1 + Math.ceil(longestHoldMs / hourMs));
  const isSoon = back.inMs > 0 && back.inMs < holdMs;
  return isSoon && back.confidence >= leastConfidence ? back : null;
}
