import { describe, expect, it } from 'vitest';
import { kindWaitMs } from '../../src/decide/kindBackOff.ts';
import { newKind } from '../../src/decide/kindMemory.ts';
import type { KindPolicy, Memory } from '../../src/decide/types.ts';
import { why } from '../../src/decide/why.ts';
import type { ActionResult } from '../../src/model/action.ts';
import type { Pilot, PilotEnd } from '../../src/model/pilot.ts';
import {
  decideOn,
  emptyMemoryOf,
  engineWith,
  kindOf,
  policy,
  running,
  seenAt,
  starts,
  withRules,
} from './world.ts';

const at = 10_000_000;
const second = 1000;
const a = kindOf('a');

/** Pilots of kind a that have ended by now, begun so long ago. */
function over(
  name: string,
  end: Partial<PilotEnd>,
  sinceMs = at - 9 * second,
): { pilot: Pilot; slot: Memory['slots'][number] } {
  const whole = { exitCode: 0, livedMs: 5 * second, said: null, ...end };
  const pilot = running(name, sinceMs, { kind: 'a', state: 'ended', stateSinceMs: at, end: whole });
  return { pilot, slot: { pilot: name, kind: 'a', sinceMs, failures: 0, notBeforeMs: 0, cpus: 1 } };
}

function after(
  lives: readonly ReturnType<typeof over>[],
  memory: Partial<Memory> = {},
  kinds: readonly KindPolicy[] = [a],
  others: readonly Pilot[] = [],
) {
  const engine = engineWith([...lives.map(({ pilot }) => pilot), ...others]);
  const slots = [...lives.map(({ slot }) => slot), ...(memory.slots ?? [])];
  const before = emptyMemoryOf({ ...memory, slots });
  return decideOn(seenAt(at, 0, { engine }), before, { kinds, limit: 8 });
}

const waiting = (fruitless: number, sinceMs: number, untilMs: number): Partial<Memory> => ({
  kinds: { a: { ...newKind, isAway: false, backOff: { fruitless, sinceMs, untilMs } } },
});
const backOffOf = (decision: ReturnType<typeof after>) => decision.memory.kinds['a']?.backOff ?? null;

describe('a kind whose pilots find no work', () => {
  it('waits, and leaves its slots to the others meanwhile', () => {
    const decision = after([over('x', {})], {}, [a, kindOf('b')]);
    expect(backOffOf(decision)).toMatchObject({ fruitless: 1, sinceMs: at });
    expect(decision.actions.flatMap((one) => (one.do === 'start' ? [one.kind] : []))).toEqual([
      'b',
      'b',
      'b',
      'b',
    ]);
  });

  it('waits twice as long each time, from its first wait to its longest, and not all nodes alike', () => {
    const jittered = [1, 2, 3, 20].map((fruitless) => kindWaitMs(a, fruitless, 5));
    const whole = [60, 120, 240, 3600].map((seconds) => seconds * second);
    for (const [index, ms] of jittered.entries()) {
      expect(ms).toBeGreaterThanOrEqual((whole[index] ?? 0) / 2);
      expect(ms).toBeLessThanOrEqual(whole[index] ?? 0);
    }
    expect(kindWaitMs(a, 3, 5)).not.toBe(kindWaitMs(a, 3, 6));
    expect(kindWaitMs(a, 3, 5)).toBe(kindWaitMs(a, 3, 5));
  });

  it('counts those once that were begun before it waited', () => {
    expect(backOffOf(after([over('x', {}), over('y', {})]))).toMatchObject({ fruitless: 1 });
    const late = after([over('x', {}, at - 50 * second)], waiting(2, at - 20 * second, at + 5));
    expect(backOffOf(late)).toEqual({ fruitless: 2, sinceMs: at - 20 * second, untilMs: at + 5 });
    const probe = after([over('x', {}, at - 10 * second)], waiting(2, at - 20 * second, at - 11 * second));
    expect(backOffOf(probe)).toMatchObject({ fruitless: 3, sinceMs: at });
  });

  it.each<[string, Partial<PilotEnd>]>([
    ['that failed as it says itself', { said: { code: 500, text: '' }, livedMs: 8e6, exitCode: 1 }],
    ['that failed too soon', { exitCode: 1 }],
    ['that says that there was no work', { said: { code: 300, text: '' }, livedMs: 8e6 }],
  ])('is also one %s', (_, end) => {
    expect(backOffOf(after([over('x', end, at - 9e6)]))).not.toBeNull();
  });

  it.each<[string, Partial<PilotEnd>]>([
    ['that was done', { livedMs: 60 * second }],
    ['that failed after it had lived', { livedMs: 60 * second, exitCode: 1 }],
    ['that ended with the engine', { exitCode: 137, engineRestart: true }],
    ['of which no exit code is known', { exitCode: null }],
    ['that says it is done', { said: { code: 200, text: '' } }],
  ])('is none %s', (_, end) => {
    expect(backOffOf(after([over('x', end)]))).toBeNull();
  });

  it('is none that was asked to go', () => {
    const leaving = [{ pilot: 'x', outcome: 'expired' as const, sinceMs: at - second }];
    expect(backOffOf(after([over('x', { exitCode: 143 })], { leaving }))).toBeNull();
  });

  it('is none without a fizzle that fails within a second: that is its slot’s, as ever', () => {
    const plain = { ...a, fizzleMs: 0 };
    const decision = after([over('x', { exitCode: 1, livedMs: 500 })], {}, [plain]);
    expect(backOffOf(decision)).toBeNull();
    expect(decision.memory.slots[0]).toMatchObject({ failures: 1, pilot: null });
    expect(
      backOffOf(after([over('x', { said: { code: 300, text: '' }, livedMs: 500 })], {}, [plain])),
    ).not.toBeNull();
  });
});

