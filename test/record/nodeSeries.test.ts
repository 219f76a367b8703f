import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Point } from '../../src/model/point.ts';
import { known } from '../../src/model/reading.ts';
import { type NodeFacts, timingBoundsMs } from '../../src/record/nodeFacts.ts';
import { endPoint, nodePoints, startPoint } from '../../src/record/nodeSeries.ts';
import { accountPoint, containerPoint, daemonPoint, nodePoint } from '../../src/record/series.ts';
import { seriesGuide } from '../../src/record/seriesGuide.ts';
import { metricsMarkdown } from '../../src/record/seriesMarkdown.ts';
import { TimingSum } from '../../src/record/timingSum.ts';

function timingsOf(...ms: number[]) {
  const sum = new TimingSum();
  for (const one of ms) sum.add(one);
  return sum.read();
}

const integral = (sum: number) => ({ sum, knownMs: 10_000 });

/** Facts of which everything is known. */
const facts: NodeFacts = {
  atWallMs: 5,
  hostname: 'wn1.example.org',
  version: '1',
  status: 'active',
  dryRun: false,
  paceMs: 30_000,
  uptimeMs: 30_000,
  engine: { answering: true, product: 'docker', version: '20' },
  node: {
    cpus: 8,
    ownerCpus: 1,
    pilotsCpus: 2,
    memoryTotalBytes: 64e9,
    memoryAvailableBytes: 60e9,
    ownerMemoryBytes: 3e9,
    pilotsMemoryBytes: 1e9,
    swapTotalBytes: 0,
    swapFreeBytes: 0,
    diskTotalBytes: 5e11,
    diskFreeBytes: 4e11,
  },
  pressure: { cpu: 0.1, memory: 0.2, memoryFull: 0.3, io: 0.4 },
  integrals: {
    ownerCpus: integral(15_000),
    pilotsCpus: integral(40_000),
    cpu: integral(100),
    memory: integral(200),
    memoryFull: integral(0),
    io: integral(5000),
  },
  slots: { limit: 7, taken: 3, unmanaged: 1, refusal: 'cpu' },
  kinds: [
    {
      kind: 'physics',
      pilots: { running: 2, paused: 1, ended: 0, prepared: 1, starting: 0 },
      fruitless: 3,
      backOffMs: 90_000,
    },
    {
      kind: 'unknown',
      pilots: { running: 1, paused: 0, ended: 0, prepared: 0, starting: 0 },
      fruitless: 0,
      backOffMs: 0,
    },
  ],
  starts: [{ kind: 'physics', started: 4, failed: 1 }],
  ends: [{ kind: 'physics', outcome: 'evicted', reason: 'memory', count: 2 }],
  refillGaps: timingsOf(200, 400, 3000),
  engineCalls: [{ verb: 'start', failed: 1, timings: timingsOf(250, 350, 1800) }],
  account: { harvestedMs: 1, wastedMs: 0, ownerDelayMs: null },
  cost: { cpuMs: 60, residentBytes: 48e6, ticks: timingsOf(1, 3) },
  sinks: [
    {
      target: 't',
      state: 'ok',
      error: '',
      sentPoints: 9,
      waitingPoints: 2,
      droppedPoints: 1,
      spool: { bytes: 300, mostBytes: 1000 },
    },
    { target: 'u', state: 'ok', error: '', sentPoints: 9, waitingPoints: 3, droppedPoints: 0 },
  ],
};

const only = (points: readonly Point[], name: string) =>
  points.filter(({ measurement }) => measurement === name);
const end = { hostname: 'wn1', kind: 'physics', outcome: 'evicted', livedMs: 5000, atWallMs: 5 } as const;
const unread = { cpuMs: null, peakMemoryBytes: null, pausedMs: 0 };
const all: readonly Point[] = [
  daemonPoint({ hostname: 'wn1', uptimeMs: 1, containers: 1, status: 'active', atWallMs: 5 }),
  nodePoint({ hostname: 'wn1', cpuPercent: known(1), atWallMs: 5 }),
  containerPoint({ hostname: 'wn1', started: true, killed: false, livedMs: 1, atWallMs: 5 }),
  accountPoint({ hostname: 'wn1', sinceMs: 0, harvestedMs: 1, wastedMs: 1, ownerDelayMs: 1, atWallMs: 5 }),
  ...nodePoints(null, facts),
  startPoint({ hostname: 'wn1', kind: 'physics', started: true, tookMs: 300, atWallMs: 5 }),
  endPoint({ ...end, reason: 'memory', record: { cpuMs: 4000, peakMemoryBytes: 1e6, pausedMs: 0 } }),
].filter((point) => point !== null);

