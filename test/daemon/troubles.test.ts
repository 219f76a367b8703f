import { beforeEach, describe, expect, it } from 'vitest';
import { createForceStopJudge, forceStopPatienceMs } from '../../src/daemon/forceStopEnd.ts';
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
    const start = outcome({ do: 'start', name: a, why: 'refill' }, 'no such image');
    expect(troubles.worthTelling(start)).toBe(start);
    expect(troubles.worthTelling(start)).toBe(start);
    expect(troubles.of(a)).toBeNull();
  });
});

describe('a force-stop', () => {
  const at = 1_000_000;
  const tickAt = (
    seconds: number,
    left: readonly string[],
    { forceStop = true, terminating = true, managed = true } = {},
  ): Tick =>
    ({
      sample: sampleAt(at + seconds * 1000, {
        control: { drain: false, stop: false, forceStop },
        terminating,
        engine: engineWith(left.map((name) => ({ ...ended(name, 137, 1, 1), managed }))),
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
