import { beforeEach, describe, expect, it } from 'vitest';
import { foreignClass } from '../../src/act/parentClass.ts';
import { perform, type Tools } from '../../src/act/perform.ts';
import { type EndKnown, recordOf, reportOf } from '../../src/act/pilotEnd.ts';
import type { Action, EndReport, Fact, LifeFacts } from '../../src/model/action.ts';
import { type ContainerDetail, EngineError } from '../../src/model/engine.ts';
import type { PilotRecord } from '../../src/model/history.ts';
import { noKeep, type PilotKeep } from '../../src/model/keep.ts';
import type { Outcome } from '../../src/model/pilot.ts';
import { createFakeEngine, type FakeEngine } from '../fakes/engine.ts';
import { kind, specOf } from './kind.ts';

const name = 'plancton-worker-aaaaaa';
const never = new AbortController().signal;
let engine: FakeEngine;
let steps: string[];
let records: PilotRecord[];
let tools: Tools;
let id: string;
let waits: string | null;
let isFull: boolean;

beforeEach(async () => {
  engine = createFakeEngine();
  engine.addImage('pilot:1');
  steps = [];
  records = [];
  const keep: PilotKeep = {
    ...noKeep('n'),
    surroundingsOf: (_id, imageId) => ({
      node: 'n',
      imageDigest: 'sha256:d',
      cpuMs: 7,
      peakMemoryBytes: 8,
      pausedMs: 9,
      imageId: imageId ?? 'sha256:seen',
      startedAtWallMs: 1000,
    }),
    isRecorded: (id) => Promise.resolve(records.some((record) => record.id === id)),
    mustWait: () => waits,
    log: (_engine, pilot) => {
      steps.push(`log ${pilot.name} of ${engine.containers().length}`);
      return Promise.resolve();
    },
    record: (record, mustGo) => {
      steps.push(`record of ${engine.containers().length}`);
      if (isFull && !mustGo) return 'the disk is full';
      records.push(record);
      return null;
    },
    removed: () => void steps.push('room'),
  };
  waits = null;
  isFull = false;
  tools = {
    engine,
    keep,
    clock: { nowMs: () => 0, wallMs: () => 9000 },
    parent: foreignClass('idle', 'none'),
    treesOf: () => null,
    specFor: (name) => Promise.resolve(specOf(name)),
    cpusOf: () => kind.cpus,
    outcomeOf: (_pilot, { exitCode }) =>
      exitCode === 75 ? 'no-work' : exitCode === 0 ? 'finished' : 'failed',
  };
  await perform({ do: 'start', kind: 'pilot', name, why: '' }, tools, never);
  id = engine.containers()[0]?.detail.id ?? '';
});

const life: LifeFacts = { kind: 'pilot', why: { rule: 'ttl', text: 'it had its time' }, said: '200 done' };
const reapOf = (changed: Partial<Extract<Action, { do: 'reap' }>> = {}): Action => ({
  do: 'reap',
  id,
  name,
  outcome: 'expired',
  life,
  ...changed,
});
const remove = (): Action => ({ do: 'remove', id, name, why: { rule: 'force-stop', text: 'asked' } });
const recordIn = (fact: Fact | null): PilotRecord | undefined =>
  fact?.of === 'end' ? fact.report.record : undefined;

