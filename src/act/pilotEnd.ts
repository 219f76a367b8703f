import { constants } from 'node:os';
import type { EndReport, LifeFacts } from '../model/action.ts';
import type { ContainerDetail } from '../model/engine.ts';
import type { PilotRecord } from '../model/history.ts';
import type { RecordSurroundings } from '../model/keep.ts';
import type { Outcome } from '../model/pilot.ts';

/** What is known of a pilot that nobody decided anything about. */
export const plainLife: LifeFacts = { kind: null, why: null, said: '' };

/** A process that a signal ended exits with this and the signal's number, as shells and engines tell it. */
const signalBase = 128;

/** The report of a pilot from its last inspection; without one it is lost. */
export function reportOf(
  name: string,
  outcome: Outcome | null,
  detail: ContainerDetail | null,
  nowWallMs: number,
): EndReport {
  if (detail === null) {
    return {
      name,
      outcome: 'lost',
      killed: false,
      started: true,
      exitCode: null,
      outOfMemory: false,
      livedMs: 0,
      startError: '',
    };
  }
  const started = detail.startedAtWallMs !== null;
  const endedAtWallMs = detail.endedAtWallMs ?? nowWallMs;
  return {
    name,
    outcome: started ? (outcome ?? outcomeOf(detail)) : 'never-started',
    killed: started && (outcome === 'evicted' || outcome === 'expired'),
    started,
    exitCode: started ? detail.exitCode : null,
    outOfMemory: detail.outOfMemory,
    livedMs: detail.startedAtWallMs === null ? 0 : Math.max(0, endedAtWallMs - detail.startedAtWallMs),
    startError: detail.startError,
  };
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
  surroundings: RecordSurroundings,
  nowWallMs: number,
): PilotRecord {
  const startedAtWallMs = detail?.startedAtWallMs ?? null;
  const endedAtWallMs = (startedAtWallMs === null ? null : detail?.endedAtWallMs) ?? nowWallMs;
  return {
    ...surroundings,
    name: report.name,
    id,
    kind: life.kind,
    imageId: detail?.imageId ?? '',
    startedAtWallMs,
    endedAtWallMs,
    outcome: report.outcome,
    exitCode: report.exitCode,
    signal: signalOf(report.exitCode),
    outOfMemory: report.outOfMemory,
    reason: life.why,
    said: life.said === '' ? report.startError : life.said,
  };
}

function outcomeOf(detail: ContainerDetail): Outcome {
  if (detail.exitCode === null) return 'lost';
  return detail.exitCode === 0 ? 'finished' : 'failed';
}

function signalOf(exitCode: number | null): string | null {
  const number = (exitCode ?? 0) - signalBase;
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? null;
}
