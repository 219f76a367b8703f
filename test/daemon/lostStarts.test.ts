import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Actor, createActor } from '../../src/act/actor.ts';
import { EngineWatch } from '../../src/daemon/engineWatch.ts';
import { ImageKeeper } from '../../src/daemon/imageKeeper.ts';
import { followLostStarts } from '../../src/daemon/lostStarts.ts';
import { type Identity, labelsOf } from '../../src/daemon/ownership.ts';
import { createTick, type Tick } from '../../src/daemon/tick.ts';
import { emptyMemory } from '../../src/decide/types.ts';
import { type Engine, EngineError, type EngineFault } from '../../src/model/engine.ts';
import { noKeep } from '../../src/model/keep.ts';
import { Secret } from '../../src/model/secret.ts';
import { kind } from '../act/kind.ts';
import { engineWith, failedStart, hostAt, policy, running, withRules } from '../decide/world.ts';
import { createFakeEngine, type FakeEngine } from '../fakes/engine.ts';
import { keepLog } from '../support/quietLog.ts';
import { until } from '../support/until.ts';

const identity: Identity = { instance: 'here', secret: new Secret('s') };

/** How the next start goes: what the engine took on is carried out when the test says so, or never. */
type Fate = 'answered' | { readonly fault: EngineFault; readonly doneBefore: boolean };

let skewMs: number;
let fate: Fate;
let late: (() => Promise<void>)[];
let serial: number;
let fake: FakeEngine;
let actor: Actor;
let watch: EngineWatch;
let tick: () => Tick;
let looksAgain: number;

beforeEach(async () => {
  skewMs = 0;
  fate = 'answered';
  late = [];
  serial = 0;
  looksAgain = 0;
  const clock = { nowMs: () => performance.now() + skewMs, wallMs: () => Date.now() };
  fake = createFakeEngine({ info: { local: false } });
  const images = new ImageKeeper(['pilot:1'], null);
  const imageId = fake.addImage('pilot:1');
  // No event is told, so that all there is to know comes from listings.
  const engine: Engine = {
    ...fake,
    follow: (label, onReady, _onEvent, signal) => fake.follow(label, onReady, () => undefined, signal),
    start: async (id, signal) => {
      if (fate === 'answered') return fake.start(id, signal);
      if (fate.doneBefore) await fake.start(id, signal);
      else late.push(() => fake.start(id, new AbortController().signal));
      throw new EngineError(fate.fault, `cannot start container ${id}: nobody knows`);
    },
  };
  watch = new EngineWatch({
    openEngine: () => engine,
    identity,
    adoptUnlabelled: () => false,
    images,
    imageOfKind: () => 'pilot:1',
    isPulling: () => false,
    lastWordOf: () => null,
    endedWithEngine: () => null,
    clock,
    log: keepLog(),
    onChange: () => undefined,
    onConnected: () => undefined,
    onProcesses: () => undefined,
  });
  const specFor = (name: string) => ({
    name,
    hostname: name,
    kind,
    labels: labelsOf(identity, name),
    env: {},
    binds: [],
    cgroupParent: null,
  });
  const parent = { lifted: (work: () => Promise<void>) => work() };
  const keep = noKeep('node7');
  const tools = { engine, clock, parent, keep, treesOf: () => null, specFor } as never;
  actor = createActor(
    () => tools,
    clock,
    () => undefined,
  );
  tick = createTick(
    {
      host: { sample: ({ nowMs }) => hostAt(nowMs) },
      clock,
      actor,
      engineView: () => watch.view(),
      control: () => ({ drain: false, stop: false, forceStop: false, renew: [] }),
      terminating: () => false,
      leavesEngine: () => false,
      inForce: () => [],
      policy: () =>
        withRules(policy, {
          kind: { image: 'pilot:1' },
          limit: 1,
          imageExpirationMs: Number.POSITIVE_INFINITY,
        }),
      remember: (memory) => memory,
      week: () => null,
      logRates: () => new Map(),
      activities: () => new Map(),
      newName: () => `plancton-worker-p${String(serial++).padStart(5, '0')}`,
      save: () => undefined,
      learn: (result) => watch.noteResult(result),
      lookAgain: () => {
        looksAgain += 1;
      },
      record: () => undefined,
    },
    emptyMemory,
  );
  watch.start();
  await until('a listing', () => watch.view().listed);
  images.noteResult(
    {
      action: { do: 'pull', reference: 'pilot:1', why: '' },
      ok: true,
      fact: { of: 'pull', imageId },
      error: '',
      fault: null,
      tookMs: 1,
    },
    clock.nowMs(),
  );
});
afterEach(() => watch.close());

