import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { kindStandings, type KindStanding } from '../../src/decide/kindStandings.ts';
import { kindOf } from '../decide/world.ts';
import { measure } from './measures.ts';
import { plainNature, type Nature } from '../../src/replay/body.ts';
import { reserveBytes, settingOf } from './policies.ts';
import { simulation } from './simulation.ts';
import { quietWorld } from './world.ts';

const hourMs = 3_600_000;
const grid = kindOf('grid', { share: 3, backOff: { firstMs: 60_000, mostMs: 900_000 } });
const local = kindOf('local', { share: 1 });
const setting = settingOf('idle', { policy: { kinds: [grid, local] } });

/** Pilots of the grid find no work in the first hour and say so; all the others work for five minutes. */
function nature(_index: number, kind: string, ms: number): Nature {
  if (kind === 'grid' && ms < hourMs) return { ...plainNature, workCpuMs: 4000, says: 300 };
  return { ...plainNature, workCpuMs: 300_000 };
}

const plan = { decider: decide, ...setting, story: () => quietWorld, forMs: 4 * hourMs, nature };

describe('a node with two kinds, one of which finds no work for an hour', () => {
  const gridStarts: number[] = [];
  const had = { grid: [0, 0, 0, 0], local: [0, 0, 0, 0] };
  let workAgainMs = Number.POSITIVE_INFINITY;
  let last: readonly KindStanding[] = [];
  simulation({
    ...plan,
    watch({ ms, seen, decision, bodies }) {
      const hour = Math.min(3, Math.floor((ms - 1) / hourMs));
      for (const action of decision.actions)
        if (action.do === 'start' && action.kind === 'grid') gridStarts.push(ms);
      for (const { kind, state, nature } of bodies.values()) {
        if (state !== 'running' || (kind !== 'grid' && kind !== 'local')) continue;
        had[kind][hour] = (had[kind][hour] ?? 0) + 1;
        if (kind === 'grid' && nature.says === undefined) workAgainMs = Math.min(workAgainMs, ms);
      }
      last = kindStandings(setting.policy, seen, decision);
    },
  });

  it('tries seldom whether there is work, and gives the node to the other kind meanwhile', () => {
    const tries = gridStarts.filter((ms) => ms < hourMs);
    expect(tries.length).toBeGreaterThanOrEqual(6);
    // Four at the beginning, then 1, 2, 4, 8 and 15 minutes (and at least half of each).
    expect(tries.length).toBeLessThanOrEqual(15);
    expect(had.local[0]).toBeGreaterThan(0.95 * 4 * 3600);
  });

  it('finds within its longest wait that there is work again, and has its share from then on', () => {
    expect(workAgainMs).toBeLessThanOrEqual(hourMs + grid.backOff.mostMs + 10_000);
    const part = (had.grid[3] ?? 0) / ((had.grid[3] ?? 0) + (had.local[3] ?? 0));
    expect(part).toBeGreaterThan(0.7);
    expect(part).toBeLessThan(0.8);
    expect(last.map(({ fruitless, state }) => [fruitless, state])).toEqual([
      [0, 'ready'],
      [0, 'ready'],
    ]);
  });

  it('uses nearly all that the node leaves', () => {
    expect(measure(plan, reserveBytes).harvest).toBeGreaterThan(0.97);
  });
});