describe('the end of a pilot', () => {
  it('is read, its log and its record are kept, and then it is removed', async () => {
    engine.end(id, 143);
    const fact = await perform(reapOf(), tools, never);
    expect(steps).toEqual([`log ${name} of 1`, 'record of 1', 'room']);
    expect(engine.containers()).toEqual([]);
    expect(recordIn(fact)).toEqual(records[0]);
    expect(records[0]).toMatchObject({
      name,
      id,
      node: 'n',
      kind: 'pilot',
      imageDigest: 'sha256:d',
      outcome: 'expired',
      exitCode: 143,
      signal: 'SIGTERM',
      cpuMs: 7,
      peakMemoryBytes: 8,
      pausedMs: 9,
      reason: life.why,
      said: '200 done',
    });
    expect(records[0]?.imageId).toMatch(/^sha256:/);
  });

  it('is kept once, however often its removal fails', async () => {
    engine.end(id, 0);
    for (let time = 0; time < 3; time += 1) {
      engine.failNext('remove', new EngineError('failed', 'device busy'));
      await expect(perform(reapOf(), tools, never)).rejects.toThrow('device busy');
    }
    await perform(reapOf(), tools, never);
    expect(steps).toEqual([`log ${name} of 1`, 'record of 1', 'room']);
  });

  it('is left to the next daemon where this one is to end while the log is read', async () => {
    engine.end(id, 0);
    const abort = new AbortController();
    const log = (): Promise<void> => {
      abort.abort();
      return Promise.resolve();
    };
    const given = perform(reapOf(), { ...tools, keep: { ...tools.keep, log } }, abort.signal);
    await expect(given).rejects.toMatchObject({ fault: 'aborted' });
    expect([records, engine.containers().length]).toEqual([[], 1]);
  });

  it.each(['running', 'paused'] as const)(
    'of one that is removed while it is %s comes first, so that it can be read',
    async (state) => {
      if (state === 'paused') await engine.pause(id, never);
      const fact = await perform(remove(), tools, never);
      expect(fact).toMatchObject({ report: { outcome: 'evicted', killed: true } });
      expect(records).toMatchObject([
        { outcome: 'evicted', exitCode: 143, reason: { rule: 'force-stop', text: 'asked' }, kind: null },
      ]);
      expect(engine.containers()).toEqual([]);
    },
  );

  it('that cannot be had by a stop keeps nothing from being removed', async () => {
    engine.failNext('stop', new EngineError('failed', 'no'));
    await perform(remove(), tools, never);
    expect(records).toMatchObject([{ outcome: 'evicted', exitCode: null, endedAtWallMs: 9000 }]);
    expect(engine.containers()).toEqual([]);
  });

  it.each(['running', 'paused'] as const)(
    'of what never started leaves one that is found %s alone',
    async (state) => {
      if (state === 'paused') await engine.pause(id, never);
      const message = expect.stringContaining(`it is ${state}`) as string;
      const reaped = perform(reapOf({ outcome: 'never-started' }), tools, never);
      await expect(reaped).rejects.toMatchObject({ fault: 'conflict', message });
      expect(engine.containers()[0]?.detail.state).toBe(state);
      expect(steps).toEqual([]);
    },
  );

  it('of what never started has a record, and no log', async () => {
    const made = await engine.create(specOf('b'), never);
    await perform({ do: 'reap', id: made, name: 'b', outcome: 'never-started' }, tools, never);
    expect(steps).toEqual(['record of 2', 'room']);
    expect(records).toMatchObject([
      { startedAtWallMs: null, endedAtWallMs: 9000, outcome: 'never-started', exitCode: null },
    ]);
  });

  it('of what somebody else removed first is lost, not a fault', async () => {
    const gone = reapOf({ id: 'gone', outcome: 'finished', life: { ...life, why: null } });
    expect(await perform(gone, tools, never)).toMatchObject({ of: 'end', report: { name, outcome: 'lost' } });
    expect(records).toMatchObject([
      { id: 'gone', outcome: 'lost', imageId: 'sha256:seen', startedAtWallMs: 1000, endedAtWallMs: 9000 },
    ]);
    expect(records[0]?.reason).toEqual({ rule: 'removed', text: 'somebody else removed it' });
  });

  it('of what somebody else removed first is the one that an event told', async () => {
    const end = { exitCode: 3, livedMs: 2000, said: null };
    const gone = reapOf({ id: 'gone', outcome: 'failed', life: { ...life, why: null, end } });
    const report = { outcome: 'failed', exitCode: 3, livedMs: 2000 };
    expect(await perform(gone, tools, never)).toMatchObject({ report });
    expect(records).toMatchObject([
      { outcome: 'failed', exitCode: 3, startedAtWallMs: 1000, endedAtWallMs: 3000 },
    ]);
    expect(records[0]?.reason).toBeNull();
  });

  it.each(['running', 'paused'] as const)(
    'of what had ended leaves one that is %s again alone',
    async (state) => {
      if (state === 'paused') await engine.pause(id, never);
      await expect(perform(reapOf(), tools, never)).rejects.toMatchObject({ fault: 'conflict' });
      expect([engine.containers()[0]?.detail.state, steps]).toEqual([state, []]);
    },
  );

  it('of one that had ended before its removal was ordered is its own', async () => {
    engine.end(id, 0);
    const fact = await perform(remove(), tools, never);
    expect(fact).toMatchObject({ report: { outcome: 'finished', killed: false } });
    expect(records).toMatchObject([{ outcome: 'finished', exitCode: 0, reason: null }]);
  });
});

