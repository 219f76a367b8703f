import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wallClockOf } from '../../src/sample/wallClock.ts';
import { wallTimeByNode, zonesNamed } from '../support/wallTime.ts';

const names = [
  'Europe/Zurich',
  'America/New_York',
  'Australia/Lord_Howe',
  // goes back for the four weeks of Ramadan
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'UTC',
];

describe('the table of a zone', () => {
  const zones = zonesNamed(...names);

  it.each(names)('shows what Node shows, for decades: %s', (name) => {
    const clock = wallClockOf(zones.named[name] ?? []);
    const instant = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2059, 11, 1) });
    fc.assert(
      fc.property(instant, (wallMs) => {
        expect(clock(wallMs)).toEqual(wallTimeByNode(name, wallMs));
      }),
      { numRuns: 500 },
    );
  });

  it("of the node's own shows what Node shows", () => {
    for (let wallMs = Date.UTC(2026, 0, 1); wallMs < Date.UTC(2028, 0, 1); wallMs += 5 * 3_600_000 + 1) {
      expect(wallClockOf(zones.own)(wallMs)).toEqual(wallTimeByNode(null, wallMs));
    }
  });

  it('has each change to the millisecond', () => {
    const zurich = zones.named['Europe/Zurich'] ?? [];
    expect(zurich.find(([sinceMs]) => sinceMs > Date.UTC(2026, 0, 1))).toEqual([
      Date.UTC(2026, 2, 29, 1),
      7_200_000,
    ]);
    expect(zones.named['UTC']).toEqual([[Date.UTC(2020, 0, 1), 0]]);
  });

  it('is refused for a zone that is none', () => {
    expect(() => zonesNamed('Mars/Olympus')).toThrow(RangeError);
  });
});
