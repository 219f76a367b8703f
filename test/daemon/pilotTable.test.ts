import { describe, expect, it } from 'vitest';
import { cpusLabel, instanceLabel, kindLabel, rulesLabel } from '../../src/daemon/ownership.ts';
import type { Made } from '../../src/daemon/pilotRow.ts';
import { PilotTable } from '../../src/daemon/pilotTable.ts';
import { standingOf } from '../../src/daemon/standings.ts';
import type { ContainerDetail, ContainerEvent, ContainerSummary } from '../../src/model/engine.ts';
import type { Pilot, PilotEnd } from '../../src/model/pilot.ts';
import { known, unknown } from '../../src/model/reading.ts';

const name = 'plancton-worker-aaaaaa';
const container = (changes: Partial<ContainerSummary> = {}): ContainerSummary => ({
  id: 'a',
  name,
  imageId: 'sha256:1',
  labels: {},
  state: 'running',
  ...changes,
});
const detail = (changes: Partial<ContainerDetail> = {}): ContainerDetail => ({
  ...container(),
  pid: 7,
  startedAtWallMs: 5000,
  endedAtWallMs: null,
  exitCode: null,
  outOfMemory: false,
  startError: '',
  logPath: null,
  ...changes,
});
const event = (what: ContainerEvent['what'], changes: Partial<ContainerEvent> = {}): ContainerEvent => ({
  what,
  id: 'a',
  name,
  labels: {},
  exitCode: null,
  atWallMs: 1000,
  ...changes,
});

/** A listing asked for at `askedMs` and taken a millisecond later; those inspected are 3 s old. */
function list(
  table: PilotTable,
  containers: readonly ContainerSummary[],
  askedMs: number,
  details: ContainerDetail[] = [],
  engineWasAway = false,
  endedBefore: PilotEnd | null = null,
): void {
  const listed = containers.map((one) => ({ container: one, managed: true }));
  const inspected = new Map(details.map((one) => [one.id, one]));
  table.applyListing(listed, {
    details: inspected,
    ageOf: () => known(3000),
    engineWasAway: () => engineWasAway,
    endedWithEngine: () => endedBefore,
    askedMs,
    nowMs: askedMs + 1,
  });
}
/** An event of a pilot of ours. */
function take(
  table: PilotTable,
  one: ContainerEvent,
  imageId: string,
  nowMs: number,
  engineWasAway = false,
): boolean {
  return table.applyEvent(one, { managed: true, imageId, nowMs, engineWasAway });
}
const made = (imageId: string): Made => ({ id: 'a', name, kind: 'cms', imageId });
const only = (table: PilotTable): Pilot => {
  const [pilot, ...more] = table.pilots();
  if (pilot === undefined || more.length > 0) throw new Error(`${more.length + 1} pilots instead of one`);
  return pilot;
};

describe('a life told by events', () => {
  it('runs from its start to its end by the engine’s stamps', () => {
    const table = new PilotTable();
    expect(take(table, event('create'), 'sha256:9', 10)).toBe(true);
    expect(only(table)).toMatchObject({ state: 'created', imageId: 'sha256:9', end: null });
    expect(only(table).startedAtMs.known).toBe(false);
    take(table, event('start', { atWallMs: 2000 }), '', 20);
    expect(only(table)).toMatchObject({ state: 'running', startedAtMs: known(20), stateSinceMs: 20 });
    take(table, event('pause'), '', 30);
    expect(only(table)).toMatchObject({ state: 'paused', startedAtMs: known(20) });
    take(table, event('unpause'), '', 40);
    take(table, event('die', { atWallMs: 6500, exitCode: 4 }), '', 50);
    expect(only(table)).toMatchObject({
      state: 'ended',
      imageId: 'sha256:9',
      end: { exitCode: 4, livedMs: 4500 },
    });
    expect(take(table, event('remove'), '', 60)).toBe(true);
    expect(table.pilots()).toEqual([]);
    expect(take(table, event('remove'), '', 70)).toBe(false);
  });

  it('does not begin again by an event of the past', () => {
    const table = new PilotTable();
    take(table, event('die', { exitCode: 0 }), '', 10);
    expect(take(table, event('start'), '', 20)).toBe(false);
    expect(only(table).state).toBe('ended');
  });

  it('without its start is reckoned by our own clock, or as nothing', () => {
    const seen = new PilotTable();
    seen.noteStarted(made(''), 100);
    take(seen, event('die', { exitCode: 0 }), '', 1600);
    expect(only(seen).end).toEqual({ exitCode: 0, livedMs: 1500, said: null });
    const unseen = new PilotTable();
    take(unseen, event('die', { exitCode: 0 }), '', 1600);
    expect(only(unseen).end).toEqual({ exitCode: 0, livedMs: 0, said: null });
  });

  it('is not changed by want of memory alone', () => {
    const table = new PilotTable();
    expect(take(table, event('oom'), '', 10)).toBe(false);
    expect(table.pilots()).toEqual([]);
  });
});

