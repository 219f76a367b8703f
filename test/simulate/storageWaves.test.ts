import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import type { Pressing } from '../../src/decide/senses.ts';
import { plainNature } from '../../src/replay/body.ts';
import { withRules } from '../decide/world.ts';
import { measure } from './measures.ts';
import { diskWave, waveOf, waves } from './ownersWaves.ts';
import { reserveBytes, settingOf } from './policies.ts';
import type { Decider } from './simulation.ts';
import type { Story } from './world.ts';

const hourMs = 3_600_000;
const setting = settingOf('idle');
const policy = withRules(setting.policy, { kind: { ttlMs: 1e12 } });

/** What an hour comes to for four pilots that want this share of the disk: counts, and shares of the time. */
function hoursOf(story: Story, disk: number, hours: number, decider: Decider = decide) {
  const nature = () => ({ ...plainNature, disk, workCpuMs: 1e12 });
  const { verbs, running, ownerDiskWaits } = measure(
    { decider, ...setting, policy, story, forMs: hours * hourMs, nature, stepMs: 1000 },
    reserveBytes,
  );
  return {
    evicted: verbs.stop / hours,
    started: verbs.start / hours,
    paused: verbs.pause / hours,
    run: running / policy.limit,
    waits: ownerDiskWaits,
  };
}

describe('an owner who waits for storage in waves of his own', () => {
  // What is lost is the time in which it is found out, at most half of an hour in which that comes three times.
  it.each([
    [20, 60, 0.8],
    [5, 10, 0.8],
    [5, 30, 0.7],
    [5, 60, 0.9],
    [4, 45, 0.55],
    [22, 60, 0.8],
    [10, 120, 0.85],
    [40, 120, 0.85],
    [25, 300, 0.8],
    [30, 600, 0.9],
    [300, 600, 0.9],
  ])('of %i s in each %i has no pilot evicted, and lets them run for %d of an hour', (on, period, share) => {
    const hour = hoursOf(diskWave(waveOf(on, period), 3), 0, 1);
    expect(hour).toMatchObject({ evicted: 0, started: policy.limit });
    expect(hour.paused).toBeLessThanOrEqual(64);
    expect(hour.run).toBeGreaterThanOrEqual(share);
  });

  it('of any sort has few pilots evicted in an hour, and lets them run for half of it at least', {
    timeout: 120_000,
  }, () => {
    const result = fc.check(
      fc.property(waves(1200), (wave) => {
        const { evicted, paused, run } = hoursOf(diskWave(wave, 3), 0, 1);
        return evicted <= policy.limit && paused <= 100 && run >= 0.5;
      }),
      { numRuns: 20, seed: 42 },
    );
    expect(result.failed ? JSON.stringify(result.counterexample) : null).toBeNull();
  });

  it('has them run for less, and paused more often, with a decider that forgets at each calm', () => {
    const forgetful: Decider = (rules, seen, memory, previousMs) => {
      const { vain: _vain, ...io } = memory.senses.io ?? {};
      const senses =
        memory.senses.io === undefined ? memory.senses : { ...memory.senses, io: io as Pressing };
      return decide(rules, seen, { ...memory, senses }, previousMs);
    };
    const story = diskWave(waveOf(4, 45), 3);
    const [forgets, remembers] = [hoursOf(story, 0, 1, forgetful), hoursOf(story, 0, 1)];
    expect(forgets.run).toBeLessThan(remembers.run - 0.1);
    expect(forgets.paused).toBeGreaterThan(remembers.paused);
  });
});

describe('an owner who waits for storage because of pilots', () => {
  // Any one of them is enough: alone he would not wait at all, but in waves of his own.
  it.each<[string, Story, number]>([
    ['all the time', diskWave(waveOf(1, 1), 0.3), 0.05],
    ['in waves', diskWave(waveOf(20, 60), 0.3), 0.05],
    ['all the time, and by himself for 5 s of each 60', diskWave(waveOf(5, 60), 3, 0.3), 0.2],
    ['all the time, and by himself for 20 s of each 300', diskWave(waveOf(20, 300), 3, 0.3), 0.2],
    ['all the time, and by himself for 5 s of each 300', diskWave(waveOf(5, 300), 3, 0.3), 0.15],
  ])('%s has them paused for most of the time', (_, story, share) => {
    const hour = hoursOf(story, 1.5, 2);
    expect(hour.run).toBeLessThan(share + 0.1);
    expect(hour.waits).toBeLessThan(share);
    // A pause is bounded by `max_pause`, and `grace_spawn` follows.
    expect(hour.evicted).toBeLessThanOrEqual(policy.limit * 6);
    expect(hour.started).toBeLessThanOrEqual(policy.limit * 7);
  });

  it('is seen to wait for long with a decider that does not look at them on probation', () => {
    const trusting: Decider = (rules, seen, memory, previousMs) => {
      const { probation: _probation, ...io } = memory.senses.io ?? {};
      const senses =
        memory.senses.io === undefined ? memory.senses : { ...memory.senses, io: io as Pressing };
      return decide(rules, seen, { ...memory, senses }, previousMs);
    };
    expect(hoursOf(diskWave(waveOf(5, 60), 3, 0.3), 1.5, 2, trusting).waits).toBeGreaterThan(0.4);
  });
});
