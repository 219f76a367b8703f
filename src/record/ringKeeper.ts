import type { Outcome } from '../model/pilot.ts';
import { type NodeFacts } from './nodeFacts.ts';
import { type Ring, ringStepSeconds } from './ring.ts';
import type { RingNumber, RingRecord } from './ringRecord.ts';
import { nodeTimers, type Timers } from './timers.ts';

/** What keeps a ring filled. */
export interface RingKeeperParts {
  readonly ring: Ring;
  /** Null before the first tick. */
  readonly facts: () => NodeFacts | null;
  /** Unix milliseconds. */
  readonly wallMs: () => number;
  readonly timers?: Timers;
}

/** Records are written this long after their slot has begun: timers are not exact. */
const lateMs = 1000;

/** Writes a record each 15 seconds, beside the ticks; gives what ends that. */
export function keepRing({ ring, facts, wallMs, timers = nodeTimers }: RingKeeperParts): () => void {
  let before = facts();
  let timer: unknown = null;
  const wait = (): void => {
    const stepMs = ringStepSeconds * 1000;
    const inMs = stepMs - ((wallMs() - lateMs) % stepMs);
    timer = timers.set(() => {
      const now = facts();
      if (now !== null) ring.add(recordOf(before, now));
      before = now;
      wait();
    }, inMs);
  };
  wait();
  return () => timers.clear(timer);
}

const outcomeNames: Readonly<Record<Outcome, RingNumber>> = {
  finished: 'finished',
  failed: 'failed',
  'no-work': 'noWork',
  expired: 'expired',
  evicted: 'evicted',
  'never-started': 'neverStarted',
  lost: 'lost',
};

/** What has happened from one moment to another of the same daemon; levels are those of the latter, where it is alone. */
export function recordOf(before: NodeFacts | null, now: NodeFacts): RingRecord {
  const { node, pressure, integrals, slots, cost } = now;
  const mean = (name: keyof NodeFacts['integrals'], level: number | null): number | null => {
    const knownMs = integrals[name].knownMs - (before?.integrals[name].knownMs ?? 0);
    if (before === null) return level;
    return knownMs > 0 ? (integrals[name].sum - before.integrals[name].sum) / knownMs : null;
  };
  const spanMs = before === null ? 0 : now.atWallMs - before.atWallMs;
  return {
    atSeconds: Math.floor(now.atWallMs / 1000),
    numbers: {
      cpus: node.cpus,
      ownerCpus: mean('ownerCpus', node.ownerCpus),
      pilotsCpus: mean('pilotsCpus', node.pilotsCpus),
      memoryTotalBytes: node.memoryTotalBytes,
      memoryAvailableBytes: node.memoryAvailableBytes,
      ownerMemoryBytes: node.ownerMemoryBytes,
      pilotsMemoryBytes: node.pilotsMemoryBytes,
      waitCpu: mean('cpu', pressure.cpu),
      waitMemory: mean('memory', pressure.memory),
      waitMemoryFull: mean('memoryFull', pressure.memoryFull),
      waitIo: mean('io', pressure.io),
      running: sum(now.kinds, ({ pilots }) => pilots.running),
      paused: sum(now.kinds, ({ pilots }) => pilots.paused),
      limit: slots.limit,
      unmanaged: slots.unmanaged,
      started: startsOf(now, 'started') - startsOf(before, 'started'),
      startsFailed: startsOf(now, 'failed') - startsOf(before, 'failed'),
      ...endsBetween(before, now),
      daemonCpus: before === null || spanMs <= 0 ? null : (cost.cpuMs - before.cost.cpuMs) / spanMs,
      daemonBytes: cost.residentBytes,
    },
    answering: now.engine.answering,
    draining: now.status === 'draining',
    dryRun: now.dryRun,
    refusal: slots.refusal,
  };
}

function startsOf(facts: NodeFacts | null, result: 'started' | 'failed'): number {
  return sum(facts?.starts ?? [], (one) => one[result]);
}

type EndNumbers = Record<
  'finished' | 'failed' | 'noWork' | 'expired' | 'evicted' | 'neverStarted' | 'lost',
  number
>;

function endsBetween(before: NodeFacts | null, now: NodeFacts): EndNumbers {
  const ended = (facts: NodeFacts | null, outcome: string): number =>
    sum(facts?.ends ?? [], (one) => (one.outcome === outcome ? one.count : 0));
  return Object.fromEntries(
    Object.entries(outcomeNames).map(([outcome, name]) => [
      name,
      ended(now, outcome) - ended(before, outcome),
    ]),
  ) as EndNumbers;
}

function sum<T>(all: readonly T[], value: (one: T) => number): number {
  return all.reduce((total, one) => total + value(one), 0);
}
