import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import type { Pressing } from '../../src/decide/senses.ts';
import { plainNature } from '../../src/replay/body.ts';
import { seeded } from '../../src/replay/seeded.ts';
import { withRules } from '../decide/world.ts';
import { measure } from './measures.ts';
import { reserveBytes, settingOf } from './policies.ts';
import type { Decider } from './simulation.ts';
import { quietWorld, type Story } from './world.ts';

const hours = 2;
/** A simulated hour takes a fraction of a second; on a machine that others use, more. */
const patience = { timeout: 120_000 };
const setting = settingOf('idle');
const policy = withRules(setting.policy, { kind: { ttlMs: 1e12 } });

/** An owner who keeps the disk busy at random, each second by a demand of his own. */
type Weather = (random: () => number, seconds: number) => number[];

/** Bursts that come once in so many seconds and last for so many, both at random. */
const bursts =
  (each: number, lasts: number, busy = 3, calm = 0): Weather =>
  (random, seconds) => {
    const demand = Array.from({ length: seconds }, () => calm);
    const about = (mean: number): number => -mean * Math.log(1 - random());
    for (let second = about(each); second < seconds; second += about(each)) {
      const end = second + about(lasts);
      demand.fill(busy, Math.floor(second), Math.ceil(end));
      second = end;
    }
    return demand.slice(0, seconds);
  };

/** He waits for another share of the time after so many seconds. */
const changing =
  (least: number, most: number, each: number): Weather =>
  (random, seconds) => {
    let demand = 0;
    return Array.from({ length: seconds }, (_, second) => {
      if (second % each === 0) demand = 1 / (1 - least - (most - least) * random());
      return demand;
    });
  };

/** What an hour comes to for four pilots that want this share of the disk. */
function livesIn(weather: Weather, disk: number, seed: number, decider: Decider = decide) {
  const worlds = weather(seeded(seed), hours * 3600).map((ownerDisk) => ({ ...quietWorld, ownerDisk }));
  const story: Story = (ms) => worlds[Math.floor(ms / 1000)] ?? quietWorld;
  const nature = () => ({ ...plainNature, disk, workCpuMs: 1e12 });
  const plan = { decider, ...setting, policy, story, forMs: hours * 3_600_000, nature, stepMs: 1000 };
  const { verbs, running, ownerDiskWaits } = measure(plan, reserveBytes);
  return { evicted: verbs.stop / hours, run: running / policy.limit, waits: ownerDiskWaits };
}

/** As it was before: whoever has been paused for `max_pause` is evicted. */
const merciless: Decider = (rules, seen, memory, previousMs) => {
  const { io } = memory.senses;
  const proven: Pressing | undefined = io === undefined ? undefined : { ...io, relapses: 3 };
  const senses = proven === undefined ? memory.senses : { ...memory.senses, io: proven };
  return decide(rules, seen, { ...memory, senses }, previousMs);
};

const slow = 1 / (1 - 0.25);

describe('pilots that have no part in what the owner waits for', () => {
  it.each<[string, Weather, number]>([
    ['bursts each minute', bursts(60, 5), 0.5],
    ['bursts each two minutes', bursts(120, 4), 0.6],
    ['longer ones', bursts(120, 10), 0.5],
    ['rare ones', bursts(300, 20), 0.9],
    ['a disk that is slow by itself, and bursts', bursts(600, 10, 3, slow), 0.9],
    ['the same with more of them', bursts(300, 20, 3, slow), 0.8],
    ['a disk that is slow now and then', changing(0.1, 0.6, 30), 0.9],
    ['a backup that takes minutes', bursts(600, 300), 0.9],
  ])('are not evicted for %s, and run most of the time', patience, (_, weather, share) => {
    const { evicted, run } = livesIn(weather, 0, 1);
    expect(evicted).toBeLessThanOrEqual(1);
    expect(run).toBeGreaterThan(share);
  });

  it('are evicted with a decider that takes each pause for a proof', patience, () => {
    const evicted = [bursts(60, 5), bursts(120, 4)].map((one) => livesIn(one, 0, 1, merciless).evicted);
    expect(Math.max(...evicted)).toBeGreaterThan(1);
  });
});

describe('pilots that he does wait for', () => {
  it.each<[string, Weather, number]>([
    ['who always wants some of the disk', () => Array.from({ length: hours * 3600 }, () => 0.3), 0.05],
    ['who comes at random', bursts(40, 20, 0.3), 0.04],
    ['who comes seldom', bursts(300, 60, 0.3), 0.04],
    ['who has bursts of his own as well', bursts(60, 5, 3, 0.3), 0.15],
  ])('leave it to an owner %s', patience, (_, weather, share) => {
    const { run, waits } = livesIn(weather, 1.5, 1);
    expect(waits).toBeLessThan(share);
    expect(run).toBeLessThan(0.7);
  });
});
