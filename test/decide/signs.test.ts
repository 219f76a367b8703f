import { describe, expect, it } from 'vitest';
import { delayShare, followAccount, followBudget, emptyAccount } from '../../src/decide/budget.ts';
import { closing, windowBlocker } from '../../src/decide/closing.ts';
import type { Sense } from '../../src/decide/senses.ts';
import { signalOf } from '../../src/decide/signs.ts';
import { emptyMemory, type Memory, type Policy, type Seen } from '../../src/decide/types.ts';
import type { OwnerSigns } from '../../src/model/host.ts';
import { known, type Reading, unknown } from '../../src/model/reading.ts';
import { hostAt, noSigns, plainKind, policy, running, seenAt } from './world.ts';

const at = 1_000_000;
const blind = unknown('no such file');

function signed(signs: Partial<OwnerSigns>): Seen {
  return seenAt(at, 0, { host: { ...hostAt(at), signs: { ...noSigns, ...signs } } });
}
function pressed(cpu: Reading<number>, pilotsCpus: Reading<number> = known(4)): Seen {
  const seen = seenAt(at, 0);
  return { ...seen, pilotsCpus, ownerPressure: { ...seen.ownerPressure, cpu } };
}

describe('a sign', () => {
  it.each<[Sense, Partial<OwnerSigns>, string, RegExp]>([
    ['user', { userIdleMs: known(1000) }, 'over', /1 s ago/],
    ['user', { userIdleMs: known(899_999) }, 'over', /user_away/],
    ['user', { userIdleMs: known(900_000) }, 'under', /nobody/],
    ['user', { userIdleMs: known(Number.POSITIVE_INFINITY) }, 'under', /nobody/],
    ['user', { userIdleMs: blind }, 'unknown', /no such file/],
    ['battery', { onBattery: known(true) }, 'over', /battery/],
    ['battery', { onBattery: known(false) }, 'under', /power/],
    ['battery', { onBattery: blind }, 'unknown', /no such file/],
    ['program', { programs: known(['blender', 'steam']) }, 'over', /blender, steam/],
    ['program', { programs: known([]) }, 'under', /no program/],
    ['temperature', { temperatureC: known(80.4) }, 'over', /80 °C/],
    ['temperature', { temperatureC: known(80) }, 'between', /80 °C/],
    ['temperature', { temperatureC: known(75) }, 'under', /75 °C/],
  ])('%s %j is %s', (sense, signs, is, text) => {
    expect(signalOf(sense, policy, signed(signs), emptyMemory)).toEqual({
      is,
      text: expect.stringMatching(text) as string,
    });
  });

  it('that nobody asked for is off, and so is each on a node that is not the engine’s', () => {
    for (const sense of ['user', 'battery', 'program', 'temperature'] as const) {
      expect(signalOf(sense, policy, signed({}), emptyMemory).is).toBe('off');
    }
    const elsewhere = { ...policy, nodeIsEngines: false };
    expect(signalOf('user', elsewhere, signed({ userIdleMs: known(0) }), emptyMemory).is).toBe('off');
  });

  it.each([
    [0.4, 'over'],
    [0.3, 'between'],
    [0.1, 'under'],
  ])('storage of %d is %s', (io, is) => {
    const seen = seenAt(at, 0);
    const waiting = { ...seen, ownerPressure: { ...seen.ownerPressure, io: known(io) } };
    expect(signalOf('io', policy, waiting, emptyMemory).is).toBe(is);
  });

  it('of storage is unknown where nothing tells', () => {
    const seen = seenAt(at, 0);
    const dumb = { ...seen, ownerPressure: { ...seen.ownerPressure, io: blind } };
    expect(signalOf('io', policy, dumb, emptyMemory).is).toBe('unknown');
    expect(signalOf('io', { ...policy, nodeIsEngines: false }, dumb, emptyMemory).is).toBe('off');
  });
});

describe('contention', () => {
  const mean = (mean60: number, mean5: number, readAtMs = at): Memory => ({
    ...emptyMemory,
    budget: { mean60, mean5, readAtMs },
  });
  it.each<[string, Memory, Partial<Policy>, string]>([
    ['beyond the budget', mean(0.02, 0.03), {}, 'over'],
    ['beyond it, and over by now', mean(0.02, 0.001), {}, 'between'],
    ['within it', mean(0.008, 0.02), {}, 'between'],
    ['of less than half of it', mean(0.005, 0.01), {}, 'under'],
    ['that could not be read just now', mean(0.02, 0.03, at - 1000), {}, 'between'],
    ['that could not be read for a minute', mean(0.02, 0.03, at - 61_000), {}, 'off'],
    ['that nobody minds', mean(0.9, 0.9), { ownerSlowdown: 1 }, 'off'],
    ['that was never read', emptyMemory, {}, 'off'],
  ])('%s', (_, memory, rules, is) => {
    expect(signalOf('cpu', { ...policy, ...rules }, seenAt(at, 0), memory).is).toBe(is);
  });

  it('among equals is a full node on which the owner is active', () => {
    const means = { ...policy.means, cpuClass: 'normal' } as const;
    const crowd = (ownerCpus: number, pilotsCpus: number, runnable: number, cpuCount = 4) => {
      const host = { ...hostAt(at, 0, 0, cpuCount), runnable: known(runnable) };
      const seen = seenAt(at, ownerCpus, { host });
      return signalOf('cpu', { ...policy, means }, { ...seen, pilotsCpus: known(pilotsCpus) }, emptyMemory)
        .is;
    };
    expect(crowd(2, 2, 6)).toBe('over');
    expect(crowd(2, 2, 4)).toBe('between');
    // Whoever reads the count is one of five.
    expect(crowd(2, 2, 5)).toBe('between');
    // The services of a large node are nobody who is disturbed, and pilots alone are no crowd.
    expect(crowd(1.2, 62.8, 99, 64)).toBe('under');
    expect(crowd(1.5, 62.5, 99, 64)).toBe('over');
    expect(crowd(1.5, 65, 66, 64)).toBe('between');
    expect(crowd(0.1, 3.9, 9)).toBe('under');
    expect(crowd(2, 1.4, 9)).toBe('under');
    expect(signalOf('cpu', policy, { ...seenAt(at, 2), pilotsCpus: known(2) }, emptyMemory).is).toBe('off');
  });
});

