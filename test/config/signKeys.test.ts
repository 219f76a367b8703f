import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainSettings } from '../../src/config/explain.ts';
import { parseSettings } from '../../src/config/load.ts';
import { pack, unpack } from '../../src/config/passing.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { parseTimeWindow, writeTimeWindow } from '../../src/config/schedule.ts';
import { noSignSettings, type SignSettings } from '../../src/model/signSettings.ts';
import { zonesNamed } from '../support/wallTime.ts';

function good(text: string): SignSettings {
  const result = parseSettings(text);
  if (!result.ok) throw new Error(problems(text).join('\n'));
  expect(result.warnings).toEqual([]);
  return result.settings.signs;
}

function problems(text: string): string[] {
  const result = parseSettings(text);
  return result.ok ? [] : result.problems.map((problem) => formatProblem('c', problem));
}

const everyDay = [0, 1, 2, 3, 4, 5, 6];
const all =
  'yield_to_user: yes\nuser_away: 5m\nyield_on_battery: on\nyield_to_programs: [blender, 7z]\n' +
  'schedule: [mon-fri 18:00-08:00 Europe/Zurich, "sat,sun"]\nmax_temperature: 82.5\n';

describe('signs of the owner', () => {
  it('are off unless they are written', () => {
    expect(good('')).toEqual({ ...noSignSettings, zones: zonesNamed() });
  });

  it('are each turned on by a line', () => {
    expect(good(all)).toEqual({
      user: true,
      userAwayMs: 300_000,
      battery: true,
      programs: ['blender', '7z'],
      schedule: [
        { days: [1, 2, 3, 4, 5], beginMinute: 1080, endMinute: 480, zone: 'Europe/Zurich' },
        { days: [0, 6], beginMinute: 0, endMinute: 1440, zone: null },
      ],
      zones: zonesNamed('Europe/Zurich'),
      maxTemperatureC: 82.5,
    });
  });

  it('may stand alone where a list is meant, and numbers are names as they are written', () => {
    expect(good('yield_to_programs: blender').programs).toEqual(['blender']);
    expect(good('yield_to_programs: [1.10]').programs).toEqual(['1.10']);
    expect(good('schedule: 22:00-06:00').schedule).toEqual([
      { days: everyDay, beginMinute: 1320, endMinute: 360, zone: null },
    ]);
  });

  it('are printed as they load, and pass to the daemon whole', () => {
    const loaded = parseSettings(all);
    if (!loaded.ok) throw new Error('not loaded');
    expect(good(explainSettings('c', loaded))).toEqual(loaded.settings.signs);
    const passed = unpack(pack(loaded, '1'), '1');
    expect(passed.ok && passed.settings.signs).toEqual(loaded.settings.signs);
  });

  it.each([
    ['yield_to_user: perhaps', 'expected true or false, found "perhaps"'],
    [
      'user_away: -1',
      'expected a time of 0 s to 100000 years, in seconds or as in 90s, 15m, 12h, 2d, found -1',
    ],
    ['yield_on_battery: 2', 'expected true or false, found 2'],
    [
      'yield_to_programs: [/usr/bin/x]',
      'expected the name of a program, without its folder, found "/usr/bin/x": it is a path: only the last part of it counts',
    ],
    ['yield_to_programs: [""]', 'expected the name of a program, without its folder, found ""'],
    ['yield_to_programs: {a: b}', 'expected the name of a program, without its folder, found a mapping'],
    ['max_temperature: 2000', 'expected a number of degrees Celsius from 20 to 150, found 2000'],
    ['max_temperature: warm', 'expected a number of degrees Celsius from 20 to 150, found "warm"'],
    ['schedule: 3', 'expected days, hours or both as in "mon-fri 18:00-08:00 Europe/Zurich", found 3'],
    [
      'schedule: {a: b}',
      'expected days, hours or both as in "mon-fri 18:00-08:00 Europe/Zurich", found a mapping',
    ],
  ])('%s', (text, message) => {
    expect(problems(text)).toEqual([expect.stringMatching(/^c:1:\d+ \w+(\[0\])?: /)]);
    expect(problems(text)[0]).toContain(message);
  });
});

describe('a window of time', () => {
  it.each([
    ['sat', [6], 0, 1440, null],
    ['Sat,SUN', [0, 6], 0, 1440, null],
    ['fri-mon', [0, 1, 5, 6], 0, 1440, null],
    ['monday-friday,sunday', [0, 1, 2, 3, 4, 5], 0, 1440, null],
    ['9:00-17:30', everyDay, 540, 1050, null],
    ['18:00-00:00', everyDay, 1080, 1440, null],
    ['00:00-24:00', everyDay, 0, 1440, null],
    ['tue 22:00-06:00 America/Argentina/Buenos_Aires', [2], 1320, 360, 'America/Argentina/Buenos_Aires'],
    ['09:00-17:00 UTC', everyDay, 540, 1020, 'UTC'],
    ['  wed   Etc/GMT+3 ', [3], 0, 1440, 'Etc/GMT+3'],
  ])('%j', (text, days, beginMinute, endMinute, zone) => {
    expect(parseTimeWindow(text)).toEqual({ days, beginMinute, endMinute, zone });
  });

  it.each([
    ['', 'neither days nor hours'],
    ['UTC', 'neither days nor hours'],
    ['fry 18:00-08:00', '"fry" is no day: they are sun, mon, tue, wed, thu, fri, sat (did you mean fri?)'],
    ['mon-wed-fri', '"mon-wed-fri" is no range of days'],
    ['mon,', '"" is no day'],
    ['18:00', '"18:00" are no hours such as 18:00-08:00'],
    ['18-8', '"18-8" are no hours'],
    ['18:60-19:00', 'has a time that is not on the clock'],
    ['24:00-25:00', 'has a time that is not on the clock'],
    ['23:00-24:01', 'has a time that is not on the clock'],
    ['08:00-08:00', 'ends when it begins'],
    ['mon 18:00-08:00 Europe/Zürich', 'is no time zone that is known here'],
    ['mon 18:00-08:00 Mars/Olympus', '"Mars/Olympus" is no time zone that is known here'],
    ['mon 18:00-08:00 +02:00', 'is no time zone'],
    ['mon 18:00-08:00 UTC tue', '"tue" is too much'],
    ['18:00-08:00 mon', '"mon" is no time zone'],
  ])('is not %j', (text, why) => {
    expect(() => parseTimeWindow(text)).toThrow(why);
  });

  it('is written as it is read', () => {
    const window = fc.record({
      days: fc
        .uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 })
        .map((days) => days.toSorted((a, b) => a - b)),
      beginMinute: fc.integer({ min: 0, max: 1439 }),
      endMinute: fc.integer({ min: 1, max: 1440 }),
      zone: fc.constantFrom(null, 'UTC', 'Asia/Kathmandu'),
    });
    fc.assert(
      fc.property(
        window.filter(({ beginMinute, endMinute }) => beginMinute !== endMinute),
        (one) => {
          expect(parseTimeWindow(writeTimeWindow(one))).toEqual(one);
        },
      ),
    );
  });
});
