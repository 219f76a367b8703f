import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineWatch } from '../../src/daemon/engineWatch.ts';
import { ImageKeeper } from '../../src/daemon/imageKeeper.ts';
import { type Identity, labelsOf, pilotLabels } from '../../src/daemon/ownership.ts';
import type { ActionResult } from '../../src/model/action.ts';
import { type Engine, EngineError, type PilotSpec } from '../../src/model/engine.ts';
import { Secret } from '../../src/model/secret.ts';
import { kind } from '../act/kind.ts';
import { createFakeEngine, type FakeEngine } from '../fakes/engine.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';
import { until } from '../support/until.ts';

const identity: Identity = { instance: 'here', secret: new Secret('s') };
const specOf = (name: string, labels = pilotLabels(identity, name, kind)): PilotSpec => ({
  name,
  hostname: name,
  kind,
  labels,
  env: {},
  binds: [],
  cgroupParent: null,
});
const a = 'plancton-worker-aaaaaa';
const b = 'plancton-worker-bbbbbb';

let engine: FakeEngine;
let log: KeptLog;
let images: ImageKeeper;
let watch: EngineWatch;
let opened: number;
let adopt: boolean;
let pulling: boolean;
let changes: number;
let signal: AbortSignal;

beforeEach(() => {
  engine = createFakeEngine({ info: { local: false } });
  engine.addImage('pilot:1');
  log = keepLog();
  images = new ImageKeeper(['pilot:1'], null);
  opened = 0;
  changes = 0;
  adopt = false;
  pulling = false;
  signal = new AbortController().signal;
  watch = watchOf(() => engine);
});
afterEach(() => watch.close());

function watchOf(open: () => Engine): EngineWatch {
  return new EngineWatch({
    openEngine: () => {
      opened += 1;
      return open();
    },
    identity,
    adoptUnlabelled: () => adopt,
    images,
    imageOfKind: (kind) => (kind === null ? null : 'pilot:1'),
    isPulling: () => pulling,
    endedWithEngine: () => null,
    lastWordOf: () => null,
    clock: { nowMs: () => performance.now(), wallMs: () => Date.now() },
    log,
    onChange: () => {
      changes += 1;
    },
    onConnected: () => undefined,
    onProcesses: () => undefined,
  });
}

async function run(name: string, labels?: Record<string, string>): Promise<string> {
  const id = await engine.create(specOf(name, labels), signal);
  await engine.start(id, signal);
  return id;
}
const names = (): string[] => watch.view().pilots.map((pilot) => pilot.name);
const listed = (): Promise<unknown> => until('a listing', () => watch.view().listed);
const count = (call: string): number => engine.calls.filter((one) => one.startsWith(call)).length;

describe('the view of an engine', () => {
  it('is that nobody was asked, then what a listing tells', async () => {
    await run(a);
    expect(watch.view()).toMatchObject({ state: 'waiting', listed: false, pilots: [] });
    expect(() => watch.engine()).toThrow(EngineError);
    watch.start();
    await listed();
    expect(watch.view()).toMatchObject({ state: 'answering', reason: '', images: [{ checked: true }] });
    expect(watch.view().pilots).toMatchObject([{ name: a, managed: true, state: 'running' }]);
    expect(changes).toBeGreaterThan(0);
    // Whoever subscribes after the listing misses what happens in between.
    expect(engine.calls.findIndex((call) => call.startsWith('follow'))).toBeLessThan(
      engine.calls.findIndex((call) => call.startsWith('list')),
    );
  });

  it('follows events without asking', async () => {
    watch.start();
    await listed();
    const listings = count('list');
    const id = await run(a);
    await until('the pilot', () => watch.view().pilots[0]?.state === 'running');
    engine.end(id, 3);
    await until('its end', () => watch.view().pilots[0]?.end?.exitCode === 3);
    expect(count('list')).toBe(listings);
    expect(count('inspect')).toBe(0);
    // An event does not tell the image: what pilots are made of now is known all the same.
    expect(watch.view().pilots[0]?.imageId).toBe(images.idOf('pilot:1'));
  });

  it('takes two requests to list, however many pilots there are', async () => {
    for (let index = 0; index < 100; index++) await run(`plancton-worker-${100_000 + index}`);
    watch.start();
    await listed();
    const before = engine.calls.length;
    watch.listNow();
    await until('a listing', () => count('list') === 4);
    expect(engine.calls.slice(before).every((call) => call.startsWith('list'))).toBe(true);
    expect(names()).toHaveLength(100);
  });

  it('knows what its own verbs did', async () => {
    watch.start();
    await listed();
    const of = (changes: Partial<ActionResult>): ActionResult => ({
      action: { do: 'start', kind: 'pilot', name: b, why: '' },
      ok: true,
      fact: null,
      error: '',
      fault: null,
      tookMs: 1,
      ...changes,
    });
    watch.noteResult(of({ fact: { of: 'start', id: 'x' } }));
    expect(names()).toEqual([b]);
    const report = {
      name: b,
      outcome: 'finished',
      killed: false,
      started: true,
      exitCode: 0,
      outOfMemory: false,
      livedMs: 1,
      startError: '',
    } as const;
    watch.noteResult(
      of({ action: { do: 'reap', id: 'x', name: b, outcome: 'finished' }, fact: { of: 'end', report } }),
    );
    expect(names()).toEqual([]);
  });

  it('leaves out what is foreign, counts what is the original’s, and adopts it on request', async () => {
    await run(a);
    await run(b, {});
    await run('database', {});
    await run(
      'plancton-worker-other1',
      labelsOf({ ...identity, instance: 'there' }, 'plancton-worker-other1'),
    );
    await run('plancton-worker-forged', { ...labelsOf(identity, a) });
    watch.start();
    await listed();
    const managed = (): Record<string, boolean> =>
      Object.fromEntries(watch.view().pilots.map((pilot) => [pilot.name, pilot.managed]));
    expect(managed()).toEqual({ [a]: true, [b]: false, 'plancton-worker-forged': false });
    expect(log.lines.join()).toMatch(/plancton-worker-forged bears our label without its proof/);
    adopt = true;
    watch.listNow();
    await until('the adoption', () => managed()[b]);
    expect(managed()['plancton-worker-forged']).toBe(false);
    expect(log.lines.filter((line) => line.includes('bears our label'))).toHaveLength(1);
  });
});

