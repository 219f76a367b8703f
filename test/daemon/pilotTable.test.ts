import { describe, expect, it } from 'vitest';
import { PilotTable, standingOf } from '../../src/daemon/pilotTable.ts';
import type { ContainerDetail, ContainerEvent, ContainerSummary } from '../../src/model/engine.ts';
import type { Pilot } from '../../src/model/pilot.ts';
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
): void {
  const listed = containers.map((one) => ({ container: one, managed: true }));
  const inspected = new Map(details.map((one) => [one.id, one]));
  table.applyListing(listed, inspected, () => known(3000), askedMs, askedMs + 1);
}
const only = (table: PilotTable): Pilot => {
  const [pilot, ...more] = table.pilots();
  if (pilot === undefined || more.length > 0) throw new Error(`${more.length + 1} pilots instead of one`);
  return pilot;
};

describe('a life told by events', () => {
  it('runs from its start to its end by the engine’s stamps', () => {
    const table = new PilotTable();
    expect(table.applyEvent(event('create'), true, 'sha256:9', 10)).toBe(true);
    expect(only(table)).toMatchObject({ state: 'created', imageId: 'sha256:9', end: null });
    expect(only(table).startedAtMs.known).toBe(false);
    table.applyEvent(event('start', { atWallMs: 2000 }), true, '', 20);
    expect(only(table)).toMatchObject({ state: 'running', startedAtMs: known(20), stateSinceMs: 20 });
    table.applyEvent(event('pause'), true, '', 30);
    expect(only(table)).toMatchObject({ state: 'paused', startedAtMs: known(20) });
    table.applyEvent(event('unpause'), true, '', 40);
    table.applyEvent(event('die', { atWallMs: 6500, exitCode: 4 }), true, '', 50);
    expect(only(table)).toMatchObject({
      state: 'ended',
      imageId: 'sha256:9',
      end: { exitCode: 4, livedMs: 4500 },
    });
    expect(table.applyEvent(event('remove'), true, '', 60)).toBe(true);
    expect(table.pilots()).toEqual([]);
    expect(table.applyEvent(event('remove'), true, '', 70)).toBe(false);
  });

  it('does not begin again by an event of the past', () => {
    const table = new PilotTable();
    table.applyEvent(event('die', { exitCode: 0 }), true, '', 10);
    expect(table.applyEvent(event('start'), true, '', 20)).toBe(false);
    expect(only(table).state).toBe('ended');
  });

  it('without its start is reckoned by our own clock, or as nothing', () => {
    const seen = new PilotTable();
    seen.noteStarted('a', name, '', 100);
    seen.applyEvent(event('die', { exitCode: 0 }), true, '', 1600);
    expect(only(seen).end).toEqual({ exitCode: 0, livedMs: 1500 });
    const unseen = new PilotTable();
    unseen.applyEvent(event('die', { exitCode: 0 }), true, '', 1600);
    expect(only(unseen).end).toEqual({ exitCode: 0, livedMs: 0 });
  });

  it('is not changed by want of memory alone', () => {
    const table = new PilotTable();
    expect(table.applyEvent(event('oom'), true, '', 10)).toBe(false);
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
    table.applyEvent(event('die', { exitCode: 0 }), true, '', 20);
    expect(table.needsInspection([container({ state: 'ended' })])).toEqual([]);
  });

  it('forgets what it does not name, unless that is newer than the question', () => {
    const table = new PilotTable();
    table.applyEvent(event('start'), true, '', 10);
    list(table, [], 5);
    expect(table.pilots()).toHaveLength(1);
    list(table, [], 20);
    expect(table.pilots()).toEqual([]);
  });

  it('does not take back what an event told after the question', () => {
    const table = new PilotTable();
    table.applyEvent(event('die', { exitCode: 1 }), true, '', 30);
    list(table, [container()], 20);
    expect(only(table).state).toBe('ended');
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
    table.applyListing(listed, new Map([['a', detail()]]), () => unknown('no such process'), 10, 11);
    expect(only(table).startedAtMs).toEqual(unknown('no such process'));
  });
});

describe('our own verbs', () => {
  it('tell of a start before the event does, and never make an ended pilot run', () => {
    const table = new PilotTable();
    table.noteStarted('a', name, 'sha256:9', 10);
    expect(only(table)).toMatchObject({ state: 'running', imageId: 'sha256:9', startedAtMs: known(10) });
    table.applyEvent(event('die', { exitCode: 0 }), true, '', 20);
    table.noteStarted('a', name, 'sha256:9', 30);
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