describe('a listing', () => {
  it('asks for inspections only where it does not tell enough itself', () => {
    const table = new PilotTable();
    const created = container({ id: 'c', state: 'created' });
    expect(table.needsInspection([container(), created, container({ id: 'e', state: 'ended' })])).toEqual([
      'a',
      'e',
    ]);
    list(table, [container()], 10, [detail()]);
    expect(only(table).startedAtMs).toEqual(known(11 - 3000));
    expect(table.needsInspection([container()])).toEqual([]);
    expect(table.needsInspection([container({ state: 'ended' })])).toEqual(['a']);
    take(table, event('die', { exitCode: 0 }), '', 20);
    expect(table.needsInspection([container({ state: 'ended' })])).toEqual([]);
  });

  it('forgets what it does not name, unless that is newer than the question', () => {
    const table = new PilotTable();
    take(table, event('start'), '', 10);
    list(table, [], 5);
    expect(table.pilots()).toHaveLength(1);
    list(table, [], 20);
    expect(table.pilots()).toEqual([]);
  });

  it('does not take back what an event told after the question', () => {
    const table = new PilotTable();
    take(table, event('die', { exitCode: 1 }), '', 30);
    list(table, [container()], 20);
    expect(only(table).state).toBe('ended');
  });

  it('that is behind what its engine has told brings nobody back to life, or out of a pause, for a while', () => {
    const table = new PilotTable();
    take(table, event('start'), '', 10);
    take(table, event('pause'), '', 20);
    list(table, [container()], 30);
    expect(only(table).state).toBe('paused');
    take(table, event('die', { exitCode: 1 }), '', 40);
    list(table, [container()], 45);
    expect(only(table)).toMatchObject({ state: 'ended', end: { exitCode: 1 } });
    list(table, [container({ state: 'ended' })], 50);
    expect(only(table)).toMatchObject({ state: 'ended', end: { exitCode: 1 } });
    // Somebody has started it again.
    list(table, [container()], 5050);
    expect(only(table)).toMatchObject({ state: 'running', end: null });
  });

  it('is behind an inspection that came after it', () => {
    const table = new PilotTable();
    list(table, [container()], 10, [detail({ state: 'ended', endedAtWallMs: 9000, exitCode: 2, pid: null })]);
    expect(only(table)).toMatchObject({ state: 'ended', end: { exitCode: 2, livedMs: 4000 } });
  });

  it('keeps since when a state has been seen, and tells an end from the inspection', () => {
    const table = new PilotTable();
    list(table, [container()], 10, [detail()]);
    list(table, [container()], 500);
    expect(only(table).stateSinceMs).toBe(11);
    list(table, [container({ state: 'ended' })], 900, [
      detail({ state: 'ended', endedAtWallMs: 9000, exitCode: 2, pid: null }),
    ]);
    expect(only(table)).toMatchObject({ stateSinceMs: 901, end: { exitCode: 2, livedMs: 4000 } });
  });

  it('without an age leaves the start unknown', () => {
    const table = new PilotTable();
    const listed = [{ container: container(), managed: true }];
    table.applyListing(listed, {
      details: new Map([['a', detail()]]),
      ageOf: () => unknown('no such process'),
      engineWasAway: () => false,
      endedWithEngine: () => null,
      askedMs: 10,
      nowMs: 11,
    });
    expect(only(table).startedAtMs).toEqual(unknown('no such process'));
  });
});

