import { expect, it } from 'vitest';
import type { Account } from '../../src/decide/budget.ts';
import { nodeFactsOf } from '../../src/daemon/nodeFacts.ts';
import { Reporter } from '../../src/daemon/report.ts';
import { Tally } from '../../src/daemon/tally.ts';
import type { Point } from '../../src/model/point.ts';
import type { Sinks } from '../../src/record/influxSinks.ts';
import { decideOn, policy, seenAt } from '../decide/world.ts';

const idle = decideOn(seenAt(0, 0));

/** Where points can be looked at. */
function collecting(): { readonly sinks: Sinks; readonly points: Point[] } {
  const points: Point[] = [];
  const sinks: Sinks = {
    write: (more) => points.push(...more),
    useTargets: () => undefined,
    states: () => [],
    close: async () => undefined,
  };
  return { sinks, points };
}

/** The points of one report, where this is accounted. */
function reported(account: Account): readonly Point[] {
  const { sinks, points } = collecting();
  const seen = seenAt(10_000, 0);
  const decision = decideOn(seen);
  const memory = { ...decision.memory, account };
  const tick = { sample: seen.sample, seen, policy, decision: { ...decision, memory } };
  const facts = nodeFactsOf(tick, {
    hostname: 'node7',
    atWallMs: 5,
    startedMs: 0,
    tally: new Tally(),
    sinks: [],
    cpuMs: 100,
    residentBytes: 48e6,
  });
  new Reporter('node7', 0).report(tick, facts, sinks);
  return points;
}

it('sends the account beside what the original sent, once pilots have used anything', () => {
  const account = { sinceMs: 0, harvestedMs: 9000, wastedMs: 0, ownerDelayMs: 0, toldMs: 0 };
  const names = (points: readonly Point[]) => points.map(({ measurement }) => measurement);
  // The first report has no use of the node yet: there is nothing to compare with.
  expect(names(reported(account))).toEqual(['daemon', 'account', 'node', 'pilots', 'cost']);
  expect(reported(account)[1]?.fields).toEqual({ harvested_seconds: 9, wasted_seconds: 0 });
  expect(reported({ ...account, toldMs: 1000 })[1]?.fields).toMatchObject({ owner_delay_seconds: 0 });
  expect(names(reported({ ...account, sinceMs: null }))).not.toContain('account');
});

it('sends a point for each start, and two for each end: the one of the original and its own', () => {
  const { sinks, points } = collecting();
  const reporter = new Reporter('node7.example.org', 0);
  reporter.started({ kind: 'default', started: true, tookMs: 300 }, sinks, 5);
  const record = {
    name: 'plancton-worker-abc123',
    id: 'f'.repeat(64),
    node: 'node7',
    kind: 'default',
    imageId: 'sha256:1',
    imageDigest: null,
    startedAtWallMs: 1000,
    endedAtWallMs: 5000,
    outcome: 'evicted',
    exitCode: 137,
    signal: 'SIGKILL',
    outOfMemory: false,
    cpuMs: 3000,
    peakMemoryBytes: null,
    pausedMs: 0,
    reason: { rule: 'memory', text: '' },
    said: '',
  } as const;
  const told = { kind: 'default', outcome: 'evicted', reason: 'memory' } as const;
  reporter.ended(record, told, sinks, 6);
  reporter.ended(
    { ...record, outcome: 'never-started', startedAtWallMs: null },
    { ...told, outcome: 'never-started', reason: null },
    sinks,
    7,
  );
  expect(points.map(({ measurement, tags }) => [measurement, tags])).toEqual([
    ['start', { hostname: 'node7', kind: 'default', result: 'started' }],
    ['container', { hostname: 'node7', started: 'True', killed: 'True' }],
    ['end', { hostname: 'node7', kind: 'default', outcome: 'evicted', reason: 'memory' }],
    ['container', { hostname: 'node7', started: 'False', killed: 'False' }],
    ['end', { hostname: 'node7', kind: 'default', outcome: 'never-started', reason: 'none' }],
  ]);
  expect(points.map(({ fields }) => fields)).toEqual([
    { took_seconds: 0.3 },
    { uptime: 4 },
    { lived_seconds: 4, cpu_seconds: 3, paused_seconds: 0 },
    { uptime: 0 },
    { lived_seconds: 0, cpu_seconds: 3, paused_seconds: 0 },
  ]);
  // Names, ids and digests stay out of it: a database would grow with each pilot.
  expect(JSON.stringify(points)).not.toMatch(/worker|ffff|sha256/);
});

it('keeps to main_sleep where ticks come a moment early, and is due at the first', () => {
  const reporter = new Reporter('node7', 0, () => 0.5);
  const isDueAt = (atMs: number): boolean => {
    const seen = seenAt(atMs, 0);
    return reporter.isDue({ sample: seen.sample, seen, policy, decision: decideOn(seen) });
  };
  expect(isDueAt(1000)).toBe(true);
  expect(isDueAt(1001)).toBe(false);
  expect(isDueAt(30_000)).toBe(false);
  expect(isDueAt(30_995)).toBe(true);
  expect(isDueAt(60_990)).toBe(true);
  expect(isDueAt(61_990)).toBe(false);
});

it('is due at instants that are spread over main_sleep, for nodes that begin at the same one', () => {
  const nodes = 300;
  const reports = new Map<number, number>();
  for (let node = 0; node < nodes; node += 1) {
    const reporter = new Reporter(`node${node}`, 0, () => node / nodes);
    const dueAt: number[] = [];
    for (let second = 0; second <= 105; second += 1) {
      const seen = seenAt(second * 1000, 0);
      if (reporter.isDue({ sample: seen.sample, seen, policy, decision: idle })) dueAt.push(second);
    }
    const [first, second = 0, third = 0] = dueAt;
    expect(first).toBe(0);
    expect(second).toBeGreaterThanOrEqual(15);
    expect(second).toBeLessThanOrEqual(45);
    expect(third - second).toBe(30);
    reports.set(third % 30, (reports.get(third % 30) ?? 0) + 1);
  }
  // Ten in each second would be perfect.
  expect(reports.size).toBe(30);
  expect(Math.max(...reports.values())).toBeLessThanOrEqual(20);
});
