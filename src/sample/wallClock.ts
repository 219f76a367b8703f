import type { ZoneTable } from '../model/zone.ts';

const dayMs = 24 * 3_600_000;
/** The first day of Unix time was a Thursday. */
const firstDay = 4;

/** What the clock on a wall shows: a day of the week (0 is Sunday) and the time since midnight. */
export interface WallTime {
  readonly day: number;
  readonly msOfDay: number;
}

/** Tells what the clock of a zone shows at an instant (Unix milliseconds). */
export type WallClock = (wallMs: number) => WallTime;

/** The clock of a zone by its table; after the table's last change the clock is not changed any more. */
export function wallClockOf(table: ZoneTable): WallClock {
  return (wallMs) => {
    const aheadMs = (table.findLast(([sinceMs]) => sinceMs <= wallMs) ?? table[0])?.[1] ?? 0;
    const shownMs = wallMs + aheadMs;
    const day = Math.floor(shownMs / dayMs);
    return { day: (((day + firstDay) % 7) + 7) % 7, msOfDay: shownMs - day * dayMs };
  };
}
