import { describe, expect, it } from 'vitest';
import { createPolicies, kindPolicyOf, nodeFacts, policyOf, seedOf } from '../../src/daemon/policy.ts';
import type { Kind } from '../../src/model/kind.ts';
import { noMeans } from '../../src/model/means.ts';
import type { Settings } from '../../src/model/settings.ts';
import { noSignSettings } from '../../src/model/signSettings.ts';
import { hostAt } from '../decide/world.ts';
import { kindOf } from '../support/kinds.ts';
import { keepLog } from '../support/quietLog.ts';

const { zones } = noSignSettings;
/** Noon of Monday, 1 January 2024, UTC. */
const noonMs = Date.UTC(2024, 0, 1, 12);
const hourMs = 3_600_000;

describe('the rules of a kind', () => {
  it('have no bound where none was written, and are always open without a schedule', () => {
    expect(kindPolicyOf(kindOf(), zones, noonMs)).toMatchObject({
      max: Number.POSITIVE_INFINITY,
      open: true,
      closesInMs: Number.POSITIVE_INFINITY,
      mayPrepare: true,
    });
    expect(kindPolicyOf(kindOf({ max: 3, envFile: '/etc/x' }), zones, noonMs)).toMatchObject({
      max: 3,
      mayPrepare: false,
    });
  });

  it('are open by its own schedule, for as long as that lasts', () => {
    const schedule = [{ days: [1], beginMinute: 600, endMinute: 780, zone: null }];
    const at = (wallMs: number) => kindPolicyOf(kindOf({ schedule }), zones, wallMs);
    expect(at(noonMs)).toMatchObject({ open: true, closesInMs: hourMs, opensInMs: 0 });
    expect(at(noonMs - 3 * hourMs)).toMatchObject({ open: false, opensInMs: hourMs });
    const elsewhere = [{ days: [1], beginMinute: 0, endMinute: 1440, zone: 'Nowhere/Land' }];
    expect(kindPolicyOf(kindOf({ schedule: elsewhere }), zones, noonMs).open).toBe(false);
  });

  it('name another recipe only where its containers would be others', () => {
    const recipe = (changed: Partial<Kind>) => kindPolicyOf(kindOf(changed), zones, noonMs).recipe;
    expect(recipe({})).toBe(recipe({ share: 9, max: 1, enabled: false, pull: 'always' }));
    // These are in a label of each.
    expect(recipe({})).not.toBe(recipe({ fizzleMs: 5 }));
    expect(recipe({})).not.toBe(recipe({ outcomes: { 75: 'no-work' } }));
    expect(recipe({})).not.toBe(recipe({ command: ['true'] }));
    expect(recipe({})).not.toBe(recipe({ env: { A: 'b' } }));
  });
});

describe('settings on a node', () => {
  const settings = (text: string, evaluate: Settings['pilotLimit']['evaluate']): Settings =>
    ({
      kinds: [kindOf({ name: 'a', memoryBytes: 1e9 }), kindOf({ name: 'b', memoryBytes: 3e9, swapBytes: 5 })],
      pilotLimit: { text, isDefault: false, evaluate },
      signs: noSignSettings,
    }) as unknown as Settings;

  it('reckon the limit with the largest of kinds', () => {
    const facts = nodeFacts(
      settings('', () => 0),
      hostAt(0),
      null,
    );
    expect(facts).toMatchObject({ ncpus: 4, max_dock_mem: 3e9, max_dock_swap: 5 });
    const evaluation = { seed: 1, wallMs: noonMs };
    const policy = policyOf(
      settings('', ({ ncpus }) => ncpus - 1),
      hostAt(0),
      null,
      noMeans,
      evaluation,
    );
    expect([policy.limit, policy.kinds.map(({ name }) => name), policy.seed]).toEqual([3, ['a', 'b'], 1]);
  });

  it('keep the limit that was in force where it cannot be evaluated', () => {
    const policies = createPolicies(keepLog(), () => ({ seed: 1, wallMs: noonMs }));
    const limitOf = (evaluate: Settings['pilotLimit']['evaluate']) =>
      policies(settings('', evaluate), hostAt(0), null, noMeans).limit;
    expect(limitOf(() => 5)).toBe(5);
    expect(
      limitOf(() => {
        throw new Error('division by zero');
      }),
    ).toBe(5);
  });

  it('jitter by the instance', () => {
    expect(seedOf('x')).not.toBe(seedOf('y'));
    expect(Number.isSafeInteger(seedOf('x'))).toBe(true);
  });
});
