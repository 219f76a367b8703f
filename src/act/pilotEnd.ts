import { constants } from 'node:os';
import type { EndReport, LifeFacts } from '../model/action.ts';
import type { ContainerDetail } from '../model/engine.ts';
import type { PilotRecord } from '../model/history.ts';
import type { RecordSurroundings } from '../model/keep.ts';
import type { Outcome, PilotEnd } from '../model/pilot.ts';

/** What is known of a pilot that nobody decided anything about. */
export const plainLife: LifeFacts = { kind: null, why: null, said: '' };

/** Why a pilot is lost that was gone before anybody could read its end. */
export const removedByOthers = { rule: 'removed', text: 'somebody else removed it' } as const;

/** All that is known of how a pilot ended. */
export interface EndKnown {
  readonly name: string;
  /** As events and listings had it; null: what its end says. */
  readonly outcome: Outcome | null;
  readonly life: LifeFacts;
  /** Its last inspection; null where it was gone. */
  readonly detail: ContainerDetail | null;
  /** It lived until we removed it. */
  readonly endedNow: boolean;
}

/** How the life of a pilot went that ended so by itself, by what its kind says of ends and what it said itself. */
export type OutcomeOfEnd = (
  pilot: { readonly name: string; readonly kind: string | null },
  end: PilotEnd,
) => Outcome;

/** A process that a signal ended exits with this and the signal's number, as shells and engines tell it. */
const signalBase = 128;

/** What is told of a pilot's end. `nowWallMs` stands for an end that nobody stamped. */
export function reportOf(known: EndKnown, outcomeOf: OutcomeOfEnd, nowWallMs: number): EndReport {
  const { name, detail } = known;
  const started = hasRun(known);
  const end = started ? endOf(known, nowWallMs) : null;
  const outcome = end === null ? 'never-started' : ranOutcome(known, end, outcomeOf);
  return {
    name,
    outcome,
    killed: outcome === 'evicted' || outcome === 'expired',
    started,
    exitCode: end?.exitCode ?? null,
    outOfMemory: detail?.outOfMemory ?? false,
    livedMs: end?.livedMs ?? 0,
    startError: detail?.startError ?? '',
  };
}

/** What the engine says now comes first; an engine that was killed may have forgotten what it told before. */
function hasRun({ outcome, life, detail }: EndKnown): boolean {
  if (detail !== null && detail.startedAtWallMs !== null) return true;
  if (life.ran === true || (life.end ?? null) !== null) return true;
  return detail === null && outcome !== 'never-started';
}

/** Its end by the last inspection, and as far as that does not tell, by what was told before. */
function endOf({ life, detail }: EndKnown, nowWallMs: number): PilotEnd {
  const told = life.end ?? null;
  const startedAtWallMs = detail?.startedAtWallMs ?? null;
  const inspectedMs =
    startedAtWallMs === null ? null : Math.max(0, (detail?.endedAtWallMs ?? nowWallMs) - startedAtWallMs);
  return {
    exitCode: detail?.exitCode ?? told?.exitCode ?? null,
    livedMs: inspectedMs ?? told?.livedMs ?? 0,
    said: told?.said ?? null,
    ...(told?.engineRestart === true ? { engineRestart: true } : {}),
  };
}

/**
 * What the outcome is of one that ran. That it was asked to end goes before everything, then an outcome that was decided
 * on what it said and how it ended. One that was taken for lost, or for never started, because its end was not seen is
 * judged by the end that is read now.
 */
function ranOutcome(known: EndKnown, end: PilotEnd, outcomeOf: OutcomeOfEnd): Outcome {
  const { name, outcome, life, detail, endedNow } = known;
  if (life.asked !== undefined) return life.asked;
  if (endedNow) return 'evicted';
  if (outcome === 'evicted' || outcome === 'expired') return outcome;
  if (end.engineRestart === true) return 'lost';
  const isSeen = detail !== null || (life.end ?? null) !== null;
  const isDecided = outcome !== null && outcome !== 'lost' && outcome !== 'never-started';
  if (isSeen && isDecided) return outcome;
  return end.exitCode === null ? 'lost' : outcomeOf({ name, kind: life.kind }, end);
}

/**
 * What is kept of a pilot for good, from the report of its end. `detail` is its last inspection, null where somebody else
 * was faster; `nowWallMs` stands for an end that nobody stamped.
 */
export function recordOf(
  id: string,
  report: EndReport,
  detail: ContainerDetail | null,
  life: LifeFacts,
  seen: RecordSurroundings,
  nowWallMs: number,
): PilotRecord {
  const startedAtWallMs = report.started ? (detail?.startedAtWallMs ?? seen.startedAtWallMs) : null;
  const toldEndMs =
    startedAtWallMs === null || (life.end ?? null) === null ? null : startedAtWallMs + report.livedMs;
  const endedAtWallMs = (startedAtWallMs === null ? null : (detail?.endedAtWallMs ?? toldEndMs)) ?? nowWallMs;
  return {
    ...seen,
    name: report.name,
    id,
    kind: life.kind,
    imageId: detail?.imageId ?? seen.imageId,
    startedAtWallMs,
    endedAtWallMs,
    outcome: report.outcome,
    exitCode: report.exitCode,
    signal: signalOf(report.exitCode),
    outOfMemory: report.outOfMemory,
    reason: life.why ?? (report.outcome === 'lost' && detail === null ? removedByOthers : null),
    said: life.said === '' ? report.startError : life.said,
  };
}

function signalOf(exitCode: number | null): string | null {
  const number = (exitCode ?? 0) - signalBase;
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? null;
}