describe('the tables of series', () => {
  it('name every series that is sent, with its tags, fields and types', () => {
    const typeOf = (value: unknown) => (typeof value === 'number' ? 'float' : typeof value);
    for (const { measurement, tags, fields } of all) {
      const guide = seriesGuide.find(({ name }) => name === measurement);
      expect([measurement, ...Object.keys(tags)]).toEqual([guide?.name, ...Object.keys(guide?.tags ?? {})]);
      const types = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeOf(value)]));
      const told = Object.entries(guide?.fields ?? {}).map(([name, { type }]) => [name, type]);
      expect({ measurement, ...types }).toEqual({ measurement, ...Object.fromEntries(told) });
    }
    expect([...new Set(all.map(({ measurement }) => measurement))].toSorted()).toEqual(
      seriesGuide.map(({ name }) => name).toSorted(),
    );
  });

  it('say which fields are left out where they cannot be read', () => {
    const node = Object.fromEntries(Object.keys(facts.node).map((name) => [name, null]));
    const blind = nodePoints(facts, {
      ...facts,
      node: { ...(node as unknown as NodeFacts['node']), cpus: 8 },
    });
    const points = [...blind, endPoint({ ...end, reason: null, record: unread })];
    for (const { measurement, fields } of points) {
      const guide = seriesGuide.find(({ name }) => name === measurement)?.fields ?? {};
      const needed = Object.keys(guide).filter((name) => guide[name]?.optional !== true);
      expect([measurement, ...Object.keys(fields)]).toEqual(expect.arrayContaining([measurement, ...needed]));
    }
    const [blindNode] = only(blind, 'node');
    expect(Object.keys(blindNode?.fields ?? {}).toSorted()).toEqual(
      Object.entries(seriesGuide.find(({ name }) => name === 'node')?.fields ?? {})
        .flatMap(([name, { optional }]) => (optional === true ? [] : [name]))
        .toSorted(),
    );
  });

  it('are in docs/metrics.md as they are in the code', () => {
    const written = readFileSync(resolve(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
    expect(written === metricsMarkdown() ? 'current' : 'out of date: run "npm run generate"').toBe('current');
  });
});

describe('what is sent of a node', () => {
  it('is the mean since the last report where it is a rate, and a count of what has happened since', () => {
    const later: NodeFacts = {
      ...facts,
      uptimeMs: 60_000,
      integrals: { ...facts.integrals, ownerCpus: { sum: 75_000, knownMs: 40_000 } },
      engineCalls: [{ verb: 'start', failed: 1, timings: timingsOf(250, 350, 1800, 500, 700) }],
      cost: { ...facts.cost, cpuMs: 360 },
    };
    expect(only(nodePoints(null, facts), 'node')[0]?.fields).toMatchObject({
      owner_cpus: 1.5,
      pilots_cpus: 4,
      io_pressure: 0.5,
    });
    const points = nodePoints(facts, later);
    expect(only(points, 'node')[0]?.fields).toMatchObject({ owner_cpus: 2, refusal: 'cpu' });
    expect(only(points, 'node')[0]?.fields).not.toHaveProperty('pilots_cpus');
    expect(only(points, 'engine')).toMatchObject([
      {
        tags: { hostname: 'wn1', verb: 'start' },
        fields: { calls: 2, failed: 0, slow: 0, mean_seconds: 0.6 },
      },
    ]);
    expect(only(points, 'refill')).toEqual([]);
    expect(only(points, 'cost')[0]?.fields).toMatchObject({
      cpus: 0.01,
      waiting_points: 5,
      spool_bytes: 300,
    });
    expect(only(nodePoints(facts, facts), 'engine')).toEqual([]);
  });

  it('tells each kind for itself, and gaps and slow calls', () => {
    const points = nodePoints(null, facts);
    expect(
      only(points, 'pilots').map(({ tags, fields }) => [
        tags['kind'],
        fields['running'],
        fields['back_off_seconds'],
      ]),
    ).toEqual([
      ['physics', 2, 90],
      ['unknown', 1, 0],
    ]);
    expect(only(points, 'refill')[0]?.fields).toEqual({ refills: 3, slow: 1, mean_gap_seconds: 1.2 });
    expect(only(points, 'engine')[0]?.fields).toEqual({ calls: 3, failed: 1, slow: 1, mean_seconds: 0.8 });
  });

  it('tells starts and ends one by one, evictions with their reason', () => {
    expect(startPoint({ hostname: 'a.b', kind: 'k', started: false, tookMs: 1500, atWallMs: 1 })).toEqual({
      measurement: 'start',
      tags: { hostname: 'a', kind: 'k', result: 'failed' },
      fields: { took_seconds: 1.5 },
      atWallMs: 1,
    });
    expect(endPoint({ ...end, reason: 'memory', record: unread })).toMatchObject({
      tags: { kind: 'physics', outcome: 'evicted', reason: 'memory' },
      fields: { lived_seconds: 5 },
    });
    expect(endPoint({ ...end, reason: null, record: unread }).tags).toMatchObject({ reason: 'none' });
  });
});

it('durations are counted at or below each bound', () => {
  const { count, sumMs, atMost } = timingsOf(5, 6, 1000, 1001, 99_999);
  expect([count, sumMs]).toEqual([5, 102_011]);
  expect(Object.fromEntries(timingBoundsMs.map((bound, index) => [bound, atMost[index]]))).toMatchObject({
    5: 1,
    10: 2,
    500: 2,
    1000: 3,
    2500: 4,
    30000: 4,
  });
});

describe('CPU-seconds', () => {
  const spent = (sum: number, knownMs: number): NodeFacts => ({
    ...facts,
    integrals: { ...facts.integrals, pilotsCpus: { sum, knownMs } },
  });
  const told = (before: NodeFacts | null, now: NodeFacts): unknown =>
    only(nodePoints(before, now), 'node')[0]?.fields['pilots_cpu_seconds'];

  it('are those since the last report, so that their sum over reports is what was used', () => {
    expect(told(null, spent(40_000, 10_000))).toBe(40);
    expect(told(spent(40_000, 10_000), spent(55_500, 20_000))).toBe(15.5);
  });

  it('are left out where they could not be read meanwhile, and zero where there were none', () => {
    expect(told(spent(40_000, 10_000), spent(40_000, 10_000))).toBeUndefined();
    expect(told(spent(40_000, 10_000), spent(40_000, 20_000))).toBe(0);
  });
});
