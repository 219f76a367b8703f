import { known } from '../../src/model/reading.ts';
import type { Point } from '../../src/model/point.ts';
import type { NodeFacts } from '../../src/record/nodeFacts.ts';
import { endPoint, nodePoints, startPoint } from '../../src/record/nodeSeries.ts';
import { accountPoint, daemonPoint, nodePoint } from '../../src/record/series.ts';
import { timings, wholeFacts } from './nodeFacts.ts';

/** A node that exists on paper alone: what it tells follows from its number and the time. */
export interface PaperNode {
  readonly index: number;
  readonly hostname: string;
  readonly startedWallMs: number;
}

/** So long do its pilots live. */
const pilotLifeMs = 600_000;
const kinds = ['atlas', 'cms'] as const;

/** A number from 0 up to 1 that looks as if by chance, the same for the same arguments. */
function chance(index: number, step: number): number {
  let mixed = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(step + 7, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}

/** All that it knows of itself at a moment. */
export function paperFacts(
  { index, hostname, startedWallMs }: PaperNode,
  atWallMs: number,
  more: Partial<NodeFacts> = {},
): NodeFacts {
  const uptimeMs = Math.max(0, atWallMs - startedWallMs);
  const cpus = [4, 8, 16, 32][index % 4] ?? 4;
  const step = Math.floor(uptimeMs / 1000);
  const noise = chance(index, step);
  // The owner works by day: a sine whose integral is known, and a little noise.
  const day = (2 * Math.PI) / 86_400_000;
  const angle = atWallMs * day + index;
  const ownerCpus = cpus * (0.3 + 0.2 * Math.sin(angle)) + noise * 0.3;
  const pilotsCpus = cpus - ownerCpus - 0.1;
  const worked = cpus * (0.3 * uptimeMs - (0.2 / day) * (Math.cos(angle) - Math.cos(angle - uptimeMs * day)));
  const ownerSum = worked + 1000 * noise;
  const limit = cpus - 2;
  const running = Math.max(0, Math.min(limit, Math.floor(pilotsCpus)));
  const base = wholeFacts();
  const ended = Math.floor((uptimeMs * limit) / pilotLifeMs);
  return wholeFacts({
    atWallMs,
    hostname,
    uptimeMs,
    node: {
      ...base.node,
      cpus,
      ownerCpus,
      pilotsCpus,
      memoryAvailableBytes: 4e9 + Math.floor(noise * 2e9),
      ownerMemoryBytes: 3e9 + Math.floor(chance(index, step + 1) * 2e9),
      pilotsMemoryBytes: running * 4e8 + Math.floor(chance(index, step + 2) * 1e8),
      diskFreeBytes: 4e11 - step * 4096,
    },
    integrals: {
      cpu: { sum: uptimeMs * 0.01 + noise * 40, knownMs: uptimeMs },
      memory: { sum: uptimeMs * 0.001, knownMs: uptimeMs },
      memoryFull: { sum: 0, knownMs: uptimeMs },
      io: { sum: uptimeMs * 0.02 + noise * 90, knownMs: uptimeMs },
      ownerCpus: { sum: ownerSum, knownMs: uptimeMs },
      pilotsCpus: { sum: (cpus - 0.1) * uptimeMs - ownerSum, knownMs: uptimeMs },
    },
    slots: { limit, taken: running, unmanaged: 0, refusal: running < limit ? 'cpu' : 'limit' },
    kinds: kinds.map((kind, place) => ({
      kind,
      pilots: {
        running: place === 0 ? Math.ceil(running / 2) : Math.floor(running / 2),
        paused: 0,
        ended: 0,
        prepared: 0,
        starting: 0,
      },
      fruitless: 0,
      backOffMs: 0,
    })),
    refillGaps: timings(ended, 320),
    engineCalls: [
      { verb: 'list', failed: 0, timings: timings(Math.floor(uptimeMs / 30_000), 4) },
      ...(['inspect', 'create', 'start', 'remove'] as const).map((verb) => ({
        verb,
        failed: 0,
        timings: timings(ended, 100),
      })),
    ],
    account: { harvestedMs: (cpus - 0.1) * uptimeMs - ownerSum, wastedMs: 0, ownerDelayMs: uptimeMs / 1000 },
    cost: {
      cpuMs: uptimeMs * 0.0015,
      residentBytes: 48_000_000 + 4096 * Math.floor(noise * 200),
      ticks: timings(step, 0.7),
    },
    ...more,
  });
}

/** The points of one report, as a daemon sends them. `before` is null for its first. */
export function paperReport(before: NodeFacts | null, now: NodeFacts): Point[] {
  const { hostname, atWallMs, uptimeMs, status, slots, account, node } = now;
  const used = (node.ownerCpus ?? 0) + (node.pilotsCpus ?? 0);
  const containers = slots.taken + slots.unmanaged;
  return [
    daemonPoint({ hostname, uptimeMs, containers, status, atWallMs }),
    nodePoint({ hostname, cpuPercent: known((100 * used) / node.cpus), atWallMs }),
    account === null ? null : accountPoint({ hostname, sinceMs: 0, ...account, atWallMs }),
    ...nodePoints(before, now),
  ].filter((point): point is Point => point !== null);
}

/** The points of what happened between two reports: pilots that ended, and those that took their place. */
export function paperTurnover(before: NodeFacts, now: NodeFacts): Point[] {
  const { hostname, atWallMs } = now;
  const turns = now.refillGaps.count - before.refillGaps.count;
  return Array.from({ length: turns }, (_, turn) => {
    const kind = kinds[turn % 2] ?? 'atlas';
    const record = { cpuMs: pilotLifeMs * 0.93, peakMemoryBytes: 4e8 + turn, pausedMs: 0 };
    const end = { hostname, kind, outcome: 'finished', reason: null, livedMs: pilotLifeMs, record } as const;
    return [
      endPoint({ ...end, atWallMs }),
      startPoint({ hostname, kind, started: true, tookMs: 260, atWallMs }),
    ];
  }).flat();
}
