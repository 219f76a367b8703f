import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { settingOf } from './policies.ts';
import { type Starting, simulation } from './simulation.ts';
import { quietWorld } from './world.ts';

/** When pilots were started, in seconds, and how often something was taken from one, on two CPUs in three minutes. */
function firstMinutes(starting: Starting): { starts: number[]; taken: number } {
  const setting = settingOf('idle', {
    machine: { cpuCount: 2 },
    policy: { limit: 2, startsPerLoop: 1, loopMs: 5000 },
  });
  const starts: number[] = [];
  let taken = 0;
  simulation({
    decider: decide,
    ...setting,
    story: () => quietWorld,
    forMs: 180_000,
    starting,
    watch({ ms, decision }) {
      for (const { do: verb } of decision.actions) {
        if (verb === 'start') starts.push(ms / 1000);
        if (verb === 'shrink' || verb === 'pause') taken += 1;
      }
    },
  });
  return { starts, taken };
}

describe('a node on which a start is slow work for the engine, which counts as the owner’s', () => {
  it.each([
    [400, 2000, 1],
    [3000, 2000, 1],
    [3000, 3000, 1],
    [8000, 2000, 1],
    [8000, 8000, 1],
    [8000, 0, 1.8],
    [8000, 2000, 1.8],
  ])('of %i ms, %i ms after and %d CPUs is not held up by its own first start', (takesMs, afterMs, cpus) => {
    expect(firstMinutes({ takesMs, afterMs, cpus, waits: 0.3 })).toEqual({ starts: [2, 7], taken: 0 });
  });
});
