import type { Point } from '../model/point.ts';
import type { Reading } from '../model/reading.ts';
import type { DaemonStatus } from './nodeFacts.ts';

/** The name of this node in every series: up to its first dot. */
export function shortHostname(hostname: string): string {
  return hostname.split('.')[0] || hostname;
}

/** The `daemon` series: how long it runs (seconds), how many pilots it has, and what it does. */
export function daemonPoint(daemon: {
  readonly hostname: string;
  readonly uptimeMs: number;
  readonly containers: number;
  readonly status: DaemonStatus;
  readonly atWallMs: number;
}): Point {
  return {
    measurement: 'daemon',
    tags: { hostname: shortHostname(daemon.hostname) },
    fields: { uptime: daemon.uptimeMs / 1000, containers: daemon.containers, status: daemon.status },
    atWallMs: daemon.atWallMs,
  };
}

/**
 * The `measurement` series: per cent of the whole node's CPU time in use, 0 to 100.
 * Null while that is unknown: a gap in a graph is true, a zero is not.
 */
export function nodePoint(node: {
  readonly hostname: string;
  readonly cpuPercent: Reading<number>;
  readonly atWallMs: number;
}): Point | null {
  if (!node.cpuPercent.known) return null;
  return {
    measurement: 'measurement',
    tags: { hostname: shortHostname(node.hostname) },
    fields: { cpu_eff: node.cpuPercent.value },
    atWallMs: node.atWallMs,
  };
}

/**
 * The `account` series, which the original had not: what pilots have had, what of it was lost with evicted ones, and how
 * long the owner waited for CPUs of theirs (left out where the kernel does not tell), in seconds. Sums that grow until
 * the node is switched off: a database takes their differences. Null before anything of it was read.
 */
export function accountPoint(account: {
  readonly hostname: string;
  readonly sinceMs: number | null;
  readonly harvestedMs: number;
  readonly wastedMs: number;
  readonly ownerDelayMs: number | null;
  readonly atWallMs: number;
}): Point | null {
  const { sinceMs, harvestedMs, wastedMs, ownerDelayMs } = account;
  if (sinceMs === null) return null;
  return {
    measurement: 'account',
    tags: { hostname: shortHostname(account.hostname) },
    fields: {
      harvested_seconds: harvestedMs / 1000,
      wasted_seconds: wastedMs / 1000,
      ...(ownerDelayMs === null ? {} : { owner_delay_seconds: ownerDelayMs / 1000 }),
    },
    atWallMs: account.atWallMs,
  };
}

/** The `container` series: one point as each pilot ends, with the seconds it ran; 0 for one that never started. */
export function containerPoint(pilot: {
  readonly hostname: string;
  readonly started: boolean;
  readonly killed: boolean;
  readonly livedMs: number;
  readonly atWallMs: number;
}): Point {
  return {
    measurement: 'container',
    tags: {
      hostname: shortHostname(pilot.hostname),
      started: pilot.started ? 'True' : 'False',
      killed: pilot.killed ? 'True' : 'False',
    },
    fields: { uptime: pilot.started ? pilot.livedMs / 1000 : 0 },
    atWallMs: pilot.atWallMs,
  };
}