describe('our own verbs', () => {
  it('tell of a start before the event does, and never make an ended pilot run', () => {
    const table = new PilotTable();
    table.noteStarted(made('sha256:9'), 10);
    expect(only(table)).toMatchObject({ state: 'running', imageId: 'sha256:9', startedAtMs: known(10) });
    take(table, event('die', { exitCode: 0 }), '', 20);
    table.noteStarted(made('sha256:9'), 30);
    expect(only(table).state).toBe('ended');
    table.noteRemoved(name);
    expect(table.pilots()).toEqual([]);
  });
});

it.each([
  ['ours', false, 'managed'],
  ['original', false, 'counted'],
  ['original', true, 'managed'],
  ['unproven', true, 'counted'],
  ['foreign', true, 'ignored'],
] as const)('a container that is %s, with adoption %s, is %s', (ownership, adopt, standing) => {
  expect(standingOf(ownership, adopt)).toBe(standing);
});

describe('labels', () => {
  const labels = { [instanceLabel]: 'here', [kindLabel]: 'cms', [cpusLabel]: '0.5' };

  it('tell the kind of a pilot and the CPUs that it was made with, in events and listings', () => {
    const table = new PilotTable();
    expect(table.madeAs(name)).toEqual({ kind: null, cpus: null });
    take(table, event('create', { labels }), '', 10);
    expect(only(table).kind).toBe('cms');
    expect(table.madeAs(name)).toEqual({ kind: 'cms', cpus: 0.5 });
    const listed = new PilotTable();
    list(listed, [container({ labels })], 10, [detail()]);
    expect(only(listed).kind).toBe('cms');
    expect(listed.madeAs(name)).toEqual({ kind: 'cms', cpus: 0.5 });
  });

  it('tell the rules that it was started with, which are not forgotten where an event tells none', () => {
    const rules =
      '{"mem":1,"swap":2,"ttl":3,"jitter":0,"grace":4,"signal":"SIGINT","log":null,"fizzle":5,"outcomes":{}}';
    const ruled = { ...labels, [rulesLabel]: rules };
    const table = new PilotTable();
    list(table, [container({ labels: ruled })], 10, [detail()]);
    const expected = {
      cpus: 0.5,
      memoryBytes: 1,
      ttlMs: 3,
      stopGraceMs: 4,
      stopSignal: 'SIGINT',
      fizzleMs: 5,
    };
    expect(only(table).rules).toMatchObject(expected);
    take(table, event('pause'), '', 20);
    expect(only(table).rules).toMatchObject(expected);
    const told = new PilotTable();
    take(told, event('create', { labels: ruled }), '', 10);
    told.noteStarted(made('sha256:8'), 20);
    expect(only(told)).toMatchObject({ state: 'running', rules: expected });
    const bare = new PilotTable();
    list(bare, [container({ labels })], 10, [detail()]);
    expect(only(bare)).not.toHaveProperty('rules');
  });

  it('of an image say nothing where the original made the container', () => {
    const table = new PilotTable();
    list(table, [container({ labels: { [kindLabel]: 'cms' } })], 10, [detail()]);
    expect(only(table).kind).toBeNull();
  });

  it('need not be told again for what we started ourselves', () => {
    const table = new PilotTable();
    table.noteMade(made('sha256:9'), 5);
    expect(only(table)).toMatchObject({ state: 'created', kind: 'cms' });
    table.noteStarted(made('sha256:8'), 10);
    expect(only(table)).toMatchObject({ state: 'running', kind: 'cms', imageId: 'sha256:9' });
  });
});

