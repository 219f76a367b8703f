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

/** The room that pilots leave: the last of them stays while at least half of its CPUs are left, as in the CPU rule. */
export function roomBeside(
  cpuCount: number,
  pilotsCpus: number,
  lastPilotCpus: number,
  memoryBytes: number = Number.POSITIVE_INFINITY,
): OwnerRoom {
  return { cpuShare: Math.max(0, cpuCount - pilotsCpus + lastPilotCpus / 2) / cpuCount, memoryBytes };
}

/** How much of the week is known: hours that were seen in two weeks at least. */
export function knownHours(profile: Profile): number {
  return profile.hours.filter(({ cpuShares }) => cpuShares.length >= leastWeeks).length;
}

/** Looks ahead through one week for the first hour in which the owner usually needs more than this room. */
export function ownerReturns(profile: Profile, now: WeekMoment, room: OwnerRoom): OwnerReturn {
  for (let ahead = 0; ahead < hoursInWeek; ahead += 1) {
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
 * Whether a pilot that may run for `ttlMs` more is usually done before the owner needs its room. A guess: good for an
 * order among kinds and victims, never for a refusal. What is not known fits.
 */
export function fitsBeforeOwnerReturns(
  profile: Profile,
  now: WeekMoment,
  ttlMs: number,
  room: OwnerRoom,
): boolean {
  return ownerReturns(profile, now, room).inMs >= ttlMs;
}

/**
 * Kinds (or pilots, by the time that is left to them) in the order in which the forecast prefers them: first those
 * that will be done in time, in the order given, then the others from the shortest: it has the best chance.
 */
export function rankByForecast<T extends { readonly ttlMs: number }>(
  profile: Profile,
  now: WeekMoment,
  choices: readonly T[],
  roomFor: (choice: T) => OwnerRoom,
): readonly T[] {
  const judged = choices.map((choice) => {
    const fits = fitsBeforeOwnerReturns(profile, now, choice.ttlMs, roomFor(choice));
    return { choice, overMs: fits ? 0 : choice.ttlMs };
  });
  return judged.toSorted((a, b) => a.overMs - b.overMs).map(({ choice }) => choice);
}
