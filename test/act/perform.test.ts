import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foreignClass } from '../../src/act/parentClass.ts';
import { perform, type Tools } from '../../src/act/perform.ts';
import { EngineError } from '../../src/model/engine.ts';
import { noKeep } from '../../src/model/keep.ts';
import { createFakeEngine, type FakeEngine } from '../fakes/engine.ts';
import { kind, specOf } from './kind.ts';

const { signal } = new AbortController();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-perform-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const name = 'plancton-worker-aaaaaa';

function toolsOf(engine: FakeEngine): Tools {
  return {
    engine,
    clock: { nowMs: () => 0, wallMs: Date.now },
    parent: foreignClass('idle', 'none'),
    treesOf: () => null,
    keep: noKeep('n'),
    specFor: (itsName) => Promise.resolve(specOf(itsName)),
    cpusOf: () => kind.cpus,
    outcomeOf: () => 'finished',
  };
}
function ready(): { engine: FakeEngine; tools: Tools } {
  const engine = createFakeEngine();
  engine.addImage('pilot:1');
  return { engine, tools: toolsOf(engine) };
}
describe('performing', () => {
  it('a start makes and starts one container', async () => {
    const { engine, tools } = ready();
    const fact = await perform({ do: 'start', kind: 'pilot', name, why: '' }, tools, signal);
    const [made] = engine.containers();
    expect(made?.detail).toMatchObject({ name, state: 'running' });
    expect(fact).toEqual({ of: 'start', id: made?.detail.id });
  });

  it('a stop gives notice, and a reap tells the end and leaves nothing', async () => {
    const { engine, tools } = ready();
    await perform({ do: 'start', kind: 'pilot', name, why: '' }, tools, signal);
    const id = engine.containers()[0]?.detail.id ?? '';
    const why = { rule: 'ttl', text: '' } as const;
    expect(
      await perform({ do: 'stop', id, name, outcome: 'expired', graceMs: 0, why }, tools, signal),
    ).toBeNull();
    expect(engine.containers()[0]?.detail.state).toBe('ended');
    const fact = await perform({ do: 'reap', id, name, outcome: 'expired' }, tools, signal);
    expect(fact).toMatchObject({
      of: 'end',
      report: { name, outcome: 'expired', killed: true, started: true },
    });
    expect(engine.containers()).toEqual([]);
  });

  it.each([
    ['is out of reach', () => null],
    ['is elsewhere', () => ({ unified: join(folder, 'plancton-0011aabb', 'cd'.repeat(32)), legacy: [] })],
  ])('a stop by ourselves is the engine’s where the cgroup %s', async (_where, treesOf) => {
    const { engine, tools } = ready();
    await perform({ do: 'start', kind: 'pilot', name, why: '' }, tools, signal);
    const id = engine.containers()[0]?.detail.id ?? '';
    const why = { rule: 'memory', text: '' } as const;
    const stop = {
      do: 'stop',
      id,
      name,
      outcome: 'evicted',
      graceMs: 0,
      why,
      byUs: { signal: 'SIGTERM' },
    } as const;
    expect(await perform(stop, { ...tools, treesOf }, signal)).toBeNull();
    expect(engine.containers()[0]?.detail.state).toBe('ended');
  });

  it('a shrink changes the CPU limit, and gives the recipe’s back', async () => {
    const { engine, tools } = ready();
    await perform({ do: 'start', kind: 'pilot', name, why: '' }, tools, signal);
    const id = engine.containers()[0]?.detail.id ?? '';
    const limit = () => engine.containers()[0]?.body.HostConfig.CpuQuota;
    const why = { rule: 'cpu', text: '' } as const;
    expect(await perform({ do: 'shrink', id, name, cpus: 0.2, why }, tools, signal)).toBeNull();
    expect(limit()).toBe(20_000);
    await perform({ do: 'shrink', id, name, cpus: null, why }, tools, signal);
    expect(limit()).toBe(100_000);
  });

  it('a pause freezes, and a thaw does the opposite', async () => {
    const { engine, tools } = ready();
    await perform({ do: 'start', kind: 'pilot', name, why: '' }, tools, signal);
    const id = engine.containers()[0]?.detail.id ?? '';
    const why = { rule: 'cpu', text: '' } as const;
    expect(await perform({ do: 'pause', id, name, why }, tools, signal)).toBeNull();
    expect(engine.containers()[0]?.detail.state).toBe('paused');
    expect(await perform({ do: 'thaw', id, name, why }, tools, signal)).toBeNull();
    expect(engine.containers()[0]?.detail.state).toBe('running');
  });

  it('a kill and a reclaim go through the cgroup, with no engine at all', async () => {
    const id = 'ab'.repeat(32);
    const own = join(folder, 'plancton-0011aabb', id);
    mkdirSync(own, { recursive: true });
    for (const file of ['cgroup.kill', 'cgroup.procs', 'memory.reclaim']) writeFileSync(join(own, file), '');
    writeFileSync(join(own, 'memory.current'), '1000');
    const tools: Tools = {
      ...toolsOf(createFakeEngine()),
      get engine(): never {
        throw new EngineError('unreachable', 'no container engine');
      },
      treesOf: () => ({ unified: own, legacy: [] }),
    };
    const why = { rule: 'memory', text: '' } as const;
    expect(await perform({ do: 'kill', id, name, why }, tools, signal)).toBeNull();
    expect(await perform({ do: 'reclaim', id, name, bytes: 500, why }, tools, signal)).toBeNull();
    expect(readFileSync(join(own, 'cgroup.kill'), 'utf8')).toBe('1');
    expect(readFileSync(join(own, 'memory.reclaim'), 'utf8')).toBe('500');
  });

  it('a kill and a reclaim of what is out of reach are refused', async () => {
    const why = { rule: 'memory', text: '' } as const;
    const { tools } = ready();
    for (const action of [
      { do: 'kill', id: 'a', name, why },
      { do: 'reclaim', id: 'a', name, bytes: 1, why },
    ] as const) {
      await expect(perform(action, tools, signal)).rejects.toMatchObject({ fault: 'rejected' });
    }
  });

  it('pulls an image and removes one', async () => {
    const { engine, tools } = ready();
    const published = engine.publish('pilot:2');
    expect(await perform({ do: 'pull', reference: 'pilot:2', why: '' }, tools, signal)).toEqual({
      of: 'pull',
      imageId: published,
    });
    const imageId = engine.addImage('loose:1');
    const removed = await perform({ do: 'remove-image', imageId, reference: 'pilot:1' }, tools, signal);
    expect(removed).toMatchObject({ of: 'remove-image' });
  });
});
