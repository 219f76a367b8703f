import { describe, expect, it } from 'vitest';
import { emptyProfile } from '../../src/decide/profile.ts';
import { profileLines, profileSentence } from '../../src/decide/profileText.ts';
import { learned, officeHours, watched } from './profileWorld.ts';

const room = { cpuShare: 0.5 / 4, memoryBytes: Number.POSITIVE_INFINITY };
const profile = learned(officeHours, 3);

describe('the sentence for why', () => {
  it.each([
    [7, 40, 'on Mondays the owner usually takes 3.1 of 4 CPUs from 09:00: in 1 h 20 min'],
    [8, 59, 'on Mondays the owner usually takes 3.1 of 4 CPUs from 09:00: in 1 min'],
    [10, 0, 'on Mondays the owner usually takes 3.1 of 4 CPUs at this hour'],
    [18, 0, 'on Tuesdays the owner usually takes 3.1 of 4 CPUs from 09:00: in 15 h'],
    [4 * 24 + 18, 0, 'on Mondays the owner usually takes 3.1 of 4 CPUs from 09:00: in 2 d 15 h'],
  ])('at hour %i and %i minutes', (hourOfWeek, minutes, text) => {
    expect(profileSentence(profile, { hourOfWeek, intoHourMs: minutes * 60_000 }, room, 4)).toBe(text);
  });

  it('tells of memory where that is what he needs', () => {
    const now = { hourOfWeek: 7, intoHourMs: 0 };
    expect(profileSentence(profile, now, { cpuShare: 1, memoryBytes: 8e9 }, 4)).toBe(
      'on Mondays the owner usually takes 12.0 GB of memory from 09:00: in 2 h',
    );
  });

  it('tells what is not known, and what he leaves', () => {
    const now = { hourOfWeek: 7, intoHourMs: 0 };
    expect(profileSentence(emptyProfile, now, room, 4)).toBe(
      "the owner's week is not known yet: no hour of it was seen in two weeks",
    );
    const one = { ...room, cpuShare: 3.5 / 4 };
    expect(profileSentence(profile, now, one, 4)).toBe(
      'the owner usually takes no more than 3.5 of 4 CPUs all week',
    );
    const quiet = { cpuShare: 0, memoryBytes: 0 };
    const little = [3, 4, 3, 4, 5].reduce((known, hour) => watched(known, hour, quiet, 60), emptyProfile);
    expect(profileSentence(little, now, room, 4)).toBe(
      'the owner usually takes no more than 0.5 of 4 CPUs in the 2 of 168 hours that are known',
    );
  });
});

it('shows the week at a glance', () => {
  const lines = profileLines(watched(profile, 1, { cpuShare: 0, memoryBytes: 0 }, 60), 16e9);
  expect(lines).toEqual([
    'owner, share of CPUs',
    '          0     6     12    18    ',
    'Monday             ▆▆▆▆▆▆▆▆▆      ',
    'Tuesday            ▆▆▆▆▆▆▆▆▆      ',
    'Wednesday          ▆▆▆▆▆▆▆▆▆      ',
    'Thursday           ▆▆▆▆▆▆▆▆▆      ',
    'Friday             ▆▆▆▆▆▆▆▆▆      ',
    'Saturday                          ',
    'Sunday                            ',
    '',
    'owner, share of memory',
    '          0     6     12    18    ',
    'Monday    ▁▁▁▁▁▁▁▁▁▆▆▆▆▆▆▆▆▆▁▁▁▁▁▁',
    'Tuesday   ▁▁▁▁▁▁▁▁▁▆▆▆▆▆▆▆▆▆▁▁▁▁▁▁',
    'Wednesday ▁▁▁▁▁▁▁▁▁▆▆▆▆▆▆▆▆▆▁▁▁▁▁▁',
    'Thursday  ▁▁▁▁▁▁▁▁▁▆▆▆▆▆▆▆▆▆▁▁▁▁▁▁',
    'Friday    ▁▁▁▁▁▁▁▁▁▆▆▆▆▆▆▆▆▆▁▁▁▁▁▁',
    'Saturday  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁',
    'Sunday    ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁',
  ]);
  expect(profileLines(emptyProfile, 16e9)[2]).toBe(`Monday    ${'·'.repeat(24)}`);
});
