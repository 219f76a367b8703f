import type { TimeWindow } from '../model/signSettings.ts';
import type { Zones } from '../model/zone.ts';
import { type WallClock, wallClockOf } from './wallClock.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const weekMs = 7 * dayMs;
/** A zone changes its clock seldom enough that within a day it does so once at most. */
const strideMs = dayMs;
/** Windows repeat each week; a changed clock may move one by some hours more. */
const horizonMs = weekMs + 2 * dayMs;

/** Whether a schedule lets pilots run, and how long until that changes. */
export interface ScheduleState {
  readonly open: boolean;
  /** `Infinity` where it never does. */
  readonly changesInMs: number;
}

/**
 * Whether pilots may run at an instant (Unix milliseconds), and how long until that changes. What counts is the clock
 * on the wall of each window's zone: in an hour that a change of clocks repeats, the same times hold twice; a window that
 * begins in an hour which is left out begins right after it.
 */
export function scheduleAt(windows: readonly TimeWindow[], zones: Zones, wallMs: number): ScheduleState {
  const spans = windows.map((window) => ({ window, clock: clockOf(window.zone, zones) }));
  const isOpen = (atMs: number): boolean => spans.some(({ window, clock }) => holds(window, clock, atMs));
  const open = isOpen(wallMs);
  for (let atMs = wallMs; atMs - wallMs < horizonMs; ) {
    atMs = Math.min(...spans.map(({ window, clock }) => nextEdge(window, clock, atMs)));
    if (isOpen(atMs) !== open) return { open, changesInMs: atMs - wallMs };
  }
  return { open, changesInMs: Number.POSITIVE_INFINITY };
}

function clockOf(zone: string | null, zones: Zones): WallClock {
  const table = zone === null ? zones.own : zones.named[zone];
  if (table === undefined) throw new RangeError(`there is no table of the time zone ${zone}`);
  return wallClockOf(table);
}

/** Milliseconds of the week that the wall shows, from Sunday midnight. */
function msOfWeek(clock: WallClock, atMs: number): number {
  const { day, msOfDay } = clock(atMs);
  return day * dayMs + msOfDay;
}

function holds(window: TimeWindow, clock: WallClock, atMs: number): boolean {
  const now = msOfWeek(clock, atMs);
  const lengthMs = lengthOf(window);
  return window.days.some((day) => since(beginOf(window, day), now) < lengthMs);
}

function beginOf(window: TimeWindow, day: number): number {
  return day * dayMs + window.beginMinute * minuteMs;
}

function lengthOf({ beginMinute, endMinute }: TimeWindow): number {
  return (endMinute - beginMinute) * minuteMs + (endMinute > beginMinute ? 0 : dayMs);
}

/** How long ago something of the week was, 0 to less than a week. */
function since(then: number, now: number): number {
  return (((now - then) % weekMs) + weekMs) % weekMs;
}

/** The next instant at which this window may begin or end, or the clock be changed; a day from now where there is none. */
function nextEdge(window: TimeWindow, clock: WallClock, atMs: number): number {
  const now = msOfWeek(clock, atMs);
  const begins = window.days.map((day) => beginOf(window, day));
  const edges = begins.flatMap((begin) => [begin, begin + lengthOf(window)]);
  // Zero is now itself, which is not next: it comes again in a week.
  const untilMs = Math.min(...edges.map((edge) => since(now, edge) || weekMs), strideMs);
  return firstShift(clock, atMs, atMs + untilMs) ?? atMs + untilMs;
}

/** The first instant after `fromMs`, up to `toMs`, at which the clock has been changed; null when it has not been. */
function firstShift(clock: WallClock, fromMs: number, toMs: number): number | null {
  const start = msOfWeek(clock, fromMs);
  const isShifted = (atMs: number): boolean =>
    since(start, msOfWeek(clock, atMs)) !== (atMs - fromMs) % weekMs;
  if (!isShifted(toMs)) return null;
  let [before, after] = [fromMs, toMs];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (isShifted(middle)) after = middle;
    else before = middle;
  }
  return after;
}
