import { mapReading, type Reading } from '../model/reading.ts';

/** Hours in a week. Hour 0 is Monday 00:00 to 01:00 by the node's clock on the wall. */
export const hoursInWeek = 168;
const hourMs = 3_600_000;
/**
 * Weeks that are remembered of each hour. What is usual is what most of them had: of five, one odd week (a holiday, a
 * test) never decides, and a new habit does after three. A decayed mean with a half-life of two weeks would take five
 * to forget that somebody who took three CPUs has left, where half a CPU matters.
 */
const weeksKept = 5;
/** An hour counts when this much of it was seen: less says little of what it usually is. */
const leastSeenMs = hourMs / 4;
/** A tick stands for at most this long: over a longer gap nobody looked. */
const longestTickMs = 60_000;

/** A place in the week by the node's clock on the wall; where summer time begins or ends, what that clock shows. */
export interface WeekMoment {
  readonly hourOfWeek: number;
  readonly intoHourMs: number;
}

/** What one hour of the week was like in the last weeks in which the node was watched, the newest first. */
export interface HourHistory {
  /** The owner's mean share of the node's CPUs, 0 to 1. */
  readonly cpuShares: readonly number[];
  /** The owner's mean memory. */
  readonly memoryBytes: readonly number[];
}

/** Something summed over the part of an hour in which it was seen. */
interface Sum {
  readonly seenMs: number;
  /** Sum of value × milliseconds. */
  readonly total: number;
}

/** The hour that is going on. */
export interface OpenHour {
  readonly hourOfWeek: number;
  readonly cpu: Sum;
  readonly memory: Sum;
}

/** The node's week as it usually is: what its owner takes, hour by hour. */
export interface Profile {
  readonly hours: readonly HourHistory[];
  readonly open: OpenHour | null;
}

const unseenHour: HourHistory = { cpuShares: [], memoryBytes: [] };
const nothing: Sum = { seenMs: 0, total: 0 };

/** The profile of a node that was never watched. */
export const emptyProfile: Profile = {
  hours: Array.from({ length: hoursInWeek }, () => unseenHour),
  open: null,
};

/** What one tick saw of the owner. A sense that is blind leaves the profile as it is. */
export interface OwnerUse {
  readonly cpuShare: Reading<number>;
  readonly memoryBytes: Reading<number>;
}

/** Adds what was seen in the `elapsedMs` before now, which is in hour `hourOfWeek`. */
export function updateProfile(
  profile: Profile,
  hourOfWeek: number,
  use: OwnerUse,
  elapsedMs: number,
): Profile {
  const begun = profile.open?.hourOfWeek === hourOfWeek ? profile : closeHour(profile);
  const open = begun.open ?? { hourOfWeek, cpu: nothing, memory: nothing };
  const ms = Math.min(longestTickMs, Math.max(0, elapsedMs));
  return {
    hours: begun.hours,
    open: {
      hourOfWeek,
      cpu: added(open.cpu, use.cpuShare, ms),
      memory: added(open.memory, use.memoryBytes, ms),
    },
  };
}

function added(sum: Sum, value: Reading<number>, ms: number): Sum {
  const more = mapReading(value, (one) => ({ seenMs: sum.seenMs + ms, total: sum.total + one * ms }));
  return more.known ? more.value : sum;
}

/** Puts the hour that is over to those of the weeks before, where enough of it was seen. */
function closeHour({ hours, open }: Profile): Profile {
  if (open === null) return { hours, open };
  const { hourOfWeek, cpu, memory } = open;
  const before = hours[hourOfWeek] ?? unseenHour;
  const after: HourHistory = {
    cpuShares: withNewest(before.cpuShares, cpu),
    memoryBytes: withNewest(before.memoryBytes, memory),
  };
  return { hours: hours.with(hourOfWeek, after), open: null };
}

function withNewest(weeks: readonly number[], sum: Sum): readonly number[] {
  return sum.seenMs < leastSeenMs ? weeks : [sum.total / sum.seenMs, ...weeks].slice(0, weeksKept);
}
