import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimeWindow } from '../../src/model/signSettings.ts';
import { scheduleAt } from '../../src/sample/schedule.ts';
import { wallClockOf } from '../../src/sample/wallClock.ts';
import { wallTimeByNode, zonesNamed } from '../support/wallTime.ts';

const hourMs = 3_600_000;
const everyDay = [0, 1, 2, 3, 4, 5, 6];
const [zurich, utc] = ['Europe/Zurich', 'UTC'];
const elsewhere = ['America/New_York', 'Australia/Lord_Howe', 'Asia/Tehran', 'Asia/Kathmandu'];
const zones = zonesNamed(zurich, utc, ...elsewhere);

function window(
  days: readonly number[],
  begin: number,
  end: number,
  zone: string | null = zurich,
): TimeWindow {
  return { days, beginMinute: begin * 60, endMinute: end * 60, zone };
}

function at(time: string, ...windows: TimeWindow[]): { open: boolean; changes: string | null } {
  const wallMs = Date.parse(time);
  const { open, changesInMs } = scheduleAt(windows, zones, wallMs);
  const changes = Number.isFinite(changesInMs) ? new Date(wallMs + changesInMs).toISOString() : null;
  return { open, changes: changes?.replace(':00.000Z', 'Z') ?? null };
}

describe('a schedule', () => {
  it('of a zone without a table is refused', () => {
    expect(() => scheduleAt([window(everyDay, 1, 2, 'Europe/Paris')], zones, 0)).toThrow('Europe/Paris');
  });

  const nights = window([1, 2, 3, 4, 5], 18, 8, utc);
  const weekend = window([6, 0], 0, 24, utc);

  it.each([
    // 2026-03-02 is a Monday
    ['2026-03-02T07:59:59Z', false, '2026-03-02T18:00Z'],
    ['2026-03-02T17:59:00Z', false, '2026-03-02T18:00Z'],
    ['2026-03-02T18:00:00Z', true, '2026-03-03T08:00Z'],
    ['2026-03-03T00:00:00Z', true, '2026-03-03T08:00Z'],
    ['2026-03-03T08:00:00Z', false, '2026-03-03T18:00Z'],
    // from Friday evening to Sunday midnight there is no break: what begins on Friday ends on Saturday, where the weekend is
    ['2026-03-06T18:00:00Z', true, '2026-03-09T00:00Z'],
    ['2026-03-08T23:59:59Z', true, '2026-03-09T00:00Z'],
    ['2026-03-09T00:00:00Z', false, '2026-03-09T18:00Z'],
  ])('of nights and weekends at %s: %s until %s', (time, open, changes) => {
    expect(at(time, nights, weekend)).toEqual({ open, changes });
  });

  it('without end is open for ever, and is not looked through for ever', () => {
    expect(at('2026-03-02T07:00:00Z', window(everyDay, 0, 24))).toEqual({ open: true, changes: null });
    expect(at('2026-03-02T07:00:00Z', window(everyDay, 7, 6), window(everyDay, 5, 8))).toEqual({
      open: true,
      changes: null,
    });
  });

  it('is by the clock of its own zone', () => {
    const day = (zone: string): TimeWindow => window(everyDay, 9, 17, zone);
    expect(at('2026-01-15T08:30:00Z', day(zurich)).open).toBe(true);
    expect(at('2026-01-15T08:30:00Z', day('America/New_York'))).toEqual({
      open: false,
      changes: '2026-01-15T14:00Z',
    });
    expect(at('2026-01-15T04:00:00Z', day('Asia/Kathmandu')).changes).toBe('2026-01-15T11:15Z');
  });

  it.each([
    // clocks in Zurich go from 02:00 to 03:00 at 01:00Z on 2026-03-29
    [
      'begins in the hour that is left out, and opens after it',
      [2.5, 5],
      '2026-03-29T00:30Z',
      '2026-03-29T01:00Z',
    ],
    ['ends in it, and closes before it', [1, 2.5], '2026-03-29T00:30Z', '2026-03-29T01:00Z'],
    [
      'begins on the evening before, and is an hour shorter',
      [18, 8],
      '2026-03-28T17:00Z',
      '2026-03-29T06:00Z',
    ],
    // and back from 03:00 to 02:00 at 01:00Z on 2026-10-25
    [
      'begins on the evening before, and is an hour longer',
      [18, 8],
      '2026-10-24T16:00Z',
      '2026-10-25T07:00Z',
    ],
    [
      'ends in the hour that comes twice, for the first time',
      [1, 2.5],
      '2026-10-24T23:30Z',
      '2026-10-25T00:30Z',
    ],
    ['begins in it again', [1, 2.5], '2026-10-25T00:45Z', '2026-10-25T01:00Z'],
    ['and ends in it again', [1, 2.5], '2026-10-25T01:00Z', '2026-10-25T01:30Z'],
  ])('%s', (_, [begin = 0, end = 0], now, changes) => {
    expect(at(now, window(everyDay, begin, end)).changes).toBe(changes);
  });

  it('is the same as looking at the clock minute by minute, in every zone and season', () => {
    const zone = fc.constantFrom(zurich, utc, ...elsewhere, null);
    const minute = fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15);
    const windows = fc.array(
      fc.record({
        days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
        beginMinute: minute,
        endMinute: minute.map((value) => value + 15),
        zone,
      }),
      { minLength: 1, maxLength: 3 },
    );
    // around the changes of clocks of 2026 in these zones, and at other times
    const around = fc
      .constantFrom('2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2026-04-05', '2026-07-01')
      .chain((day) =>
        fc.integer({ min: -200, max: 200 }).map((tenths) => Date.parse(day) + tenths * 360_000),
      );
    fc.assert(
      fc.property(windows, around, (list, wallMs) => {
        const { open, changesInMs } = scheduleAt(list, zones, wallMs);
        expect(changesInMs).toBeGreaterThan(0);
        const isOpen = (ms: number): boolean => list.some((one) => holdsByTheMinute(one, ms));
        expect(open).toBe(isOpen(wallMs));
        const lastMs = Math.min(changesInMs - 1, 9 * 24 * hourMs);
        for (let ms = 0; ms < lastMs; ms += 15 * 60_000) {
          if (isOpen(wallMs + ms) !== open) throw new Error(`changed ${ms} ms from then already`);
        }
        expect(!Number.isFinite(changesInMs) || isOpen(wallMs + changesInMs) !== open).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

/** The rule in other words: today's window from its begin, or yesterday's that runs over midnight until its end. */
function holdsByTheMinute({ days, beginMinute, endMinute, zone }: TimeWindow, wallMs: number): boolean {
  const { day, msOfDay } = wallTimeByNode(zone, wallMs);
  const minute = Math.floor(msOfDay / 60_000);
  if (endMinute > beginMinute) return days.includes(day) && minute >= beginMinute && minute < endMinute;
  return days.includes(day) && minute >= beginMinute
    ? true
    : days.includes((day + 6) % 7) && minute < endMinute;
}

describe('the clock on a wall', () => {
  it('shows milliseconds, before 1970 too', () => {
    const clock = wallClockOf([[0, 0]]);
    expect(clock(1)).toEqual({ day: 4, msOfDay: 1 });
    expect(clock(-1)).toEqual({ day: 3, msOfDay: 86_399_999 });
  });

  it('goes by the last change before the instant, and by the first one before all', () => {
    const clock = wallClockOf([
      [1000, 3_600_000],
      [2000, -3_600_000],
    ]);
    const shown = [0, 1000, 1999, 2000, 9000].map((wallMs) => clock(wallMs).msOfDay);
    expect(shown).toEqual([3_600_000, 3_601_000, 3_601_999, 82_802_000, 82_809_000]);
  });
});
