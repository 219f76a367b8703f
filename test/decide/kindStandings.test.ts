import { describe, expect, it } from 'vitest';
import { newKind } from '../../src/decide/kindMemory.ts';
import { kindStandings } from '../../src/decide/kindStandings.ts';
import type { KindPolicy, Memory } from '../../src/decide/types.ts';
import { emptyMemoryOf, engineWith, kindOf, policy, running, seenAt, withRules } from './world.ts';

const at = 100_000_000;

function standing(changes: Partial<KindPolicy>, memory: Partial<Memory> = {}, pilots = engineWith([])) {
  const rules = withRules(policy, { kinds: [kindOf('a', changes), kindOf('b', { share: 3 })] });
  return kindStandings(rules, seenAt(at, 0, { engine: pilots }), { memory: emptyMemoryOf(memory) });
}

describe('how kinds fare', () => {
  it('is told with shares wanted and got, and what is missing', () => {
    const use = (seconds: number) => ({ ...newKind, use: { cpuMs: seconds * 1000, creditMs: 0, atMs: at } });
    const [a, b] = standing(
      { max: 5 },
      { kinds: { a: use(100), b: use(100) } },
      engineWith([running('x', 0, { kind: 'a' })]),
    );
    expect(a).toMatchObject({
      name: 'a',
      running: 1,
      max: 5,
      share: 1,
      wantedShare: 0.25,
      gotShare: 0.5,
      deficitSeconds: -50,
    });
    expect(b).toMatchObject({
      running: 0,
      max: null,
      wantedShare: 0.75,
      gotShare: 0.5,
      deficitSeconds: 50,
      state: 'ready',
      reason: '',
    });
    expect(standing({})[0]).toMatchObject({ gotShare: null, deficitSeconds: 0 });
    expect(standing({ enabled: false }).map((one) => one.wantedShare)).toEqual([0, 1]);
  });

  it.each<[string, Partial<KindPolicy>, Partial<Memory>]>([
    ['ready', {}, {}],
    ['disabled', { enabled: false }, {}],
    ['closed', { open: false, opensInMs: 5 }, {}],
    ['no-image', { image: 'other' }, {}],
    ['full', { max: 0 }, {}],
    ['held-back', { cpus: 9 }, {}],
    ['held-back', { memoryBytes: 1e12 }, {}],
    ['held-back', {}, { kinds: { a: { ...newKind, hasty: { count: 9, atMs: at } } } }],
  ])('as %s: %j', (state, changes, memory) => {
    const [a] = standing(changes, memory);
    expect(a?.state).toBe(state);
    expect(a?.reason === '').toBe(state === 'ready');
  });

  it('as backing off, with how long, and as trying again', () => {
    const backOff = { fruitless: 4, sinceMs: at - 9000, untilMs: at + 7000 };
    const [a] = standing({}, { kinds: { a: { ...newKind, backOff } } });
    expect(a).toMatchObject({ state: 'backing-off', fruitless: 4, nextStartInMs: 7000 });
    const probe = { pilot: 'p', kind: 'a', sinceMs: at - 500, failures: 0, notBeforeMs: 0 };
    const kinds = { a: { ...newKind, backOff: { ...backOff, untilMs: at - 600 } } };
    expect(standing({}, { kinds, slots: [probe] })[0]).toMatchObject({
      state: 'probing',
      nextStartInMs: null,
    });
  });

  it('with those that are to be renewed', () => {
    const pilots = engineWith([
      running('old', at - 9000, { kind: 'a' }),
      running('new', at - 10, { kind: 'a' }),
    ]);
    const renewals = [{ kind: 'a', beforeMs: at - 5000, now: false }];
    expect(standing({}, { renewals }, pilots).map(({ toRenew }) => toRenew)).toEqual([1, 0]);
  });
});
