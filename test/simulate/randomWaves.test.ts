import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import type { Policy } from '../../src/decide/types.ts';
import { waitAfter } from '../../src/decide/wariness.ts';
import type { OwnerSigns } from '../../src/model/host.ts';
import { known } from '../../src/model/reading.ts';
import { plainNature } from '../../src/replay/body.ts';
import { noSigns } from '../decide/world.ts';
import { changesPerHour, measure } from './measures.ts';
import { isOn, type Wave, waveOf, waves } from './ownersWaves.ts';
import { reserveBytes, settingOf } from './policies.ts';
import type { Decider } from './simulation.ts';
import { quietWorld, type Story } from './world.ts';

const hourMs = 3_600_000;

/** Bouts of evictions that a wait which doubles leaves room for in an hour. */
function boutsInHour(policy: Policy): number {
  let [bouts, spentMs] = [0, 0];
  while (spentMs <= hourMs) {
    bouts += 1;
    spentMs += waitAfter(policy, { bouts, lastMs: 0 });
  }
  return bouts;
}

/** Most starts and evictions in an hour of pilots that never end by themselves: what `decide` says of itself. */
function mostLives(policy: Policy): number {
  const { limit, graceKillMs, graceSpawnMs, maxPauseMs } = policy;
  const forCpus = hourMs / (graceKillMs + graceSpawnMs);
  const forPauses = hourMs / (maxPauseMs + graceSpawnMs);
  return 2 * limit * (1 + forCpus + forPauses + boutsInHour(policy));
}

function livesIn(decider: Decider, setting: ReturnType<typeof settingOf>, story: Story, disk = 0): number {
  const nature = () => ({ ...plainNature, disk, workCpuMs: 1e12 });
  return changesPerHour(
    measure({ decider, ...setting, story, forMs: hourMs, nature, stepMs: 1000 }, reserveBytes),
  ).lives;
}

const endless = { kind: { ttlMs: 1e12 } };

describe('an owner who wants CPUs, memory and storage in any waves', () => {
  const perhaps = fc.option(waves(1800), { freq: 3 });
  const owners = fc.record({
    cpus: perhaps,
    memory: perhaps,
    disk: perhaps,
    ownerDisk: fc.constantFrom(0.3, 3),
    pilotsDisk: fc.constantFrom(0, 0.5),
    cpuClass: fc.constantFrom('idle', 'idle', 'normal'),
  });
  const isThere = (wave: Wave | null, ms: number): boolean => wave !== null && isOn(wave, ms);

  it('has no more pilots started and evicted in an hour than is stated', { timeout: 120_000 }, () => {
    const result = fc.check(
      fc.property(owners, ({ cpus, memory, disk, ownerDisk, pilotsDisk, cpuClass }) => {
        const setting = settingOf(cpuClass, { policy: endless });
        const story: Story = (ms) => ({
          ...quietWorld,
          ownerCpus: isThere(cpus, ms) ? 4 : 0,
          ownerMemoryBytes: isThere(memory, ms) ? 62e9 : 4e9,
          ownerDisk: isThere(disk, ms) ? ownerDisk : 0,
        });
        return livesIn(decide, setting, story, pilotsDisk) <= mostLives(setting.policy);
      }),
      { numRuns: 20, seed: 42 },
    );
    expect(result.failed ? JSON.stringify(result.counterexample) : null).toBeNull();
  });
});

describe('where nothing can be paused or cut, an owner who comes and goes by signs in any waves', () => {
  const signs = fc.constantFrom<(isHere: boolean) => Partial<OwnerSigns>>(
    (isHere) => ({ userIdleMs: known(isHere ? 0 : 1e9) }),
    (isHere) => ({ onBattery: known(isHere) }),
    (isHere) => ({ programs: known(isHere ? ['game'] : []) }),
    (isHere) => ({ temperatureC: known(isHere ? 95 : 40) }),
  );
  const plan = fc.record({
    wave: waves(3600),
    sign: signs,
    graceSpawnMs: fc.constantFrom(0, 10_000, 60_000),
  });
  const means = { canPause: false, canThrottle: false };
  type Plan = { wave: Wave; sign: (isHere: boolean) => Partial<OwnerSigns>; graceSpawnMs: number };
  const isWithin = (decider: Decider, { wave, sign, graceSpawnMs }: Plan): boolean => {
    const setting = settingOf('normal', { means, policy: { ...endless, graceSpawnMs } });
    const story: Story = (ms) => ({ ...quietWorld, signs: { ...noSigns, ...sign(isOn(wave, ms)) } });
    const { policy } = setting;
    return livesIn(decider, setting, story) <= 2 * policy.limit * (1 + boutsInHour(policy));
  };

  it('has no more pilots started and evicted in an hour than is stated', { timeout: 120_000 }, () => {
    const result = fc.check(
      fc.property(plan, (one) => isWithin(decide, one)),
      { numRuns: 20, seed: 42 },
    );
    expect(result.failed ? JSON.stringify(result.counterexample) : null).toBeNull();
  });

  it('is seen to have more of them with a decider that forgets', () => {
    const forgetful: Decider = (rules, seen, memory, previousMs) =>
      decide(rules, seen, { ...memory, signWariness: null }, previousMs);
    const often: Plan = {
      wave: waveOf(5, 90),
      sign: (isHere) => ({ programs: known(isHere ? ['game'] : []) }),
      graceSpawnMs: 60_000,
    };
    expect([isWithin(decide, often), isWithin(forgetful, often)]).toEqual([true, false]);
  });
});

it('a node that is too hot, where pilots can be neither paused nor cut, has a quarter of them less each 10 s', () => {
  const setting = settingOf('normal', {
    means: { canPause: false, canThrottle: false },
    policy: endless,
  });
  const counts: number[] = [];
  measure(
    {
      decider: (rules, seen, memory, previousMs) => {
        const decision = decide(rules, seen, memory, previousMs);
        counts.push(decision.running);
        return decision;
      },
      ...setting,
      story: (ms) => ({
        ...quietWorld,
        signs: { ...noSigns, temperatureC: known(ms < 120_000 ? 40 : 95) },
      }),
      forMs: 180_000,
    },
    reserveBytes,
  );
  expect([119, 129, 139, 149, 164].map((second) => counts[second])).toEqual([4, 3, 2, 1, 0]);
});
