import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import type { Policy } from '../../src/decide/types.ts';
import { changesPerHour, measure } from '../simulate/measures.ts';
import { reserveBytes, settingOf } from '../simulate/policies.ts';
import { quietWorld, type Story, squareWave } from '../simulate/world.ts';

const hourMs = 3_600_000;
const periods = [1, 2, 5, 10, 30, 60, 120, 300, 600];

/** An owner who fills all of the memory but 2 GB for half of each period. */
function memoryWave(periodMs: number): Story {
  return (ms) => ({
    ...quietWorld,
    ownerMemoryBytes: ms % periodMs < periodMs / 2 ? 62e9 : 4e9,
  });
}

/** Starts and stops in an hour. */
function changes(story: Story, rules: Partial<Policy> = {}): number {
  const setting = settingOf('idle', { policy: rules });
  return changesPerHour(measure({ decider: decide, ...setting, story, forMs: hourMs }, reserveBytes)).lives;
}

describe('starts and stops in an hour are within what is stated', () => {
  it.each([
    [120_000, 60_000],
    [10_000, 5000],
    [0, 30_000],
  ])('for CPUs with a grace_kill of %d ms and a grace_spawn of %d ms', (graceKillMs, graceSpawnMs) => {
    const rules = { graceKillMs, graceSpawnMs, loopMs: 5000 };
    const bound = 2 * settingOf('idle').policy.limit * (1 + hourMs / (graceKillMs + graceSpawnMs));
    for (const seconds of periods) {
      expect([seconds, changes(squareWave(seconds * 1000, 4), rules) <= bound]).toEqual([seconds, true]);
    }
  });

  it('for memory', () => {
    const bound = 2 * settingOf('idle').policy.limit * (1 + 8);
    const counts = periods.map((seconds) => changes(memoryWave(seconds * 1000)));
    expect(Math.max(...counts)).toBeLessThanOrEqual(bound);
    // It is the doubled wait that holds it: an owner who comes each minute would have pilots started each time.
    expect(counts[periods.indexOf(60)]).toBeGreaterThan(0);
  });

  it('for memory only because the wait doubles', () => {
    const forgetful: typeof decide = (rules, seen, memory, previousMs) => {
      const { wariness } = memory;
      const first = wariness === null ? null : { ...wariness, bouts: 1 };
      return decide(rules, seen, { ...memory, wariness: first }, previousMs);
    };
    const setting = settingOf('idle');
    const story = memoryWave(120_000);
    const { lives } = changesPerHour(
      measure({ decider: forgetful, ...setting, story, forMs: hourMs }, reserveBytes),
    );
    expect(lives).toBeGreaterThan(2 * changes(story));
  });
});