describe('a record that cannot be written', () => {
  it('keeps the container, which goes as soon as it can be', async () => {
    engine.end(id, 0);
    isFull = true;
    const held = { fault: 'failed', message: `cannot remove container ${id} yet: the disk is full` };
    for (let time = 0; time < 2; time += 1)
      await expect(perform(reapOf(), tools, never)).rejects.toMatchObject(held);
    expect([records, engine.containers().length]).toEqual([[], 1]);
    isFull = false;
    await perform(reapOf(), tools, never);
    expect([records.length, engine.containers().length]).toEqual([1, 0]);
  });

  it('has the engine asked for nothing while it is known that it cannot', async () => {
    engine.end(id, 0);
    waits = 'the disk is full';
    const calls = engine.calls.length;
    await expect(perform(reapOf(), tools, never)).rejects.toMatchObject({ fault: 'failed' });
    expect([engine.calls.length, steps]).toEqual([calls, []]);
  });

  it('holds up no removal that is ordered', async () => {
    [waits, isFull] = ['the disk is full', true];
    await perform(remove(), tools, never);
    expect([records.length, engine.containers().length, steps.at(-1)]).toEqual([1, 0, 'room']);
  });
});

describe('the report of an end', () => {
  const detail: ContainerDetail = {
    id: 'a',
    name,
    imageId: 'sha256:1',
    labels: {},
    state: 'ended',
    pid: null,
    startedAtWallMs: 1000,
    endedAtWallMs: 3500,
    exitCode: 0,
    outOfMemory: false,
    startError: '',
    logPath: null,
  };
  const unstarted: Partial<ContainerDetail> = {
    startedAtWallMs: null,
    exitCode: 128,
    startError: 'no such device',
  };
  const told = (exitCode: number | null) => ({ exitCode, livedMs: 700, said: null });
  const withEngine = { ...told(137), engineRestart: true } as const;
  const nobody: LifeFacts = { kind: 'pilot', why: null, said: '' };
  const report = (known: Partial<EndKnown>) =>
    reportOf(
      { name, outcome: null, life: nobody, detail, endedNow: false, ...known },
      (_pilot, { exitCode }) => (exitCode === 75 ? 'no-work' : exitCode === 0 ? 'finished' : 'failed'),
      9000,
    );
  /** What an inspection says (null: it is gone), what was decided and known before, and what is told. */
  type Case = readonly [
    what: string,
    inspected: Partial<ContainerDetail> | null,
    decided: Outcome | null,
    life: Partial<LifeFacts>,
    expected: Partial<EndReport>,
  ];
  const cases: readonly Case[] = [
    ['ended well', {}, null, {}, { outcome: 'finished', killed: false, exitCode: 0, livedMs: 2500 }],
    ['ended badly', { exitCode: 3 }, null, {}, { outcome: 'failed', exitCode: 3 }],
    ['ended as its kind has it', { exitCode: 75 }, null, {}, { outcome: 'no-work', exitCode: 75 }],
    ['said more than its exit code', { exitCode: 3 }, 'no-work', {}, { outcome: 'no-work', exitCode: 3 }],
    ['told no exit code', { exitCode: null }, null, {}, { outcome: 'lost', exitCode: null }],
    [
      'told none, but an event did',
      { exitCode: null },
      'failed',
      { end: told(3) },
      { outcome: 'failed', exitCode: 3 },
    ],
    ['was taken for lost', { exitCode: 75 }, 'lost', { ran: true }, { outcome: 'no-work', exitCode: 75 }],
    ['was taken for lost, by a stop', {}, 'lost', { end: told(null) }, { outcome: 'finished', exitCode: 0 }],
    [
      'ended with its engine',
      { exitCode: 137 },
      'lost',
      { end: withEngine },
      { outcome: 'lost', exitCode: 137 },
    ],
    ['was evicted', { exitCode: 143 }, 'evicted', {}, { outcome: 'evicted', killed: true, exitCode: 143 }],
    ['was asked to end', {}, null, { asked: 'expired' }, { outcome: 'expired', killed: true, exitCode: 0 }],
    [
      'was asked, and its engine went',
      { exitCode: 255 },
      'lost',
      { asked: 'evicted', end: withEngine },
      { outcome: 'evicted' },
    ],
    [
      'ran out of memory',
      { exitCode: 137, outOfMemory: true },
      null,
      {},
      { outcome: 'failed', outOfMemory: true },
    ],
    ['has no stamp of its end', { endedAtWallMs: null }, null, {}, { livedMs: 8000 }],
    ['ended before it began', { endedAtWallMs: 500 }, null, {}, { livedMs: 0 }],
    [
      'was taken for never started',
      { exitCode: 3 },
      'never-started',
      {},
      { outcome: 'failed', started: true },
    ],
    [
      'never started',
      unstarted,
      'evicted',
      {},
      {
        outcome: 'never-started',
        started: false,
        killed: false,
        exitCode: null,
        livedMs: 0,
        startError: 'no such device',
      },
    ],
    [
      'ran, which its engine has forgotten',
      { ...unstarted, state: 'created', exitCode: null },
      'lost',
      { ran: true },
      { outcome: 'lost', started: true, exitCode: null },
    ],
    [
      'ended, which its engine has forgotten',
      { ...unstarted, state: 'created', exitCode: null },
      'failed',
      { end: told(3) },
      { outcome: 'failed', started: true, exitCode: 3, livedMs: 700 },
    ],
    ['is gone', null, 'finished', {}, { outcome: 'lost', started: true, exitCode: null }],
    ['is gone, and never started', null, 'never-started', {}, { outcome: 'never-started', started: false }],
    [
      'is gone after an event',
      null,
      'no-work',
      { end: told(75) },
      { outcome: 'no-work', exitCode: 75, livedMs: 700 },
    ],
    [
      'is gone after it was asked',
      null,
      'lost',
      { asked: 'evicted' },
      { outcome: 'evicted', exitCode: null },
    ],
  ];
  it.each(cases)('of a pilot that %s', (_what, inspected, outcome, life, expected) => {
    const found = inspected === null ? null : { ...detail, ...inspected };
    expect(report({ detail: found, outcome, life: { ...nobody, ...life } })).toMatchObject(expected);
  });

  it('of one that lived until its removal is that it was evicted, unless it was asked before', () => {
    const killed = { ...detail, exitCode: 137 };
    expect(report({ detail: killed, endedNow: true })).toMatchObject({ outcome: 'evicted', killed: true });
    const asked = { ...nobody, asked: 'expired' } as const;
    expect(report({ detail: killed, endedNow: true, life: asked })).toMatchObject({ outcome: 'expired' });
  });

  const around = noKeep('n').surroundingsOf('a', null);
  it.each([
    [0, null],
    [3, null],
    [128, null],
    [137, 'SIGKILL'],
    [139, 'SIGSEGV'],
    [255, null],
  ])('names the signal that exit code %d stands for', (exitCode, signal) => {
    const told = { ...detail, exitCode };
    expect(recordOf('a', report({ detail: told }), told, life, around, 9000)).toMatchObject({
      exitCode,
      signal,
    });
  });

  it('keeps what kept it from starting, where it says nothing itself', () => {
    const told = { ...detail, ...unstarted };
    const never = report({ detail: told });
    expect(recordOf('a', never, told, nobody, around, 9000).said).toBe('no such device');
    expect(recordOf('a', never, told, life, around, 9000).said).toBe('200 done');
  });
});
