import { beforeEach, describe, expect, it } from 'vitest';
import { type Actor, createActor } from '../../src/act/actor.ts';
import { foreignClass } from '../../src/act/parentClass.ts';
import type { Action, ActionResult } from '../../src/model/action.ts';
import { EngineError } from '../../src/model/engine.ts';
import { noKeep } from '../../src/model/keep.ts';
import { createFakeEngine, type FakeEngine } from '../fakes/engine.ts';
import { until } from '../support/until.ts';
import { kind, specOf } from './kind.ts';

let engine: FakeEngine;
let nowMs: number;
let settled: number;
let actor: Actor;

beforeEach(() => {
  engine = createFakeEngine();
  engine.addImage('pilot:1');
  nowMs = 0;
  settled = 0;
  const clock = { nowMs: () => nowMs, wallMs: () => nowMs };
  actor = createActor(
    () => ({
      engine,
      clock,
      parent: foreignClass('idle', 'none'),
      keep: noKeep('n'),
      treesOf: () => null,
      specFor: (name) => Promise.resolve(specOf(name)),
      cpusOf: () => kind.cpus,
      outcomeOf: () => 'finished',
    }),
    clock,
    () => {
      settled += 1;
    },
  );
});

const start = (name = 'a'): Action => ({ do: 'start', kind: 'pilot', name, why: '' });
const pull: Action = { do: 'pull', reference: 'pilot:2', why: '' };
async function results(count = 1): Promise<ActionResult[]> {
  const all: ActionResult[] = [];
  await until(`${count} results`, () => all.push(...actor.takeResults()) >= 0 && all.length >= count);
  return all;
}

describe('an action', () => {
  it('is in flight until its result can be taken, once', async () => {
    const release = engine.hang('start');
    nowMs = 5;
    actor.begin(start());
    expect(actor.inFlight()).toEqual([{ action: start(), sinceMs: 5 }]);
    nowMs = 25;
    release();
    const [result] = await results();
    expect(result).toMatchObject({ action: start(), ok: true, error: '', fault: null, tookMs: 20 });
    expect(actor.inFlight()).toEqual([]);
    expect(actor.takeResults()).toEqual([]);
    expect(settled).toBe(1);
  });

  it('is not begun twice, whatever comes beside it', async () => {
    const release = engine.hang('create');
    actor.begin(start());
    actor.begin(start());
    actor.begin(start('b'));
    expect(actor.inFlight()).toHaveLength(2);
    release();
    expect(await results(2)).toHaveLength(2);
    expect(engine.containers()).toHaveLength(2);
  });

  it('that failed is held back, for longer each time, and then tried again', async () => {
    let waited = 0;
    for (const pauseMs of [1000, 2000, 4000]) {
      engine.failNext('pull', new EngineError('failed', 'cannot pull image pilot:2: no'));
      actor.begin(pull);
      const [result] = await results();
      expect(result).toMatchObject({
        ok: false,
        error: 'cannot pull image pilot:2: no',
        fault: 'failed',
        fact: null,
      });
      nowMs = waited + pauseMs - 1;
      actor.begin(pull);
      expect(actor.inFlight()).toEqual([]);
      waited += pauseMs;
      nowMs = waited;
    }
    engine.publish('pilot:2');
    actor.begin(pull);
    expect((await results())[0]?.ok).toBe(true);
    // A success is not repeated at once either, and forgets what failed before.
    actor.begin(pull);
    expect(actor.inFlight()).toEqual([]);
    nowMs += 1000;
    engine.failNext('pull', new EngineError('failed', 'no'));
    actor.begin(pull);
    await results();
    nowMs += 1000;
    actor.begin(pull);
    expect(actor.inFlight()).toHaveLength(1);
    await results();
  });

  const why = { rule: 'pause', text: '' } as const;
  const [id, name] = ['ab'.repeat(32), 'a'];
  const shrink = (cpus: number | null): Action => ({ do: 'shrink', id, name, cpus, why });
  const pause: Action = { do: 'pause', id, name, why };
  const thaw: Action = { do: 'thaw', id, name, why };
  const stop: Action = { do: 'stop', id, name, outcome: 'evicted', graceMs: 0, why };
  const kill: Action = { do: 'kill', id, name, why };
  const isBegun = async (action: Action): Promise<boolean> => {
    actor.begin(action);
    const isUnderWay = actor.inFlight().length > 0;
    if (isUnderWay) await results();
    return isUnderWay;
  };
  const running = async (): Promise<{ id: string }> => {
    actor.begin(start());
    await results();
    return { id: engine.containers()[0]?.detail.id ?? '' };
  };

  it('that gives back what was just taken is begun at once, each time', async () => {
    const target = await running();
    const both = [
      [shrink(0.5), shrink(null)],
      [pause, thaw],
    ];
    for (const [take, give] of both.map((pair) => pair.map((action) => ({ ...action, ...target })))) {
      if (take === undefined || give === undefined) throw new Error('a pair');
      for (let round = 0; round < 3; round++) {
        expect([await isBegun(take), await isBegun(take)]).toEqual([true, false]);
        expect([await isBegun(give), await isBegun(give)]).toEqual([true, false]);
      }
    }
  });

  it.each([
    ['stop', stop],
    ['pause', pause],
    ['thaw', thaw],
    ['kill', kill],
    ['shrink', shrink(0.5)],
  ])('that somebody waits for (%s) is tried every 5 s however often it failed', async (_verb, action) => {
    for (const pauseMs of [1000, 2000, 4000, 5000, 5000]) {
      expect(await isBegun(action)).toBe(true);
      nowMs += pauseMs - 1;
      expect(await isBegun(action)).toBe(false);
      nowMs += 1;
    }
  });

  it('without an engine fails like any other', async () => {
    const clock = { nowMs: () => 0, wallMs: () => 0 };
    const alone = createActor(
      () => {
        throw new EngineError('unreachable', 'no container engine: none');
      },
      clock,
      () => undefined,
    );
    alone.begin(start());
    const [result] = await until('a result', () => {
      const taken = alone.takeResults();
      return taken.length > 0 ? taken : null;
    });
    expect(result).toMatchObject({ ok: false, fault: 'unreachable', error: 'no container engine: none' });
  });
});

describe('settling', () => {
  it('waits for what is in flight', async () => {
    const release = engine.hang('start');
    actor.begin(start());
    const over = actor.settle(60_000);
    release();
    await over;
    expect(actor.takeResults()[0]?.ok).toBe(true);
  });

  it('cuts off a pull at once, and anything else after its time', async () => {
    engine.hang('pull');
    actor.begin(pull);
    await actor.settle(60_000);
    expect((await results())[0]).toMatchObject({ ok: false, fault: 'aborted' });
    await actor.settle(60_000);
  });

  it('has an end', async () => {
    engine.hang('start');
    actor.begin(start());
    await actor.settle(10);
    expect((await results())[0]).toMatchObject({ ok: false, fault: 'aborted' });
  });
});
