import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { changesPerHour, measure } from './measures.ts';
import { reserveBytes, settingOf } from './policies.ts';
import { squareWave } from './world.ts';

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
    ownerLoss: 0,
    harvest: 0.49,
  },
  // Among equals a wave that comes back for ever leaves no time that is surely ours: pilots keep away.
  {
    where: 'as equals, where his pressure is told',
    setting: settingOf('normal'),
    periods: all,
    lives: 60,
    states: 90,
    ownerLoss: 0.07,
    harvest: 0,
  },
  {
    where: 'as equals, where it is not',
    setting: settingOf('normal', { machine: { ownerSlices: false } }),
    periods: all,
    lives: 60,
    states: 90,
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