describe('a pilot that somebody renames', () => {
  const managed = (): Record<string, boolean> =>
    Object.fromEntries(watch.view().pilots.map((pilot) => [pilot.name, pilot.managed]));

  it.each(['keepsake', 'plancton-worker-keep'])(
    'to %s takes room, is named in the log and is ours again under its old name',
    async (other) => {
      const id = await run(a);
      watch.start();
      await listed();
      expect(managed()).toEqual({ [a]: true });
      engine.rename(id, other);
      watch.listNow();
      await until('the new name', () => managed()[other] === false);
      expect(names()).toEqual([other]);
      expect(log.lines.join()).toContain(`container ${other} bears our label without its proof`);
      expect(log.lines.join()).toContain('if it was renamed, give it its old name back');
      engine.end(id, 0);
      await until('its end', () => watch.view().pilots[0]?.end !== null);
      engine.rename(id, a);
      watch.listNow();
      await until('the old name', () => managed()[a]);
    },
  );

  it('while no daemon looks is known by its image, and an owner’s container of a copy is not', async () => {
    engine.rename(await run(a), 'keepsake');
    engine.addImage('copy-of-a-pilot:1');
    const copy = { ...specOf('database', labelsOf(identity, b)) };
    await engine.start(
      await engine.create({ ...copy, kind: { ...kind, image: 'copy-of-a-pilot:1' } }, signal),
      signal,
    );
    watch.start();
    await listed();
    expect(managed()).toEqual({ keepsake: false });
    expect(log.lines.join()).not.toContain('database');
    expect(log.lines.join()).toContain('found 1 container without a proof of being ours');
  });
});

it('knows of which kind a pilot is, and doubts an image that a start did not find', async () => {
  await run(a);
  watch.start();
  await listed();
  expect(watch.view().pilots).toMatchObject([{ name: a, kind: 'pilot' }]);
  expect(watch.madeAs(a)).toEqual({ kind: 'pilot', cpus: 1 });
  expect(images.unchecked()).toEqual([]);
  const failed = { ok: false, fact: null, error: 'no such image', fault: 'not-found', tookMs: 1 } as const;
  watch.noteResult({ action: { do: 'start', kind: 'pilot', name: b, why: '' }, ...failed });
  expect(images.unchecked()).toEqual(['pilot:1']);
  watch.listNow();
  await until('another look', () => images.unchecked().length === 0);
});

it('an image that was not there is looked for again, unless it is being pulled: then it is there by us', async () => {
  images.want(['pilot:2']);
  watch.start();
  await listed();
  expect(images.missing()).toEqual(['pilot:2']);
  engine.addImage('pilot:2');
  pulling = true;
  const asked = watch.view().listingAskedMs;
  watch.listNow();
  await until('another listing', () => watch.view().listingAskedMs !== asked);
  expect(images.missing()).toEqual(['pilot:2']);
  pulling = false;
  watch.listNow();
  await until('the image', () => images.idOf('pilot:2') !== null);
});

