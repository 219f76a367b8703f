import type { Fact, LifeFacts } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import { type ContainerDetail, type Engine, EngineError } from '../model/engine.ts';
import type { PilotRecord } from '../model/history.ts';
import type { PilotKeep } from '../model/keep.ts';
import type { Outcome } from '../model/pilot.ts';
import { recordOf, reportOf } from './pilotEnd.ts';

/** What reading, keeping and removing a pilot takes. */
export interface ReapTools {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly keep: PilotKeep;
}

/** A pilot that is to be removed, and what is known of its end. */
export interface Ended {
  readonly id: string;
  readonly name: string;
  /** Null: what its exit code says. */
  readonly outcome: Outcome | null;
  readonly life: LifeFacts;
  /** It is ended first, should it live: a removal would leave nothing to read of its end. */
  readonly endFirst: boolean;
}

/** How long the engine may take over that: then it is removed all the same. */
const endWithinMs = 5000;

/**
 * Reads a pilot's end while it can still be read, keeps its log and its record, and then removes the container. Whenever
 * this is cut short it is done again by the next daemon, and what was recorded is not recorded twice. Somebody else may
 * have been faster. Rejects with `conflict` where what was taken for never started lives.
 */
export async function reap(tools: ReapTools, ended: Ended, signal: AbortSignal): Promise<Fact> {
  const { engine, clock, keep } = tools;
  const { id, name, life } = ended;
  const detail = await lastLook(engine, ended, signal);
  const report = reportOf(name, ended.outcome, detail, clock.wallMs());
  const around = keep.surroundingsOf(id, detail?.imageId ?? '');
  const record = recordOf(id, report, detail, life, around, clock.wallMs());
  await keepWhatIsLeft(tools, record, signal);
  await engine.remove(id, signal);
  return { of: 'end', report: { ...report, record } };
}

async function keepWhatIsLeft(
  { engine, keep }: ReapTools,
  record: PilotRecord,
  signal: AbortSignal,
): Promise<void> {
  const { id, name } = record;
  const hasRun = record.startedAtWallMs !== null;
  if (await keep.isRecorded(id, hasRun ? record.endedAtWallMs : null)) return;
  if (hasRun) await keep.log(engine, { id, name }, signal);
  // Its log is still there for the next daemon, unless there is a record: then that takes it for kept.
  if (signal.aborted) throw new EngineError('aborted', `cannot remove container ${id}: given up on request`);
  keep.record(record);
}

/** The pilot as it is now; null where it is gone. */
async function lastLook(
  engine: Engine,
  { id, outcome, endFirst }: Ended,
  signal: AbortSignal,
): Promise<ContainerDetail | null> {
  const detail = await inspected(engine, id, signal);
  if (detail?.state !== 'running' && detail?.state !== 'paused') return detail;
  // What lives now was started after all, and a removal ends what lives.
  if (outcome === 'never-started')
    throw new EngineError(
      'conflict',
      `cannot remove container ${id} as never started: it is ${detail.state}`,
    );
  if (!endFirst || !(await endedNow(engine, id, signal))) return detail;
  return inspected(engine, id, signal);
}

async function inspected(engine: Engine, id: string, signal: AbortSignal): Promise<ContainerDetail | null> {
  return engine.inspect(id, signal).catch((error: unknown) => {
    if (error instanceof EngineError && error.fault === 'not-found') return null;
    throw error;
  });
}

/** Ends a pilot without any grace; tells whether it did. What cannot be ended this way may still be removed. */
async function endedNow(engine: Engine, id: string, signal: AbortSignal): Promise<boolean> {
  const abort = new AbortController();
  const giveUp = (): void => abort.abort();
  const timer = setTimeout(giveUp, endWithinMs);
  signal.addEventListener('abort', giveUp);
  try {
    await engine.stop(id, 0, abort.signal);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}