describe('when the wait is over', () => {
  const due = waiting(3, at - 100 * second, at - second);
  const probe = { pilot: 'p', kind: 'a', sinceMs: at - 70 * second, failures: 0, notBeforeMs: 0, cpus: 1 };
  const probing = { ...due, slots: [probe] };

  it('one pilot tries whether there is work, and no second one beside it', () => {
    expect(starts(after([], due))).toHaveLength(1);
    const young = running('p', at - 50 * second, { kind: 'a' });
    expect(starts(after([], probing, [a], [young]))).toEqual([]);
  });

  it('pilots of before are none that try', () => {
    const old = { ...probe, sinceMs: at - 500 * second };
    expect(
      starts(after([], { ...due, slots: [old] }, [a], [running('p', at - 500 * second, { kind: 'a' })])),
    ).toHaveLength(1);
  });

  it('all is forgotten when one lives for longer than a fizzle, or is done', () => {
    const lives = running('p', at - 60 * second, { kind: 'a' });
    const open = after([], probing, [a], [lives]);
    expect(backOffOf(open)).toBeNull();
    expect(starts(open).length).toBeGreaterThan(1);
    expect(
      backOffOf(after([], probing, [a], [running('p', at - 59 * second, { kind: 'a' })])),
    ).not.toBeNull();
    expect(backOffOf(after([over('x', { said: { code: 200, text: '' } })], due))).toBeNull();
  });

  it('one that has lived since long before says nothing', () => {
    const old = running('o', at - 5000 * second, { kind: 'a' });
    expect(backOffOf(after([], due, [a], [old]))).not.toBeNull();
    const done = after([over('o', { livedMs: 5000 * second }, at - 5000 * second)], due);
    expect(backOffOf(done)).not.toBeNull();
  });
});

describe('the bound on start storms', () => {
  const plain = { ...a, fizzleMs: 0 };
  it('holds a kind back whose pilots end at once, and tells when the next may start', () => {
    const lives = ['u', 'v', 'w', 'x', 'y', 'z', 's', 't'].map((name) => over(name, { livedMs: 100 }));
    const decision = after(lives, {}, [plain]);
    expect(starts(decision)).toEqual([]);
    expect(decision.refusals[0]).toEqual({
      rule: 'back-off',
      text: 'kind a: its pilots end within a second: the next may start in 1 s',
    });
    const fewer = after(lives.slice(3), {}, [plain]);
    expect(starts(fewer)).toHaveLength(3);
  });

  it('holds for kinds that take turns in failing to start', () => {
    const kinds = [plain, { ...kindOf('b'), fizzleMs: 0 }];
    let memory = emptyMemoryOf({});
    let results: readonly ActionResult[] = [];
    let begun = 0;
    for (let ms = 0; ms < 60 * second; ms += 100) {
      const decision = decideOn(seenAt(at + ms, 0, { results }), memory, {
        kinds,
        limit: 2,
        startsPerLoop: 2,
      });
      const failed = decision.actions.filter((action) => action.do === 'start');
      begun += failed.length;
      const no = { ok: false, fact: null, error: 'no such device', fault: 'rejected', tookMs: 1 } as const;
      results = failed.map((action) => ({ action, ...no }));
      memory = decision.memory;
    }
    expect(begun).toBeGreaterThan(4);
    expect(begun).toBeLessThanOrEqual(64);
  });

  it('holds no other kind back', () => {
    const lives = ['u', 'v', 'w', 'x', 'y', 'z', 's', 't'].map((name) => over(name, { livedMs: 100 }));
    const decision = after(lives, {}, [plain, kindOf('b')]);
    expect(new Set(decision.actions.flatMap((one) => (one.do === 'start' ? [one.kind] : [])))).toEqual(
      new Set(['b']),
    );
  });
});

it('why tells it by kind', () => {
  const kinds = [kindOf('grid'), kindOf('b')];
  const memory = emptyMemoryOf({
    kinds: {
      grid: { ...newKind, backOff: { fruitless: 3, sinceMs: at - second, untilMs: at + 40 * second } },
    },
  });
  const rules = withRules(policy, { kinds });
  const seen = seenAt(at, 0);
  const texts = why(rules, seen, decideOn(seen, memory, { kinds })).more;
  expect(texts).toContain(
    'kind grid backs off for another 40 s after 3 pilots without work; 0 pilots, share 50 %, nothing was allocated yet',
  );
});

it('why tells failures from want of work', () => {
  const told = (before: Partial<Memory>, end: Partial<PilotEnd>): string => {
    const kinds = [a, kindOf('b')];
    const { memory } = after([over('x', end)], before, kinds);
    const seen = seenAt(at, 0);
    return why(withRules(policy, { kinds }), seen, decideOn(seen, memory, { kinds })).more.join();
  };
  const long = waiting(2, at - 60 * second, at - 50 * second);
  expect(told({}, { exitCode: 1 })).toMatch(/kind a backs off for another \d+ s after a pilot that failed;/);
  expect(told(long, { exitCode: 1 })).toContain('after 3 pilots without work, the last of which failed;');
  expect(told(long, {})).toContain('after 3 pilots without work;');
});
