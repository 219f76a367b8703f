import { beforeEach, describe, expect, it } from 'vitest';
import { foreignClass } from '../../src/act/parentClass.ts';
import { perform, type Tools } from '../../src/act/perform.ts';
import { recordOf, reportOf } from '../../src/act/pilotEnd.ts';
import type { Action, Fact, LifeFacts } from '../../src/model/action.ts';
import { type ContainerDetail, EngineError } from '../../src/model/engine.ts';
import type { PilotRecord } from '../../src/model/history.ts';
import { noKeep, type PilotKeep } from '../../src/model/keep.ts';
import { createFakeEngine, type FakeEngine } from '../fakes/engine.ts';
import { kind, specOf } from './kind.ts';

const name = 'plancton-worker-aaaaaa';
const never = new AbortController().signal;
let engine: FakeEngine;
let steps: string[];
let records: PilotRecord[];
let tools: Tools;
let id: string;

beforeEach(async () => {
  engine = createFakeEngine();
  engine.addImage('pilot:1');
  steps = [];
  records = [];
  const keep: PilotKeep = {
    ...noKeep('n'),
    surroundingsOf: () => ({
      node: 'n',
      imageDigest: 'sha256:d',
      cpuMs: 7,
      peakMemoryBytes: 8,
      pausedMs: 9,
    }),
    isRecorded: (id) => Promise.resolve(records.some((record) => record.id === id)),
    log: (_engine, pilot) => {
      steps.push(`log ${pilot.name} of ${engine.containers().length}`);
      return Promise.resolve();
    },
    record: (record) => {
      steps.push(`record of ${engine.containers().length}`);
      records.push(record);
    },
  };
  tools = {
    engine,
    keep,
    clock: { nowMs: () => 0, wallMs: () => 9000 },
    parent: foreignClass('idle', 'none'),
    treesOf: () => null,
    specFor: (name) => Promise.resolve(specOf(name)),
    cpusOf: () => kind.cpus,
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
    expect(steps).toEqual([`log ${name} of 1`, 'record of 1']);
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
    expect(steps).toEqual([`log ${name} of 1`, 'record of 1']);
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
    expect(steps).toEqual(['record of 2']);
    expect(records).toMatchObject([
      { startedAtWallMs: null, endedAtWallMs: 9000, outcome: 'never-started', exitCode: null },
    ]);
  });

  it('of what somebody else removed first is lost, not a fault', async () => {
    const fact = await perform(reapOf({ id: 'gone', outcome: 'finished' }), tools, never);
    expect(fact).toMatchObject({ of: 'end', report: { name, outcome: 'lost' } });
    expect(records).toMatchObject([{ id: 'gone', outcome: 'lost', imageId: '' }]);
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
  it.each([
    ['ended well', detail, null, { outcome: 'finished', killed: false, exitCode: 0, livedMs: 2500 }],
    ['ended badly', { ...detail, exitCode: 3 }, null, { outcome: 'failed', exitCode: 3 }],
    ['told no exit code', { ...detail, exitCode: null }, null, { outcome: 'lost' }],
    [
      'was evicted',
      { ...detail, exitCode: 143 },
      'evicted',
      { outcome: 'evicted', killed: true, exitCode: 143 },
    ],
    ['had its time', detail, 'expired', { outcome: 'expired', killed: true }],
    [
      'ran out of memory',
      { ...detail, exitCode: 137, outOfMemory: true },
      null,
      { outcome: 'failed', outOfMemory: true },
    ],
    ['has not ended yet', { ...detail, endedAtWallMs: null }, null, { livedMs: 8000 }],
    ['ended before it began', { ...detail, endedAtWallMs: 500 }, null, { livedMs: 0 }],
    [
      'never started',
      { ...detail, startedAtWallMs: null, exitCode: 128, startError: 'no such device' },
      'evicted',
      {
        outcome: 'never-started',
        started: false,
        killed: false,
        exitCode: null,
        livedMs: 0,
        startError: 'no such device',
      },
    ],
  ] as const)('of a pilot that %s', (_what, told, outcome, expected) => {
    expect(reportOf(name, outcome, told, 9000)).toMatchObject(expected);
  });

  it.each([
    [0, null],
    [3, null],
    [128, null],
    [137, 'SIGKILL'],
    [139, 'SIGSEGV'],
    [255, null],
  ])('names the signal that exit code %d stands for', (exitCode, signal) => {
    const report = reportOf(name, null, { ...detail, exitCode }, 9000);
    const around = noKeep('n').surroundingsOf('a', '');
    expect(recordOf('a', report, detail, life, around, 9000)).toMatchObject({ exitCode, signal });
  });

  it('keeps what kept it from starting, where it says nothing itself', () => {
    const told = { ...detail, startedAtWallMs: null, startError: 'no such device' };
    const report = reportOf(name, null, told, 9000);
    const around = noKeep('n').surroundingsOf('a', '');
    expect(recordOf('a', report, told, { ...life, said: '' }, around, 9000).said).toBe('no such device');
    expect(recordOf('a', report, told, life, around, 9000).said).toBe('200 done');
  });
});
