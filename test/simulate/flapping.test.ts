import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { guestCost } from '../../src/replay/machine.ts';
import { changesPerHour, measure } from './measures.ts';
import { reserveBytes, settingOf } from './policies.ts';
import { chanceOf } from './seeded.ts';
import { quietWorld, type Story, squareWave } from './world.ts';

const hourMs = 3_600_000;
const all = [1, 2, 5, 10, 30, 60, 120, 300, 600];

/** What may come of an owner who takes every CPU for half of each period, whatever the period: per hour, and shares. */
interface Bound {
  readonly where: string;
  readonly setting: ReturnType<typeof settingOf>;
  readonly periods: readonly number[];
  /** Most starts and stops, and most pauses, thaws and changes of a CPU limit, in an hour. */
  readonly lives: number;
  readonly states: number;
  /** Most of his CPU time that pilots have instead of him. */
  readonly ownerLoss: number;
  /** Least of what he leaves that pilots get. */
  readonly harvest: number;
}

const bounds: readonly Bound[] = [
  {
    where: 'as guests in the idle class',
    setting: settingOf('idle'),
    periods: all,
    lives: 100,
    states: 0,
    ownerLoss: guestCost,
    harvest: 0.49,
  },
  // Among equals a wave that comes back for ever leaves no time that is surely ours: pilots keep away, or are paused.
  {
    where: 'as equals, where his pressure is told',
    setting: settingOf('normal'),
    periods: all,
    lives: 60,
    states: 140,
    ownerLoss: 0.07,
    harvest: 0,
  },
  {
    where: 'as equals, where it is not',
    setting: settingOf('normal', { machine: { ownerSlices: false } }),
    periods: all,
    lives: 60,
    states: 140,
    ownerLoss: 0.07,
    harvest: 0,
  },
];

describe.each(bounds)(
  'pilots $where do not flap',
  ({ setting, periods, lives, states, ownerLoss, harvest }) => {
    it.each(periods)('beside an owner with a period of %i s', (seconds) => {
      const story = squareWave(seconds * 1000, 4);
      const measures = measure({ decider: decide, ...setting, story, forMs: hourMs }, reserveBytes);
      const changes = changesPerHour(measures);
      expect(changes.lives).toBeLessThanOrEqual(lives);
      expect(changes.states).toBeLessThanOrEqual(states);
      expect(measures.ownerLoss).toBeLessThanOrEqual(ownerLoss);
      expect(measures.harvest).toBeGreaterThanOrEqual(harvest);
    });
  },
);

it('guests are cut as soon as an owner may wait less for them than they cost him', () => {
  const setting = settingOf('idle', { policy: { ownerSlowdown: guestCost / 4 } });
  const measures = measure(
    { decider: decide, ...setting, story: squareWave(60_000, 4), forMs: hourMs },
    reserveBytes,
  );
  expect(changesPerHour(measures).states).toBeGreaterThan(0);
});

describe('on one CPU a first guest', () => {
  const setting = settingOf('idle', { machine: { cpuCount: 1 }, policy: { limit: 1 } });
  const beside = (story: Story) => {
    const measures = measure({ decider: decide, ...setting, story, forMs: 4 * hourMs }, reserveBytes);
    return { ...measures, lives: changesPerHour(measures).lives };
  };
  const steady =
    (ownerCpus: number): Story =>
    () => ({ ...quietWorld, ownerCpus });

  it.each([0.2, 0.45, 0.6])('works beside an owner who always uses %d of it', (ownerCpus) => {
    const { harvest, lives, ownerLoss } = beside(steady(ownerCpus));
    expect(harvest).toBeGreaterThan(0.9);
    expect(lives).toBeLessThan(3);
    expect(ownerLoss).toBeLessThanOrEqual(guestCost);
  });

  it('stays away where he always uses more', () => {
    expect(beside(steady(0.7)).harvest).toBe(0);
  });

  it.each<[string, Story]>([
    ['by the second', (ms) => ({ ...quietWorld, ownerCpus: chanceOf(Math.floor(ms / 1000), 0.3, 1) })],
    ['by the minute', (ms) => ({ ...quietWorld, ownerCpus: chanceOf(Math.floor(ms / 60_000), 0.3, 1) })],
    ['by four minutes', (ms) => ({ ...quietWorld, ownerCpus: chanceOf(Math.floor(ms / 240_000), 0.3, 1) })],
    [
      'between 0.6 and 0.8, each ten minutes',
      (ms) => ({ ...quietWorld, ownerCpus: ms % 1.2e6 < 6e5 ? 0.6 : 0.8 }),
    ],
  ])('does not flap where he changes %s', (_, story) => {
    expect(beside(story).lives).toBeLessThan(12);
  });
});