describe('an engine that goes away', () => {
  it('is waited for, and its pilots are not forgotten meanwhile', async () => {
    await run(a);
    watch.start();
    await listed();
    engine.goDown();
    await until('the outage', () => watch.view().state === 'waiting');
    expect(watch.view()).toMatchObject({ listed: false });
    expect(watch.view().reason).toContain('no engine answers');
    expect(names()).toEqual([a]);
    engine.comeUp();
    watch.reconnect();
    await listed();
    expect(watch.view()).toMatchObject({ state: 'answering', reason: '' });
    expect(opened).toBeGreaterThanOrEqual(2);
  });

  it('takes pilots with it: those that ended by a signal meanwhile, and no others', async () => {
    const killed = await run(a);
    const done = await run(b);
    watch.start();
    await listed();
    engine.endSubscriptions();
    await until('the outage', () => !watch.view().listed);
    engine.end(killed, 137);
    engine.end(done, 1);
    watch.reconnect();
    await listed();
    const ends = new Map(watch.view().pilots.map(({ name, end }) => [name, end]));
    expect(ends.get(a)).toMatchObject({ exitCode: 137, engineRestart: true });
    expect(ends.get(b)).toMatchObject({ exitCode: 1 });
    expect(ends.get(b)).not.toHaveProperty('engineRestart');
  });

  it('and came back before the daemon began took those with it that ended by a signal before its first event', async () => {
    const [killed, done] = [await run(a), await run(b)];
    engine.end(killed, 137);
    engine.end(done, 1);
    watch = watchOf(() => ({ ...engine, firstEventMs: () => Promise.resolve(Date.now() + 5000) }));
    watch.start();
    await listed();
    const ends = new Map(watch.view().pilots.map(({ name, end }) => [name, end]));
    expect(ends.get(a)).toMatchObject({ exitCode: 137, engineRestart: true });
    expect(ends.get(b)?.engineRestart).toBeUndefined();
  });

  it('is not away where we let go of it ourselves, nor before it was there', async () => {
    engine.end(await run(a), 137);
    engine.goDown();
    watch.start();
    await until('the outage', () => watch.view().reason !== '');
    engine.comeUp();
    watch.reconnect();
    await listed();
    const killed = await run(b);
    watch.reconnect();
    await until('the outage', () => !watch.view().listed);
    engine.end(killed, 137);
    watch.reconnect();
    await listed();
    for (const { end } of watch.view().pilots) expect(end?.engineRestart).toBeUndefined();
  });

  it('by ending its stream of events is asked anew', async () => {
    watch.start();
    await listed();
    engine.endSubscriptions();
    await until('the outage', () => !watch.view().listed);
    expect(watch.view().reason).toBe('the engine ended its stream of events');
    await run(b);
    watch.reconnect();
    await listed();
    expect(names()).toEqual([b]);
  });

  it('as a listing fails is not believed to have no pilots', async () => {
    await run(a);
    watch.start();
    await listed();
    engine.failNext('list', new EngineError('timeout', 'cannot list containers: no answer within 10 s'));
    watch.listNow();
    await until('the outage', () => watch.view().state === 'waiting');
    expect(watch.view().reason).toBe('cannot list containers: no answer within 10 s');
    expect(names()).toEqual([a]);
    watch.reconnect();
    await listed();
  });

  it('as it cannot even be found is looked for again', async () => {
    watch = watchOf(() => {
      if (opened < 2) throw new EngineError('unreachable', 'no Docker context "x"');
      return engine;
    });
    watch.start();
    await until('the reason', () => watch.view().reason === 'no Docker context "x"');
    watch.reconnect();
    await listed();
    expect(watch.view().reason).toBe('');
  });

  it('has its images looked for again', async () => {
    watch.start();
    await listed();
    const looks = count('findImage');
    engine.endSubscriptions();
    await until('the outage', () => !watch.view().listed);
    watch.reconnect();
    await listed();
    expect(count('findImage')).toBe(looks + 1);
  });
});

it('a pilot that is gone before it can be inspected is left out, not an outage', async () => {
  await run(a);
  engine.failNext('inspect', new EngineError('not-found', 'no such container'));
  watch.start();
  await listed();
  expect(watch.view().state).toBe('answering');
});

it('a pilot that cannot be inspected is what its listing says, of an age that the next one may tell', async () => {
  await run(a);
  await run(b);
  engine.failNext('inspect', new EngineError('timeout', 'cannot inspect container a: no answer within 10 s'));
  watch.start();
  await listed();
  expect(names().toSorted()).toEqual([a, b]);
  expect(watch.view().pilots).toMatchObject([{ state: 'running' }, { state: 'running' }]);
  const ages = (): readonly boolean[] => watch.view().pilots.map((pilot) => pilot.startedAtMs.known);
  expect(ages().filter(Boolean)).toHaveLength(1);
  watch.listNow();
  await until('both ages', () => ages().every(Boolean));
});

it('an engine that is gone while it is asked for a pilot has not listed', async () => {
  await run(a);
  engine.failNext('inspect', new EngineError('unreachable', 'nothing listens there'));
  watch.start();
  await until('the outage', () => watch.view().reason === 'nothing listens there');
  expect(watch.view().listed).toBe(false);
});