describe('an end with the engine', () => {
  const ended = container({ state: 'ended' });
  const endedDetail = (changes: Partial<ContainerDetail>): ContainerDetail =>
    detail({ state: 'ended', endedAtWallMs: 9000, pid: null, ...changes });

  it.each([
    [137, false, true],
    [143, false, true],
    [255, false, true],
    [129, false, true],
    [139, false, undefined],
    [128, false, undefined],
    [1, false, undefined],
    [0, false, undefined],
    [null, false, undefined],
    [137, true, undefined],
  ])(
    'is one by a signal while it was away: exit code %s, out of memory %s',
    (exitCode, outOfMemory, restart) => {
      const table = new PilotTable();
      list(table, [container()], 10, [detail()]);
      list(table, [ended], 20, [endedDetail({ exitCode, outOfMemory })], true);
      expect(only(table).end?.engineRestart).toBe(restart);
      const there = new PilotTable();
      list(there, [container()], 10, [detail()]);
      list(there, [ended], 20, [endedDetail({ exitCode, outOfMemory })], false);
      expect(only(there).end?.engineRestart).toBeUndefined();
      const told = new PilotTable();
      take(told, event('start'), '', 10);
      if (outOfMemory) take(told, event('oom'), '', 15);
      take(told, event('die', { exitCode }), '', 20, true);
      expect(only(told).end?.engineRestart).toBe(restart);
    },
  );

  it('may have come just before the engine went, and not long before', () => {
    const table = new PilotTable();
    for (const [id, exitCode, atMs] of [
      ['a', 137, 100],
      ['b', 137, 300],
      ['c', 0, 300],
      ['d', null, 300],
    ] as const) {
      take(table, event('start', { id, name: id }), '', 10);
      if (exitCode !== null) take(table, event('die', { id, name: id, exitCode }), '', atMs);
    }
    table.noteEngineGone(200);
    const restarts = table.pilots().map(({ name: one, end }) => [one, end?.engineRestart]);
    expect(restarts).toEqual([
      ['a', undefined],
      ['b', true],
      ['c', undefined],
      ['d', undefined],
    ]);
  });

  it('is one with whatever exit code, soon after its engine has sent it a signal', () => {
    const table = new PilotTable();
    for (const [id, signalledMs] of [
      ['a', 90_000],
      ['b', 30_000],
      ['c', null],
    ] as const) {
      take(table, event('start', { id, name: id }), '', 10);
      if (signalledMs !== null) take(table, event('kill', { id }), '', signalledMs);
      take(table, event('die', { id, name: id, exitCode: 0 }), '', 100_000);
    }
    table.noteEngineGone(95_000);
    expect(table.pilots().map(({ end }) => end?.engineRestart)).toEqual([true, undefined, undefined]);
    const unseen = new PilotTable();
    list(unseen, [container()], 10, [detail()]);
    take(unseen, event('kill'), '', 15);
    list(unseen, [ended], 20, [endedDetail({ exitCode: 1 })], true);
    expect(only(unseen).end?.engineRestart).toBe(true);
  });

  it('that a daemon before this one saw is not judged again, and a pilot that runs has none', () => {
    const seen = { exitCode: 143, livedMs: 700, said: null, engineRestart: true } as const;
    const ended = detail({ state: 'ended', endedAtWallMs: 9000, exitCode: 143, pid: null });
    const after = new PilotTable();
    list(after, [container({ state: 'ended' })], 10, [ended], false, seen);
    expect(only(after).end).toEqual(seen);
    const alive = new PilotTable();
    list(alive, [container()], 10, [detail()], false, seen);
    expect(only(alive)).toMatchObject({ state: 'running', end: null });
  });

  it('that was known before the listing is not judged again', () => {
    const table = new PilotTable();
    list(table, [ended], 10, [endedDetail({ exitCode: 137 })], false);
    list(table, [ended], 20, [endedDetail({ exitCode: 137 })], true);
    expect(only(table).end?.engineRestart).toBeUndefined();
  });
});

it('what a pilot said of its end is asked for once, as the end is seen', () => {
  const asked: string[] = [];
  const table = new PilotTable((one) => {
    asked.push(one);
    return { code: 300, text: 'Nothing to do' };
  });
  take(table, event('start'), '', 10);
  take(table, event('die', { exitCode: 0 }), '', 20);
  list(table, [container({ state: 'ended' })], 30, [detail({ state: 'ended', exitCode: 0 })]);
  expect(only(table).end?.said).toEqual({ code: 300, text: 'Nothing to do' });
  expect(asked).toEqual([name]);
});

describe('the list of pilots', () => {
  it('is the same while a listing tells what was known, and another with each change', () => {
    const table = new PilotTable();
    list(table, [container()], 1000, [detail()]);
    const first = table.pilots();
    list(table, [container()], 2000);
    expect(table.pilots()).toBe(first);
    list(table, [container({ state: 'paused' })], 3000);
    const paused = table.pilots();
    expect(paused).not.toBe(first);
    expect(paused.map(({ state }) => state)).toEqual(['paused']);
    table.noteRemoved(name);
    expect(table.pilots()).toEqual([]);
    expect(paused).toHaveLength(1);
  });
});
