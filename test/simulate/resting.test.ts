import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { restingAfter } from '../../src/decide/rest.ts';
import { known } from '../../src/model/reading.ts';
import { plainNature } from '../../src/replay/body.ts';
import { withRules } from '../decide/world.ts';
import { invariants } from './invariants.ts';
import { measure } from './measures.ts';
import { type Frame, seconds, simulate, type Tale } from './node.ts';
import { reserveBytes, settingOf } from './policies.ts';
import { restingDecider, type RestingLook } from './resting.ts';
import { policy, tales } from './tales.ts';
import { allocator, quietWorld, type Story } from './world.ts';

const patience = 120_000;
const longLived = withRules(policy, { kind: { ttlMs: 1e9 } });
const lasting = { ...plainNature, workCpuMs: 1e12 };
/** After a quiet start, in which pilots grow out of their youth, whatever happens. */
const laterTales: fc.Arbitrary<Tale> = tales.map((tale) => ({
  ...tale,
  natures: (tale.natures ?? []).map((nature) => ({ ...nature, workCpuMs: 1e12 })),
  worlds: [...seconds(120, {}), ...tale.worlds, ...seconds(60, {})],
}));
/** What is done by the clock alone, and may come some seconds late. */
const untimely: readonly string[] = ['pull', 'prepare', 'discard'];

function looksIn(
  tale: Tale,
  rules = policy,
): { readonly looks: readonly RestingLook[]; readonly frames: readonly Frame[] } {
  const looks: RestingLook[] = [];
  const frames = simulate(
    restingDecider((look) => looks.push(look)),
    rules,
    tale,
  );
  return { looks, frames };
}

describe('a look at which nothing has moved', () => {
  it(
    'would have led to nothing, whatever happened before',
    () => {
      let rested = 0;
      fc.assert(
        fc.property(laterTales, (tale) => {
          const { looks } = looksIn(tale);
          rested += looks.length;
          for (const { wouldBe } of looks) {
            const missed = wouldBe.actions.filter((action) => !untimely.includes(action.do));
            expect(missed).toEqual([]);
            expect(wouldBe.refusals.filter(({ rule }) => rule !== 'limit')).toEqual([]);
            expect(wouldBe.exit).toBeNull();
          }
        }),
        { numRuns: 40, seed: 42 },
      );
      expect(rested).toBeGreaterThan(1000);
    },
    patience,
  );

  it.each(invariants.map((invariant) => [invariant.name, invariant] as const))(
    'keeps what deciding on each look keeps: %s',
    (_, invariant) => {
      fc.assert(
        fc.property(laterTales, (tale) => {
          const isKept = invariant.fault(simulate(decide, policy, tale)) === null;
          expect(isKept ? invariant.fault(looksIn(tale).frames) : null).toBeNull();
        }),
        { numRuns: 8, seed: 7 },
      );
    },
    patience,
  );

  it('is four of five where nobody does anything, whatever pilots use', () => {
    const { looks, frames } = looksIn({ worlds: seconds(400, {}), natures: [lasting] }, longLived);
    const late = looks.filter(({ seen }) => seen.sample.atMs > (frames[99]?.seen.sample.atMs ?? 0));
    // The legacy rule's judgement each 30 s is one more.
    expect(late.length / 300).toBeGreaterThan(0.7);
    expect(late.length / 300).toBeLessThanOrEqual(0.8);
  });

  it('is one at which the owner waits for less than half of owner_slowdown, whatever that is', () => {
    const rests = ({ seen, decision }: Frame, waits: number, ownerSlowdown: number): boolean => {
      const sample = { ...seen.sample, atMs: seen.sample.atMs + 1000 };
      const now = { ...seen, sample, ownerPressure: { ...seen.ownerPressure, cpu: known(waits) } };
      return restingAfter({ policy: { ...longLived, ownerSlowdown }, seen, decision })(now);
    };
    const frames = simulate(decide, longLived, { worlds: seconds(150, {}), natures: [lasting] });
    const still = frames.filter((frame) => rests(frame, 0, 0.01));
    expect(still.length).toBeGreaterThan(0);
    for (const frame of still)
      expect([0.01, 0.006, 0.005].map((budget) => rests(frame, 0.003, budget))).toEqual([true, true, false]);
  });

  it('ends with what it waited for: its limit, its owner, its time', () => {
    const quiet = seconds(120, {});
    const noneAfter = (world: Parameters<typeof seconds>[1]): number => {
      const tale = { worlds: [...quiet, ...seconds(3, world)], natures: [lasting] };
      const { looks, frames } = looksIn(tale, longLived);
      const from = frames[quiet.length]?.seen.sample.atMs ?? 0;
      return looks.filter(({ seen }) => seen.sample.atMs >= from).length;
    };
    expect(noneAfter({ ownerCpus: 1 })).toBe(0);
    expect(noneAfter((second) => ({ ownerMemoryBytes: 2e9 + 6e9 * second }))).toBeLessThan(2);
    expect(noneAfter({ control: { drain: true, stop: false, forceStop: false, renew: [] } })).toBe(0);
    expect(noneAfter({ engine: 'away' })).toBe(0);
    expect(noneAfter({})).toBeGreaterThan(0);
  });
});

describe('an owner who comes back to a node that rests', () => {
  const setting = settingOf('idle', {
    machine: { cpuCount: 16 },
    policy: { limit: 10, kind: { stopGraceMs: 2000 } },
  });
  const nature = { ...lasting, firstBytes: 1.9e9, peakBytes: 1.92e9, growCpuMs: 1000 };
  const measured = (story: Story, decider = restingDecider()) =>
    measure({ decider, ...setting, story, forMs: 300_000, nature: () => nature }, reserveBytes);

  it.each([100, 500, 1000, 2000, 8000])(
    'at %i MB/s has his memory back no later than where each second is decided on',
    (rate) => {
      const story = allocator(150_000, rate * 1e6, 56e9, 60_000);
      const [resting, eager] = [measured(story), measured(story, decide)];
      expect(resting.belowReserveMs).toBeLessThanOrEqual(eager.belowReserveMs);
      expect(resting.outOfMemoryKills).toBe(0);
    },
  );

  it('has his CPUs back as he has where each second is decided on', () => {
    const story: Story = (ms) => ({ ...quietWorld, ownerCpus: ms > 150_000 ? 16 : 0 });
    const long = { ...setting, policy: withRules(setting.policy, { graceKillMs: 30_000 }) };
    const [resting, eager] = [restingDecider(), decide].map((decider) =>
      measure({ decider, ...long, story, forMs: 400_000, nature: () => nature }, reserveBytes),
    );
    expect(resting?.verbs).toEqual(eager?.verbs);
    expect(resting?.ownerLoss).toBeCloseTo(eager?.ownerLoss ?? 0, 3);
  });
});
