import type { Point } from '../model/point.ts';
import type { PilotRecord } from '../model/history.ts';
import type { Outcome } from '../model/pilot.ts';
import type { Rule } from '../model/reason.ts';
import {
  type EngineCalls,
  type Integral,
  type KindFacts,
  type NodeFacts,
  type Timings,
  timingBoundsMs,
} from './nodeFacts.ts';
import { shortHostname } from './series.ts';

/*
 * The series beside those of the original; `docs/metrics.md` has them as tables, made of `seriesGuide.ts`. What happened
 * is told for the time since the last report, so that sums over nodes and over time are sums of fields. Their tags have
 * few values: no name of a pilot, no id, no digest.
 */

type Fields = Record<string, number | string | null>;

/** All that is told of a node in each `main_sleep`. `before` are the facts of the last report; null at the first. */
export function nodePoints(before: NodeFacts | null, now: NodeFacts): Point[] {
  const at = { hostname: shortHostname(now.hostname), atWallMs: now.atWallMs };
  return [
    pointOf('node', at, {}, nodeFields(before, now)),
    ...now.kinds.map((kind) => pointOf('pilots', at, { kind: kind.kind }, kindFields(kind))),
    ...now.engineCalls.flatMap((calls) => {
      const earlier = before?.engineCalls.find(({ verb }) => verb === calls.verb) ?? null;
      const fields = callFields(earlier, calls);
      return fields === null ? [] : [pointOf('engine', at, { verb: calls.verb }, fields)];
    }),
    ...refillPoints(before, now, at),
    pointOf('cost', at, { version: now.version }, costFields(before, now)),
  ];
}

/** One start of a pilot, as soon as it is over. */
export function startPoint(start: {
  readonly hostname: string;
  readonly kind: string;
  readonly started: boolean;
  readonly tookMs: number;
  readonly atWallMs: number;
}): Point {
  const tags = { kind: start.kind, result: start.started ? 'started' : 'failed' };
  const at = { hostname: shortHostname(start.hostname), atWallMs: start.atWallMs };
  return pointOf('start', at, tags, { took_seconds: start.tookMs / 1000 });
}

/** One end of a pilot, as soon as it is known. */
export function endPoint(end: {
  readonly hostname: string;
  readonly kind: string;
  readonly outcome: Outcome;
  /** The rule by which it was ended; null for one that ended by itself. */
  readonly reason: Rule | null;
  readonly livedMs: number;
  readonly record: Pick<PilotRecord, 'cpuMs' | 'peakMemoryBytes' | 'pausedMs'>;
  readonly atWallMs: number;
}): Point {
  const { kind, outcome, record } = end;
  const at = { hostname: shortHostname(end.hostname), atWallMs: end.atWallMs };
  return pointOf(
    'end',
    at,
    { kind, outcome, reason: end.reason ?? 'none' },
    {
      lived_seconds: end.livedMs / 1000,
      cpu_seconds: record.cpuMs === null ? null : record.cpuMs / 1000,
      peak_memory_bytes: record.peakMemoryBytes,
      paused_seconds: record.pausedMs / 1000,
    },
  );
}

function nodeFields(before: NodeFacts | null, now: NodeFacts): Fields {
  const { node, slots } = now;
  const mean = (name: keyof NodeFacts['integrals']): number | null =>
    meanOf(before?.integrals[name] ?? null, now.integrals[name]);
  const used = (name: 'ownerCpus' | 'pilotsCpus'): number | null =>
    secondsUsed(before?.integrals[name] ?? null, now.integrals[name]);
  return {
    cpus: node.cpus,
    owner_cpus: mean('ownerCpus'),
    pilots_cpus: mean('pilotsCpus'),
    owner_cpu_seconds: used('ownerCpus'),
    pilots_cpu_seconds: used('pilotsCpus'),
    memory_total_bytes: node.memoryTotalBytes,
    memory_available_bytes: node.memoryAvailableBytes,
    owner_memory_bytes: node.ownerMemoryBytes,
    pilots_memory_bytes: node.pilotsMemoryBytes,
    swap_total_bytes: node.swapTotalBytes,
    swap_free_bytes: node.swapFreeBytes,
    disk_total_bytes: node.diskTotalBytes,
    disk_free_bytes: node.diskFreeBytes,
    cpu_pressure: mean('cpu'),
    memory_pressure: mean('memory'),
    memory_full_pressure: mean('memoryFull'),
    io_pressure: mean('io'),
    pilot_limit: slots.limit,
    slots_taken: slots.taken,
    unmanaged: slots.unmanaged,
    refusal: slots.refusal ?? '',
    pace_seconds: now.paceMs / 1000,
    version: now.version,
  };
}

