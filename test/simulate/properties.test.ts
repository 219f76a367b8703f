import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { leastCpus } from '../../src/decide/kindPolicy.ts';
import { withRules } from '../decide/world.ts';
import { blindInvariants } from './blindInvariants.ts';
import { type Invariant, invariants } from './invariants.ts';
import { seconds, simulate, type Tale } from './node.ts';
import { plainNature } from '../../src/replay/body.ts';
import type { Decider } from './simulation.ts';
import { foreign, policy, tales } from './tales.ts';

/** On a machine that others use hundreds of tales take their time. */
const patience = { timeout: 120_000 };

/** Tales in which this decider breaks the invariant are looked for; none is null. */
function search(invariant: Invariant, decider: Decider): string | null {
  const result = fc.check(
    fc.property(
      invariant.tales ?? tales,
      (tale) => invariant.fault(simulate(decider, policy, tale)) === null,
    ),
    { numRuns: 120, seed: 42, endOnFailure: decider !== decide },
  );
  return result.failed ? JSON.stringify(result.counterexample) : null;
}

describe.each([...invariants, ...blindInvariants])('$name', (invariant) => {
  it('holds whatever happens', patience, () => {
    expect(search(invariant, decide)).toBeNull();
  });

  it('is seen to fail with a decider that breaks it', () => {
    // A trouble that lasts long enough for the rarer faults is part of every search.
    const trouble = invariant.shownBy ?? { ownerMemoryBytes: 62e9 };
    const worlds = seconds(140, (second) => (second < 15 ? {} : trouble));
    const stubborn = { ...plainNature, workCpuMs: 1e12, noticeMs: Number.POSITIVE_INFINITY };
    const tale = { worlds, natures: invariant.natures ?? [stubborn], foreign };
    const told = invariant.fault(simulate(invariant.broken, policy, tale));
    expect(told ?? search(invariant, invariant.broken)).not.toBeNull();
  });
});

describe('what was taken from pilots is given back to them when the owner has been calm for long', () => {
  const patient = withRules(policy, { maxPauseMs: 1e9, kind: { ttlMs: 1e9 } });
  /** Whatever happens, and then twenty minutes of quiet. */
  const held = (tale: Tale, decider: Decider): string[] => {
    const natures = (tale.natures ?? []).map((one) => ({ ...one, workCpuMs: 1e12 }));
    const end = simulate(decider, patient, {
      ...tale,
      natures,
      worlds: [...tale.worlds, ...seconds(1200, {})],
    }).at(-1);
    return (
      (end?.containers ?? [])
        .filter(({ managed, state }) => managed && (state === 'running' || state === 'paused'))
        // What was asked to go and cannot keeps what it has.
        .filter(({ name }) => !(end?.decision.memory.leaving ?? []).some(({ pilot }) => pilot === name))
        .filter(({ name, state }) => state === 'paused' || (end?.cpus.get(name) ?? 0) < leastCpus(patient))
        .map(({ name, state }) => `${name} is ${state} with ${end?.cpus.get(name)} CPUs`)
    );
  };
  const search = (decider: Decider) =>
    fc.check(
      fc.property(tales, (tale) => held(tale, decider).length === 0),
      { numRuns: 25, seed: 42, endOnFailure: decider !== decide },
    );

  it('holds whatever happened', patience, () => {
    const result = search(decide);
    expect(result.failed ? JSON.stringify(result.counterexample) : null).toBeNull();
  });

  it('is seen to fail with a decider that keeps it', patience, () => {
    const keeping: Decider = (rules, seen, memory, previousMs) => {
      const decision = decide(rules, seen, memory, previousMs);
      return {
        ...decision,
        actions: decision.actions.filter(({ do: verb }) => verb !== 'thaw'),
      };
    };
    expect(search(keeping).failed).toBe(true);
  });
});
