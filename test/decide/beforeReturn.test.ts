import { describe, expect, it } from 'vitest';
import { followKinds } from '../../src/decide/followKinds.ts';
import { usualLifeMs } from '../../src/decide/lives.ts';
import { followSlots } from '../../src/decide/slots.ts';
import type { Memory, Policy, Sample, Seen, Week } from '../../src/decide/types.ts';
import { why } from '../../src/decide/why.ts';
import { learned, officeHours, type OwnerWeek } from './profileWorld.ts';
import {
  decideOn,
  ended,
  engineWith,
  livesOf,
  policy,
  type Rules,
  running,
  sampleAt,
  seenAt,
  slotsOf,
  startInFlight,
  starts,
} from './world.ts';

const at = 100_000_000;
const hourMs = 3_600_000;
/** At work from nine to six with 3.1 of 4 CPUs and 12 GB. */
const profile = learned(officeHours, 5);
const monday = (hour: number, minutes: number): Week => ({
  profile,
  now: { hourOfWeek: hour, intoHourMs: minutes * 60_000 },
});
const equals: Partial<Policy> = { limit: 2, means: { ...policy.means, cpuClass: 'normal' } };
const hourLives: Partial<Memory> = { kinds: livesOf(...Array.from({ length: 5 }, () => hourMs)) };
const seenIn = (week: Week | null, changes: Partial<Sample> = {}): Seen =>
  seenAt(at, 0.1, { week, engine: engineWith([running('a', at - 60_000)]), ...changes });
const begun = (week: Week | null, rules: Rules = equals, memory: Partial<Memory> = hourLives) => {
  const decision = decideOn(seenIn(week), { ...slotsOf('a', null), ...memory }, rules);
  return { count: starts(decision).length, rule: decision.refusals[0]?.rule };
};

describe('shortly before the owner usually returns', () => {
  it('nothing starts that would hardly be done, neither in a slot that fell empty nor in a new one', () => {
    expect(begun(monday(8, 31))).toEqual({ count: 0, rule: 'profile' });
    expect(begun(monday(8, 29)).count).toBe(1);
    const grown = decideOn(seenIn(monday(8, 31)), { ...slotsOf('a'), ...hourLives }, equals);
    expect(starts(grown)).toEqual([]);
  });

  it('says so, with times', () => {
    const seen = seenIn(monday(8, 40));
    const memory = { ...slotsOf('a', null), ...hourLives };
    const rules = { ...policy, ...equals };
    const decision = decideOn(seen, memory, equals);
    const texts = why(rules, seen, decision).more;
    expect(texts[0]).toBe(
      'profile: the owner usually needs the room of one more beside 1 pilot in 20 min, pilots usually run for 60 min: it would hardly be done (learn)',
    );
    const early = seenIn(monday(2, 0));
    const told = (changes: Partial<Memory>) =>
      why(rules, early, decideOn(early, { ...memory, ...changes }, equals)).more.at(-1);
    expect(told({})).toBe(
      'profile: the owner usually needs the room of one more beside 2 pilots in 7.0 h; pilots usually run for 60 min, done by then',
    );
    expect(told({ kinds: {} })).toContain('it may run for 12.0 h (max_ttl), not done by then if it does');
  });

  it.each<[string, Week | null, Partial<Policy>, Partial<Memory>]>([
    ['learning is off', null, equals, hourLives],
    ['it is his hour already', monday(9, 0), equals, hourLives],
    [
      'it is not known how long pilots run',
      monday(8, 31),
      equals,
      { kinds: livesOf(hourMs, hourMs, hourMs, hourMs) },
    ],
    [
      'most of them are done soon',
      monday(8, 31),
      equals,
      { kinds: livesOf(1000, 1000, 1000, hourMs, hourMs) },
    ],
    ['his CPUs are none that guests are evicted for', monday(8, 31), { limit: 2 }, hourLives],
    ['the engine runs elsewhere', monday(8, 31), { ...equals, nodeIsEngines: false }, hourLives],
  ])('all starts as ever where %s', (_, week, rules, memory) => {
    expect(begun(week, rules, memory).count).toBe(1);
  });

  it('as many start as have room beside him', () => {
    const half: OwnerWeek = (hour, week) => ({ ...officeHours(hour, week), cpuShare: hour === 9 ? 0.4 : 0 });
    const week = { profile: learned(half, 5), now: { hourOfWeek: 8, intoHourMs: 2_000_000 } };
    const seen = seenIn(week, { engine: engineWith([]) });
    const four = { ...equals, limit: 4 };
    expect(starts(decideOn(seen, { ...slotsOf(), ...hourLives }, four))).toHaveLength(2);
    expect(starts(decideOn(seen, { ...slotsOf(null, null, null), ...hourLives }, four))).toHaveLength(2);
    expect(starts(decideOn(seen, { ...slotsOf(null, null, null), ...hourLives }, {}))).toHaveLength(4);
  });

  it('his memory counts as well as his CPUs', () => {
    const hungry: OwnerWeek = (hour) => ({ cpuShare: 0.1, memoryBytes: hour === 9 ? 60.4e9 : 1e9 });
    const week = { profile: learned(hungry, 5), now: { hourOfWeek: 8, intoHourMs: 2_000_000 } };
    expect(begun(week, {})).toEqual({ count: 0, rule: 'profile' });
  });
});

describe('how long pilots run', () => {
  const lived = (memory: Partial<Memory>, changes: Partial<Sample>) => {
    const before = { ...slotsOf('a', 'b'), ...memory };
    const sample = sampleAt(at, changes);
    return followKinds(policy, before, followSlots(policy, before, sample), sample)['default']?.lives ?? [];
  };
  const over = engineWith([
    ended('a', 0, 5000, at),
    ended('b', 1, 200, at),
    ended('evicted', 0, 9000, at),
    running('c'),
  ]);

  it('is what those ran that left a slot: not who was evicted, not who did nothing', () => {
    expect(lived({}, { engine: over })).toEqual([5000]);
    expect(lived({ kinds: livesOf(1, 2) }, { engine: over })).toEqual([1, 2, 5000]);
    expect(lived({}, { engine: over, inFlight: [startInFlight('a')] })).toEqual([]);
  });

  it('is counted once for each, and kept for the last fifteen', () => {
    const seen = seenAt(at, 0, { engine: over });
    const first = decideOn(seen, slotsOf('a', 'b'));
    expect(first.memory.kinds['default']?.lives).toEqual([5000]);
    expect(decideOn(seen, first.memory).memory.kinds['default']?.lives).toBe(
      first.memory.kinds['default']?.lives,
    );
    const many = Array.from({ length: 15 }, (_, index) => index);
    expect(lived({ kinds: livesOf(...many) }, { engine: over })).toEqual([...many.slice(1), 5000]);
  });

  it('is their median, and unknown before five', () => {
    const usual = (...lives: number[]) => usualLifeMs({ kinds: livesOf(...lives) }, 'default');
    expect(usual(1, 2, 3, 4)).toBeNull();
    expect(usual(9, 1, 8, 2, 3)).toBe(3);
    expect(usual(9, 1, 8, 2, 3, 4)).toBe(3);
  });
});
