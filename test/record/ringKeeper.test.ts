import { describe, expect, it } from 'vitest';
import type { NodeFacts } from '../../src/record/nodeFacts.ts';
import { keepRing, recordOf } from '../../src/record/ringKeeper.ts';
import type { RingRecord } from '../../src/record/ringRecord.ts';
import { wholeFacts } from '../support/nodeFacts.ts';

const before = wholeFacts();
const later = wholeFacts({
  atWallMs: before.atWallMs + 15_000,
  uptimeMs: before.uptimeMs + 15_000,
  integrals: {
    ...before.integrals,
    ownerCpus: { sum: 5_400_000 + 30_000, knownMs: 3_600_000 + 10_000 },
    io: { sum: 108_000 + 1500, knownMs: 3_600_000 + 15_000 },
  },
  starts: [
    { kind: 'atlas', started: 43, failed: 2 },
    { kind: 'cms', started: 1, failed: 1 },
  ],
  ends: [...before.ends, { kind: 'cms', outcome: 'evicted', reason: 'cpu', count: 2 }],
  cost: { ...before.cost, cpuMs: 5400 + 30 },
});

describe('a record', () => {
  it('has what happened since the one before, and means over the time that could be read', () => {
    const { numbers, ...rest } = recordOf(before, later);
    expect(rest).toEqual({
      atSeconds: 1_800_000_015,
      answering: true,
      draining: false,
      dryRun: false,
      refusal: 'cpu',
    });
    expect(numbers).toEqual({
      cpus: 8,
      ownerCpus: 3,
      pilotsCpus: null,
      memoryTotalBytes: 16e9,
      memoryAvailableBytes: 6e9,
      ownerMemoryBytes: 4e9,
      pilotsMemoryBytes: 5e9,
      waitCpu: null,
      waitMemory: null,
      waitMemoryFull: null,
      waitIo: 0.1,
      running: 3,
      paused: 1,
      limit: 6,
      unmanaged: 1,
      started: 4,
      startsFailed: 1,
      finished: 0,
      failed: 0,
      noWork: 0,
      expired: 0,
      evicted: 2,
      neverStarted: 0,
      lost: 0,
      daemonCpus: 0.002,
      daemonBytes: 50e6,
    });
  });

  it('without one before has levels, and all that has happened', () => {
    const { numbers } = recordOf(null, before);
    expect(numbers).toMatchObject({
      ownerCpus: 1.5,
      waitIo: 0.03,
      started: 40,
      finished: 30,
      daemonCpus: null,
    });
  });
});

describe('records', () => {
  it('are made once in each slot, a moment after it has begun, and not before there is anything to tell', () => {
    let wallMs = 1_800_000_004_000;
    let facts: NodeFacts | null = null;
    const kept: RingRecord[] = [];
    const delays: number[] = [];
    let due: (() => void) | null = null;
    const stop = keepRing({
      ring: { add: (record) => void kept.push(record), read: () => Promise.reject(new Error('not asked')) },
      facts: () => facts,
      wallMs: () => wallMs,
      timers: {
        set(callback, delayMs) {
          delays.push(delayMs);
          due = callback;
          return callback;
        },
        clear() {
          due = null;
        },
      },
    });
    const pass = (ms: number): void => {
      wallMs += ms;
      due?.();
    };
    expect(delays).toEqual([12_000]);
    pass(12_000);
    facts = before;
    pass(15_000);
    facts = later;
    pass(15_300);
    expect(kept.map(({ numbers }) => numbers.started)).toEqual([40, 4]);
    expect(delays).toEqual([12_000, 15_000, 15_000, 14_700]);
    stop();
    expect(due).toBeNull();
  });
});
