import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { starts, stops, withRules } from '../decide/world.ts';
import { alive } from './invariants.ts';
import { type Frame, seconds, simulate } from './node.ts';
import { plainNature } from '../../src/replay/body.ts';
import { policy } from './tales.ts';

describe('a node over time', () => {
  const longLived = withRules(policy, { kind: { ttlMs: 1e9 } });
  const filled = (frames: readonly Frame[]) => frames.map(alive);

  it('fills to the limit when the owner is away, and stays there through pilots that end', () => {
    const natures = [{ ...plainNature, workCpuMs: 28_000 }];
    const counts = filled(simulate(decide, longLived, { worlds: seconds(300, {}), natures }));
    const steady = counts.slice(20);
    expect(steady.reduce((sum, count) => sum + count, 0) / steady.length).toBeGreaterThan(0.9 * policy.limit);
  });

  it('gives the node to an owner who wants it, and takes it back when he leaves', () => {
    const owner = (second: number) => (second > 60 && second < 160 ? 4 : 0);
    const worlds = seconds(300, (second) => ({ ownerCpus: owner(second) }));
    const frames = simulate(decide, longLived, { worlds });
    const counts = filled(frames);
    const working = (second: number) =>
      frames[second]?.containers.filter((one) => one.state === 'running').length;
    expect(counts[59]).toBe(4);
    expect(working(120)).toBe(0);
    expect(working(299)).toBe(4);
  });

  it('a broken image makes no start storm', () => {
    const frames = simulate(decide, policy, { worlds: seconds(3600, { startsFail: true }) });
    const perHour = frames.reduce((sum, frame) => sum + starts(frame.decision).length, 0);
    // Four slots at a start a minute, and the first doubling steps.
    expect(perHour).toBeLessThanOrEqual(4 * (60 + 7));
    expect(perHour).toBeGreaterThan(100);
  });

  it('an owner who comes and goes by the second does not make pilots flap', () => {
    const worlds = seconds(3600, (second) => ({ ownerCpus: second % 2 === 0 ? 4 : 0 }));
    const frames = simulate(decide, longLived, { worlds });
    const changes = frames.reduce(
      (sum, frame) => sum + starts(frame.decision).length + stops(frame.decision).length,
      0,
    );
    expect(changes).toBeLessThan(20);
  });
});
