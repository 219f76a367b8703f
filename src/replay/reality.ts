import { isWorkLost, type PilotRecord } from '../model/history.ts';
import type { Outcome } from '../model/pilot.ts';
import type { Rule } from '../model/reason.ts';
import type { TapeFrame } from '../model/tape.ts';
import { Counts, type Harvest, type KindHarvest } from './harvest.ts';

const hourMs = 3_600_000;

/** What really became of the node, as far as it was recorded. `reserveOf`: bytes kept for the owner of a node with so many. */
export function realityOf(
  frames: Iterable<TapeFrame>,
  records: readonly PilotRecord[],
  reserveOf: (memoryBytes: number) => number,
): Harvest {
  const sums = { ms: 0, left: 0, had: 0, running: 0, told: 0, delay: 0 };
  const refused = new Counts<Rule>();
  let [shortBytes, shortWallMs]: [number, number | null] = [0, null];
  let [sinceMs, untilMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const frame of frames) {
    const { spanMs, ownerCpus, pilotsCpus, cpuCount, cpuStall, memoryTotalBytes, memoryAvailableBytes } =
      frame;
    sums.ms += spanMs;
    sums.left += (cpuCount - Math.min(cpuCount, ownerCpus ?? cpuCount)) * spanMs;
    sums.had += (pilotsCpus ?? 0) * spanMs;
    sums.running += frame.running * spanMs;
    if (cpuStall !== null) {
      sums.told += spanMs;
      sums.delay += Math.min(cpuStall, pilotsCpus ?? 1) * spanMs;
    }
    if (frame.refusal !== null) refused.add(frame.refusal, spanMs);
    sinceMs = Math.min(sinceMs, frame.wallMs - spanMs);
    untilMs = Math.max(untilMs, frame.wallMs);
    if (memoryTotalBytes === null || memoryAvailableBytes === null || frame.running + frame.paused === 0)
      continue;
    const missing = reserveOf(memoryTotalBytes) - memoryAvailableBytes;
    if (missing > shortBytes) [shortBytes, shortWallMs] = [missing, frame.wallMs];
  }
  const isIn = (wallMs: number | null): boolean => wallMs !== null && wallMs >= sinceMs && wallMs <= untilMs;
  const ended = records.filter(({ endedAtWallMs }) => isIn(endedAtWallMs));
  return {
    hours: sums.ms / hourMs,
    leftCpuHours: sums.left / hourMs,
    harvestedCpuHours: sums.had / hourMs,
    running: sums.ms === 0 ? 0 : sums.running / sums.ms,
    refusedBy: refused.over(sums.ms),
    ownerDelayShare: sums.told === 0 ? null : sums.delay / sums.told,
    worstShortBytes: shortBytes,
    worstShortWallMs: shortWallMs,
    ...livesIn(
      ended,
      records.filter(({ startedAtWallMs }) => isIn(startedAtWallMs)),
    ),
  };
}

function livesIn(
  ended: readonly PilotRecord[],
  begun: readonly PilotRecord[],
): Pick<Harvest, 'wastedCpuHours' | 'started' | 'ends' | 'evictedBy' | 'outOfMemory' | 'kinds'> {
  const ends = new Counts<Outcome>();
  const evictedBy = new Counts<Rule>();
  let wastedMs = 0;
  const kinds: Record<string, KindHarvest> = {};
  const add = (kind: string | null, started: number, cpuMs: number): void => {
    const before = kinds[kind ?? ''] ?? { started: 0, cpuHours: 0 };
    kinds[kind ?? ''] = { started: before.started + started, cpuHours: before.cpuHours + cpuMs / hourMs };
  };
  for (const { kind } of begun) add(kind, 1, 0);
  for (const { kind, outcome, cpuMs, reason } of ended) {
    add(kind, 0, cpuMs ?? 0);
    ends.add(outcome);
    if (isWorkLost(outcome, reason?.rule ?? null)) wastedMs += cpuMs ?? 0;
    if (outcome === 'evicted' && reason !== null) evictedBy.add(reason.rule);
  }
  return {
    started: begun.length,
    ends: ends.all(),
    evictedBy: evictedBy.all(),
    wastedCpuHours: wastedMs / hourMs,
    outOfMemory: ended.filter(({ outOfMemory }) => outOfMemory).length,
    kinds,
  };
}