function kindFields({ pilots, fruitless, backOffMs }: KindFacts): Fields {
  return { ...pilots, fruitless, back_off_seconds: backOffMs / 1000 };
}

/** Null where there was no call. */
function callFields(before: EngineCalls | null, { failed, timings }: EngineCalls): Fields | null {
  const calls = timings.count - (before?.timings.count ?? 0);
  if (calls <= 0) return null;
  return {
    calls,
    failed: failed - (before?.failed ?? 0),
    slow: slowOf(timings) - (before === null ? 0 : slowOf(before.timings)),
    mean_seconds: (timings.sumMs - (before?.timings.sumMs ?? 0)) / calls / 1000,
  };
}

/** How many took longer than a second. */
function slowOf({ count, atMost }: Timings): number {
  return count - (atMost[timingBoundsMs.indexOf(1000)] ?? 0);
}

function refillPoints(
  before: NodeFacts | null,
  now: NodeFacts,
  at: { readonly hostname: string; readonly atWallMs: number },
): Point[] {
  const earlier = before?.refillGaps ?? { count: 0, sumMs: 0, atMost: [] };
  const refills = now.refillGaps.count - earlier.count;
  if (refills <= 0) return [];
  const fields = {
    refills,
    slow: slowOf(now.refillGaps) - (before === null ? 0 : slowOf(earlier)),
    mean_gap_seconds: (now.refillGaps.sumMs - earlier.sumMs) / refills / 1000,
  };
  return [pointOf('refill', at, {}, fields)];
}

function costFields(before: NodeFacts | null, { cost, uptimeMs, sinks }: NodeFacts): Fields {
  const spanMs = uptimeMs - (before?.uptimeMs ?? 0);
  const ticks = cost.ticks.count - (before?.cost.ticks.count ?? 0);
  const sum = (of: (sink: NodeFacts['sinks'][number]) => number): number =>
    sinks.reduce((all, sink) => all + of(sink), 0);
  return {
    cpus: spanMs > 0 ? (cost.cpuMs - (before?.cost.cpuMs ?? 0)) / spanMs : null,
    resident_bytes: cost.residentBytes,
    tick_seconds: ticks > 0 ? (cost.ticks.sumMs - (before?.cost.ticks.sumMs ?? 0)) / ticks / 1000 : null,
    waiting_points: sum(({ waitingPoints }) => waitingPoints),
    dropped_points: sum(({ droppedPoints }) => droppedPoints),
    spool_bytes: sum(({ spool }) => spool?.bytes ?? 0),
  };
}

/** The mean since the last report; null where it could not be read for a moment. */
function meanOf(before: Integral | null, now: Integral): number | null {
  const knownMs = now.knownMs - (before?.knownMs ?? 0);
  return knownMs > 0 ? (now.sum - (before?.sum ?? 0)) / knownMs : null;
}

/** CPU-seconds since the last report; null where it could not be read in that time. */
function secondsUsed(before: Integral | null, now: Integral): number | null {
  return now.knownMs > (before?.knownMs ?? 0) ? (now.sum - (before?.sum ?? 0)) / 1000 : null;
}

/** A point of those fields that are known. */
function pointOf(
  measurement: string,
  { hostname, atWallMs }: { readonly hostname: string; readonly atWallMs: number },
  tags: Readonly<Record<string, string>>,
  fields: Fields,
): Point {
  const known = Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
  return { measurement, tags: { hostname, ...tags }, fields: known, atWallMs };
}
