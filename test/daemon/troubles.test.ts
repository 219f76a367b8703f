import { beforeEach, describe, expect, it } from 'vitest';
import {
  createForceStopJudge,
  engineAwayPatienceMs,
  forceStopPatienceMs,
} from '../../src/daemon/forceStopEnd.ts';
import type { Tick } from '../../src/daemon/tick.ts';
import { Troubles } from '../../src/daemon/troubles.ts';
import type { Action, ActionResult } from '../../src/model/action.ts';
import { ended, engineWith, sampleAt } from '../decide/world.ts';

const [a, b] = ['plancton-worker-aaaaaa', 'plancton-worker-bbbbbb'];
const removal = (name: string): Action => ({
  do: 'remove',
  id: `id-of-${name}`,
  name,
  why: { rule: 'force-stop', text: '' },
});
const outcome = (action: Action, error: string): ActionResult => ({
  action,
  ok: error === '',
  fact: null,
  error,
  fault: error === '' ? null : 'failed',
  tookMs: 1,
});
const refused = (name: string, why = 'busy'): ActionResult =>
  outcome(removal(name), `cannot remove container id-of-${name}: id-of-${name} is ${why}`);

let troubles: Troubles;
beforeEach(() => {
  troubles = new Troubles();
});

describe('what cannot be done to a pilot', () => {
  it('is told by its name, once, and again when it is another', () => {
    const told = `cannot remove container ${a}: id-of-${a} is busy`;
    expect(troubles.worthTelling(refused(a))?.error).toBe(told);
    expect(troubles.worthTelling(refused(a))).toBeNull();
    expect(troubles.of(a)).toBe(told);
    expect(troubles.of(b)).toBeNull();
    expect(troubles.worthTelling(refused(b))?.error).toContain(b);
    expect(troubles.worthTelling(refused(a, 'read-only'))?.error).toMatch(/is read-only$/);
  });

  it('is over with its success, which is told', () => {
    troubles.worthTelling(refused(a));
    const done = outcome(removal(a), '');
    expect(troubles.worthTelling(done)).toBe(done);
    expect(troubles.of(a)).toBeNull();
    expect(troubles.worthTelling(refused(a))).not.toBeNull();
  });

  it('is forgotten when somebody else has removed it', () => {
    troubles.worthTelling(refused(a));
    troubles.worthTelling(refused(b));
    troubles.retain([ended(b, 137, 1, 1)]);
    expect([troubles.of(a), troubles.of(b) === null]).toEqual([null, false]);
  });

  it('is not kept of what comes under another name at the next try', () => {
    const start = outcome({ do: 'start', kind: 'default', name: a, why: 'refill' }, 'no such image');
    expect(troubles.worthTelling(start)).toBe(start);
    expect(troubles.worthTelling(start)).toBe(start);
    expect(troubles.of(a)).toBeNull();
  });
});

it.each([undefined, '0123456789abcdef'.repeat(4)])(
  'a start that failed is told by the name of the pilot (container made before: %s)',
  (prepared) => {
    const id = '0123456789abcdef'.repeat(4);
    const action = {
      do: 'start',
      kind: 'default',
      name: a,
      why: 'refill',
      ...(prepared ? { prepared } : {}),
    } as const;
    const told = troubles.worthTelling(
      outcome(action, `cannot start container ${id}: the engine answered 500`),
    );
    expect(told?.error).toBe(`cannot start container ${a}: the engine answered 500`);
  },
);

describe('a force-stop', () => {
  const at = 1_000_000;
  const tickAt = (
    seconds: number,
    left: readonly string[],
    { forceStop = true, terminating = true, managed = true, away = false } = {},
  ): Tick =>
    ({
      sample: sampleAt(at + seconds * 1000, {
        control: { drain: false, stop: false, forceStop, renew: [] },
        terminating,
        engine: {
          ...engineWith(left.map((name) => ({ ...ended(name, 137, 1, 1), managed }))),
          ...(away ? ({ state: 'waiting', listed: false, reason: 'nothing listens there' } as const) : {}),
        },
      }),
    }) as unknown as Tick;
  const patience = forceStopPatienceMs / 1000;

  it('that cannot remove what is left is given up after its patience, and names it', () => {
    const judge = createForceStopJudge(troubles);
    troubles.worthTelling(refused(a));
    expect(judge(tickAt(0, [a]))).toBeNull();
    expect(judge(tickAt(patience - 1, [a]))).toBeNull();
    expect(judge(tickAt(patience, [a]))).toBe(`force-stop is given up, 1 pilot cannot be removed: ${a}`);
  });

  it('is patient anew with each pilot that goes, and while one may still go', () => {
    const judge = createForceStopJudge(troubles);
    troubles.worthTelling(refused(a));
    troubles.worthTelling(refused(b));
    expect(judge(tickAt(0, [a, b]))).toBeNull();
    expect(judge(tickAt(patience - 1, [a]))).toBeNull();
    expect(judge(tickAt(patience, [a]))).toBeNull();
    expect(judge(tickAt(patience + 1, [a, 'plancton-worker-cccccc']))).toBeNull();
    expect(judge(tickAt(2 * patience, [a]))).toBeNull();
    expect(judge(tickAt(3 * patience, [a]))).not.toBeNull();
  });

  it('is given up when the engine stays away, and says how many pilots were known', () => {
    const judge = createForceStopJudge(troubles);
    const away = engineAwayPatienceMs / 1000;
    const gone = { away: true };
    expect(judge(tickAt(0, [a], gone))).toBeNull();
    // One that answers in between has begun the wait anew.
    expect(judge(tickAt(away - 1, [a]))).toBeNull();
    expect(judge(tickAt(away, [a], gone))).toBeNull();
    expect(judge(tickAt(2 * away - 1, [a], gone))).toBeNull();
    expect(judge(tickAt(2 * away, [a], gone))).toBe(
      'force-stop is given up, the container engine has not answered for 60 s (nothing listens there): pilots may be left, 1 known',
    );
    const alone = createForceStopJudge(troubles);
    for (const seconds of [0, 10 * away])
      expect(alone(tickAt(seconds, [a], { away: true, terminating: false }))).toBeNull();
  });

  it.each([
    ['by its file alone goes on, as the daemon does', { terminating: false }],
    ['that nobody wants any more is none', { forceStop: false }],
    ['leaves out what is not ours', { managed: false }],
  ])('%s', (_what, changes) => {
    const judge = createForceStopJudge(troubles);
    troubles.worthTelling(refused(a));
    expect(judge(tickAt(0, [a], changes))).toBeNull();
    expect(judge(tickAt(10 * patience, [a], changes))).toBeNull();
  });
});
