import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { noPaces } from '../../src/decide/pilotsGrowth.ts';
import { isThere, type Nature, plainNature } from '../../src/replay/body.ts';
import { reserveBytes, settingOf } from './policies.ts';
import { chanceOf } from './seeded.ts';
import { type Decider, simulation } from './simulation.ts';
import { quietWorld } from './world.ts';

/** As it was before pilots' own growth was reckoned with. */
const unforeseeing: Decider = (rules, seen, memory, previousMs) =>
  decide(rules, { ...seen, paces: noPaces(seen.sample) }, memory, previousMs);

/** A simulated hour takes a second or so; on a machine that others use, more. */
const patience = { timeout: 120_000 };

interface Node {
  readonly limit: number;
  readonly memoryBytes: number;
  readonly hours: number;
  readonly nature: (index: number) => Nature;
}

/** What became of pilots beside an owner who needs nothing but his reserve. */
function live(decider: Decider, { limit, memoryBytes, hours, nature }: Node) {
  const setting = settingOf('idle', {
    machine: { cpuCount: limit },
    policy: { limit, kind: { memoryBytes, ttlMs: 1e12 } },
  });
  const evicted = new Set<string>();
  let [belowSeconds, readAll, outOfMemoryKills] = [0, 0, 0];
  simulation({
    decider,
    ...setting,
    story: () => quietWorld,
    forMs: hours * 3_600_000,
    nature,
    stepMs: 500,
    readsInTurn: true,
    watch({ decision, bodies, counters, seen }) {
      const isAnyThere = [...bodies.values()].some(isThere);
      if (isAnyThere && counters.availableBytes < reserveBytes) belowSeconds += 1;
      for (const action of decision.actions) if (action.do === 'stop') evicted.add(action.name);
      const { atMs, host } = seen.sample;
      const read = [...host.pilotUse.values()].filter(({ readAtMs }) => readAtMs === atMs);
      if (read.length > 8) readAll += 1;
      ({ outOfMemoryKills } = counters);
    },
  });
  return { evicted: evicted.size, belowSeconds, outOfMemoryKills, readAll: readAll / (hours * 3600) };
}

const linear = (bytesPerSecond: number, peakBytes: number) => (cpuMs: number) =>
  Math.min(peakBytes, 5e7 + (bytesPerSecond * cpuMs) / 1000);

describe('ten pilots that grow by 1 GB/s together and do not stop', () => {
  const leaking = (noticeMs: number): Node => ({
    limit: 10,
    memoryBytes: 30e9,
    hours: 0.2,
    nature: () => ({ ...plainNature, workCpuMs: 1e12, noticeMs, bytesAt: linear(1e8, 30e9) }),
  });

  it.each([
    ['heed', 500, 1],
    ['ignore', Number.POSITIVE_INFINITY, 10],
  ])('and %s their notice leave the reserve to the owner', patience, (_, noticeMs, secondsBefore) => {
    const node = leaking(noticeMs);
    expect(live(decide, node)).toMatchObject({ belowSeconds: 0, outOfMemoryKills: 0 });
    expect(live(unforeseeing, node).belowSeconds).toBeGreaterThanOrEqual(secondsBefore);
  });
});

describe('pilots that grow and stop are not evicted for it', () => {
  const lives = (index: number) => ({ ...plainNature, workCpuMs: chanceOf(index + 5e6, 600_000, 3_600_000) });

  it.each<[string, Node]>([
    [
      'as they start, within seconds',
      {
        limit: 24,
        memoryBytes: 4e9,
        hours: 2,
        nature: (index) => {
          const peak = chanceOf(index, 0.5e9, 3e9);
          return { ...lives(index), bytesAt: linear(peak / chanceOf(index + 9e6, 2, 20), peak) };
        },
      },
    ],
    [
      'as their caches fill up to their limit, with room for all',
      {
        limit: 20,
        memoryBytes: 2.5e9,
        hours: 2,
        nature: (index) => ({
          ...lives(index),
          bytesAt: linear(chanceOf(index, 1e7, 2e8), 2.5e9),
        }),
      },
    ],
    [
      'as they fill their memory and tidy it up by turns',
      {
        limit: 12,
        memoryBytes: 8e9,
        hours: 2,
        nature: (index) => {
          const [peak, periodMs] = [chanceOf(index, 2e9, 6e9), chanceOf(index + 7e6, 20_000, 300_000)];
          return {
            ...lives(index),
            bytesAt: (cpuMs) => 1e8 + (peak - 1e8) * ((cpuMs % periodMs) / periodMs),
          };
        },
      },
    ],
  ])('%s', patience, (_, node) => {
    const { evicted, belowSeconds, readAll } = live(decide, node);
    expect({ evicted, belowSeconds }).toEqual({ evicted: 0, belowSeconds: 0 });
    // All of them are looked at where memory may be short, and hardly ever else.
    expect(readAll).toBeLessThan(0.01);
  });
});
