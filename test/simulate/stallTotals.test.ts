import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { observe } from '../../src/decide/observe.ts';
import { type Memory, type Seen } from '../../src/decide/types.ts';
import type { Pressures } from '../../src/model/host.ts';
import { known } from '../../src/model/reading.ts';
import { engineWith, hostAt, noStalls, policy, running, sampleAt, slotsOf } from '../decide/world.ts';
import { type CpuMoment, type Group, someShare } from './stallTotals.ts';

const alone: CpuMoment = { owner: 0, pilots: 1, has: 'pilots' };
const ownerFirst: CpuMoment = { owner: 1, pilots: 1, has: 'owner' };
const ownerOnly: CpuMoment = { owner: 1, pilots: 0, has: 'owner' };
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

/**
 * Of a hundred CPUs 38 have a pilot for themselves. On the others the owner works all the time and never waits: a pilot
 * that wants in has to, 38 % of the time.
 */
const guests = [
  ...times(38, times(50, alone)),
  ...times(62, [...times(19, ownerFirst), ...times(31, ownerOnly)]),
];

describe('what the kernel tells of waiting for CPUs', () => {
  it('is more for the node than for the pilots though nobody of the owner’s waits', () => {
    expect(someShare(guests, 'owner')).toBe(0);
    const difference = someShare(guests, 'node') - someShare(guests, 'pilots');
    // 1/g⁵, the most that comes of it: g is the golden ratio.
    expect(difference).toBeCloseTo(0.09, 3);
    expect(difference).toBeGreaterThan(9 * policy.ownerSlowdown);
  });

  it('is more still where the kernel sums up one of the two once more in between', () => {
    // A pilot waits for the owner on one CPU, and then has another one for itself.
    const nobody: CpuMoment = { owner: 0, pilots: 0, has: null };
    const [first, second] = [
      [[ownerFirst], [nobody]],
      [[nobody], [alone]],
    ];
    const whole = [
      [ownerFirst, nobody],
      [nobody, alone],
    ];
    const inTwo = (group: Group): number => (someShare(first, group) + someShare(second, group)) / 2;
    expect(inTwo('owner')).toBe(0);
    expect(inTwo('node') - someShare(whole, 'pilots')).toBeCloseTo(0.25, 9);
  });

  it('takes nothing from guests who wait for an owner without groups of his own', () => {
    const stalls = (group: Group, ms: number): Pressures => ({
      ...noStalls,
      cpu: known({ someMs: someShare(guests, group) * ms, fullMs: 0 }),
    });
    const pilots = Array.from({ length: 100 }, (_, index) => running(`p${index}`));
    let seen: Seen | null = null;
    let memory: Memory = slotsOf(...pilots.map(({ name }) => name));
    const verbs = new Set<string>();
    for (let ms = 0; ms < 120_000; ms += 1000) {
      const atMs = 10_000_000 + ms;
      const pressure = { node: stalls('node', ms), pilots: stalls('pilots', ms), owner: [] };
      const host = { ...hostAt(atMs, 62, 38, 100), pressure };
      seen = observe(seen, sampleAt(atMs, { host, engine: engineWith(pilots) }));
      const decision = decide({ ...policy, limit: 100 }, seen, memory, atMs - 1000);
      memory = decision.memory;
      for (const action of decision.actions) verbs.add(action.do);
    }
    expect(verbs).toEqual(new Set());
    expect(memory.budget).toBeNull();
  });
});