const count = (call: string): number => fake.calls.filter((one) => one.startsWith(call)).length;
const idle = (): Promise<unknown> => until('the end of what is under way', () => !actor.inFlight().length);

async function passSeconds(seconds: number): Promise<Tick> {
  let last = tick();
  for (let second = 0; second < seconds; second++) {
    skewMs += 1000;
    last = tick();
    await idle();
  }
  return last;
}

async function list(): Promise<void> {
  const before = watch.view().listingAskedMs;
  watch.listNow();
  await until('another listing', () => watch.view().listingAskedMs !== before);
}

/** Has the first start begin and fail in the way that `fate` says, after the first looks at the node. */
async function failStart(next: Fate): Promise<void> {
  fate = next;
  await until('a start', async () => {
    await passSeconds(1);
    return count('create') === 1;
  });
  fate = 'answered';
  tick();
}

const states = (): string[] => fake.containers().map(({ detail }) => detail.state);

describe('a start whose answer is lost', () => {
  it('keeps its place until a listing has told the truth', async () => {
    await failStart({ fault: 'unreachable', doneBefore: true });
    const waiting = await passSeconds(5);
    expect(count('create')).toBe(1);
    expect(waiting.sample.inFlight).toMatchObject([{ action: { do: 'start' } }]);
    await list();
    const told = await passSeconds(1);
    expect(told.sample.inFlight).toEqual([]);
    expect(told.decision.memory.slots).toMatchObject([
      { pilot: fake.containers()[0]?.detail.name, failures: 0 },
    ]);
    expect(told.decision.running).toBe(1);
    expect(count('create')).toBe(1);
  });

  it('is waited for while its container is only made, and is the pilot that it becomes', async () => {
    await failStart({ fault: 'timeout', doneBefore: false });
    await list();
    await passSeconds(9);
    expect(looksAgain).toBe(1);
    expect(count('remove')).toBe(0);
    await Promise.all(late.map((start) => start()));
    await list();
    const { decision } = await passSeconds(12);
    expect(states()).toEqual(['running']);
    expect(decision.running).toBe(1);
    expect(count('create')).toBe(1);
    expect(count('remove')).toBe(0);
  });

  it('has failed when its container is still not running after ten seconds of answers', async () => {
    await failStart({ fault: 'timeout', doneBefore: false });
    await list();
    await passSeconds(10);
    await list();
    const { decision } = await passSeconds(1);
    expect(decision.memory.slots).toMatchObject([{ failures: 1 }]);
    expect(count('remove')).toBe(1);
    await passSeconds(3);
    expect(states()).toContain('running');
  });

  it('has failed at once when there is no container', async () => {
    fake.failNext('create', new EngineError('timeout', 'cannot create: no answer'));
    await until('a start', async () => {
      await passSeconds(1);
      return count('create') === 1;
    });
    await passSeconds(5);
    expect(count('create')).toBe(1);
    await list();
    await passSeconds(2);
    expect(states()).toContain('running');
  });

  it('is not told from a stale listing, nor by one of before an outage', () => {
    const result = { ...failedStart('a'), fault: 'timeout' as const };
    const made = [running('a', 0, { state: 'created' })];
    const lost = (asked: number | null, before = followLostStarts([], [result], engineWith([]), 100).lost) =>
      followLostStarts(before, [], engineWith(made, { listingAskedMs: asked }), 200);
    expect(lost(99).results).toEqual([]);
    const first = lost(150);
    expect(lost(10_149, first.lost).results).toEqual([]);
    expect(lost(10_150, first.lost)).toMatchObject({ lost: [], inFlight: [], results: [result] });
    const afterOutage = lost(20_000, lost(null, first.lost).lost);
    expect(afterOutage.results).toEqual([]);
    expect(lost(30_000, afterOutage.lost).results).toEqual([result]);
  });
});

it('a start that the engine refused has failed at once', async () => {
  await failStart({ fault: 'failed', doneBefore: false });
  const { decision } = tick();
  expect(decision.memory.slots).toMatchObject([{ pilot: null, failures: 1 }]);
});