describe('the budget', () => {
  it('counts what the owner waits for, and never more than what pilots have', () => {
    expect(delayShare(policy, pressed(known(0.5)))).toEqual(known(0.5));
    expect(delayShare(policy, pressed(known(0.5), known(0.1)))).toEqual(known(0.1));
    expect(delayShare(policy, pressed(known(0.5), blind))).toEqual(known(0.5));
    expect(delayShare(policy, pressed(blind))).toEqual(blind);
  });

  describe('where the kernel does not tell what the owner waits for', () => {
    const equals: Policy = { ...policy, means: { ...policy.means, cpuClass: 'normal' } };
    const full = { ownerCpusNow: known(2), runnableBefore: known(9), runnable: known(9) };
    const crowded = (changes: Partial<Seen> & { runnable?: Reading<number> }): Seen => {
      const { runnable, ...more } = { ...full, ...changes };
      const seen = pressed(blind, known(2));
      return { ...seen, sample: { ...seen.sample, host: { ...hostAt(at), runnable } }, ...more };
    };

    it.each<[string, Parameters<typeof crowded>[0], number]>([
      ['all of it while more want the CPUs than there are', {}, 1],
      ['half of it when that was so at one end of it', { runnable: known(3) }, 0.5],
      ['half of it when that has just begun', { runnableBefore: known(0) }, 0.5],
      ['nothing when it was at neither', { runnable: known(3), runnableBefore: known(5) }, 0],
      ['nothing beside one who does next to nothing', { ownerCpusNow: known(0.4) }, 0],
      ['no more than pilots have', { pilotsCpus: known(0.25) }, 0.25],
    ])('is among equals %s', (_, changes, share) => {
      expect(delayShare(equals, crowded(changes))).toEqual(known(share));
    });

    it.each<[string, Parameters<typeof crowded>[0]]>([
      ['the owner’s CPUs', { ownerCpusNow: blind }],
      ['the pilots’ CPUs', { pilotsCpus: blind }],
      ['who wants a CPU', { runnable: blind }],
      ['who wanted one', { runnableBefore: blind }],
      ['who is who', { ownerIsExact: false }],
      ['whose work it is', { ownWork: { sinceMs: at, lastMs: at, isImage: false } }],
    ])('is unknown among equals where nobody can see %s', (_, changes) => {
      expect(delayShare(equals, crowded(changes)).known).toBe(false);
    });

    it('is not made up where he goes first', () => {
      expect(delayShare(policy, crowded({}))).toEqual(blind);
      expect(delayShare(equals, { ...crowded({}), ...pressed(known(0.5)) })).toEqual(known(0.5));
    });

    it('says nothing of what taking from pilots is good for', () => {
      const budget = followBudget(equals, null, crowded({}), 1000);
      expect(budget?.mean60).toBeCloseTo(1 - Math.exp(-1 / 60), 9);
      expect(budget?.waits5).toBeUndefined();
    });
  });

  it('is a mean over a minute', () => {
    let budget = null as ReturnType<typeof followBudget>;
    for (let second = 0; second < 60; second++)
      budget = followBudget(policy, budget, pressed(known(1)), 1000);
    expect(budget?.mean60).toBeCloseTo(1 - Math.exp(-1), 5);
    expect(budget?.mean5).toBeGreaterThan(0.99);
    expect(followBudget(policy, budget, pressed(blind), 1000)).toBe(budget);
    expect(followBudget(policy, null, pressed(blind), 1000)).toBeNull();
  });

  it('is accounted against what pilots have had', () => {
    const once = followAccount(policy, emptyAccount, pressed(known(0.02), known(3)), 1000, 0);
    const twice = followAccount(policy, once, pressed(known(0.02), known(3)), 1000, 500);
    expect(twice).toEqual({ sinceMs: at, harvestedMs: 6000, wastedMs: 500, ownerDelayMs: 40, toldMs: 2000 });
    expect(followAccount(policy, twice, pressed(blind, blind), 1000, 0)).toEqual(twice);
    expect(followAccount(policy, emptyAccount, pressed(blind, blind), 1000, 0)).toEqual(emptyAccount);
  });
});

describe('the schedule', () => {
  const within = (open: boolean, changesInMs: number) => signed({ window: { open, changesInMs } });
  it.each<[string, Seen, boolean, boolean]>([
    ['is not asked for', signed({}), true, false],
    ['has no end', within(true, Number.POSITIVE_INFINITY), true, false],
    ['goes on for long', within(true, 3_600_000), true, false],
    ['ends within a minute and the grace', within(true, 71_000), false, false],
    ['ends when the grace does', within(true, 12_000), false, true],
    ['is over', within(false, 3_600_000), false, true],
    ['never begins', within(false, Number.POSITIVE_INFINITY), false, true],
  ])('%s', (_, seen, mayStart, mustGo) => {
    expect(windowBlocker(seen, plainKind) === null).toBe(mayStart);
    expect(closing(policy, seen, running('a')) !== null).toBe(mustGo);
  });
});
