import { type NodeFacts, type Timings, timingBoundsMs } from '../../src/record/nodeFacts.ts';

/** Durations that all were this long. */
export function timings(count: number, eachMs: number): Timings {
  return {
    count,
    sumMs: count * eachMs,
    atMost: timingBoundsMs.map((bound) => (eachMs <= bound ? count : 0)),
  };
}

/** All that a node may tell, every part of it known. */
export function wholeFacts(more: Partial<NodeFacts> = {}): NodeFacts {
  const pilots = { running: 3, paused: 1, ended: 0, prepared: 2, starting: 1 };
  const nothing = { running: 0, paused: 0, ended: 0, prepared: 0, starting: 0 };
  return {
    atWallMs: 1_800_000_000_000,
    hostname: 'node7.example.org',
    version: '1.2.3',
    status: 'active',
    dryRun: false,
    paceMs: 30_000,
    uptimeMs: 3_600_000,
    engine: { answering: true, product: 'docker', version: '20.10.24' },
    node: {
      cpus: 8,
      ownerCpus: 1.5,
      pilotsCpus: 4,
      memoryTotalBytes: 16e9,
      memoryAvailableBytes: 6e9,
      ownerMemoryBytes: 4e9,
      pilotsMemoryBytes: 5e9,
      swapTotalBytes: 2e9,
      swapFreeBytes: 1e9,
      diskTotalBytes: 1e12,
      diskFreeBytes: 4e11,
    },
    pressure: { cpu: 0.01, memory: 0.02, memoryFull: 0.005, io: 0.03 },
    integrals: {
      cpu: { sum: 36_000, knownMs: 3_600_000 },
      memory: { sum: 72_000, knownMs: 3_600_000 },
      memoryFull: { sum: 18_000, knownMs: 3_600_000 },
      io: { sum: 108_000, knownMs: 3_600_000 },
      ownerCpus: { sum: 5_400_000, knownMs: 3_600_000 },
      pilotsCpus: { sum: 14_400_000, knownMs: 3_600_000 },
    },
    slots: { limit: 6, taken: 4, unmanaged: 1, refusal: 'cpu' },
    kinds: [
      { kind: 'atlas', pilots, fruitless: 0, backOffMs: 0 },
      { kind: 'cms', pilots: nothing, fruitless: 3, backOffMs: 240_000 },
    ],
    starts: [{ kind: 'atlas', started: 40, failed: 2 }],
    ends: [
      { kind: 'atlas', outcome: 'finished', reason: null, count: 30 },
      { kind: 'atlas', outcome: 'evicted', reason: 'memory', count: 4 },
      { kind: 'cms', outcome: 'no-work', reason: null, count: 3 },
    ],
    refillGaps: timings(36, 320),
    engineCalls: [
      { verb: 'start', failed: 2, timings: timings(42, 260) },
      { verb: 'list', failed: 0, timings: timings(100, 4) },
    ],
    account: { harvestedMs: 14_400_000, wastedMs: 600_000, ownerDelayMs: 9000 },
    cost: { cpuMs: 5400, residentBytes: 50e6, ticks: timings(3600, 0.7) },
    sinks: [
      {
        target: 'http://influx.example.org:8086#grid',
        state: 'ok',
        error: '',
        sentPoints: 1000,
        waitingPoints: 5,
        droppedPoints: 0,
        spool: { bytes: 4096, mostBytes: 50_000_000 },
      },
    ],
    ...more,
  };
}
