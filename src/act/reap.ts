import type { Fact, LifeFacts } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import { type ContainerDetail, type Engine, EngineError } from '../model/engine.ts';
import type { PilotRecord } from '../model/history.ts';
import type { PilotKeep } from '../model/keep.ts';
import type { Outcome } from '../model/pilot.ts';
import { type OutcomeOfEnd, recordOf, reportOf } from './pilotEnd.ts';

/** What reading, keeping and removing a pilot takes. */
export interface ReapTools {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly keep: PilotKeep;
  readonly outcomeOf: OutcomeOfEnd;
}

/** A pilot that is to be removed, and what is known of its end. */
export interface Ended {
  readonly id: string;
  readonly name: string;
  /** Null: what its end says. */
  readonly outcome: Outcome | null;
  readonly life: LifeFacts;
  /**
   * Why it is ended first, should it live: a removal would leave nothing to read of its end. Somebody wants it gone: its
   * removal waits for no disk. Null: one that lives is left alone.
   */
  readonly endFirst: LifeFacts['why'];
}

/** How long the engine may take over that: then it is removed all the same. */
const endWithinMs = 5000;

/** What the last look at a pilot found. */
interface LastLook {
  /** Null where it is gone. */
  readonly detail: ContainerDetail | null;
  /** It lived until now. */
  readonly endedNow: boolean;
}

/**
 * Reads a pilot's end while it can still be read, keeps its log and its record, and then removes the container. Whenever
 * this is cut short it is done again by the next daemon, and what was recorded is not recorded twice. Somebody else may
 * have been faster. Rejects with `conflict` where what was taken for ended, or for never started, lives, and with `failed`
 * where its record cannot be written: then the container stays, which holds all that the record is made of.
 */
export async function reap(tools: ReapTools, ended: Ended, signal: AbortSignal): Promise<Fact> {
  const { engine, clock, keep } = tools;
  const { id, name, outcome, endFirst } = ended;
  if (endFirst === null) refuseWhere(keep.mustWait(id), ended);
  const { detail, endedNow } = await lastLook(engine, ended, signal);
  const life = endedNow ? { ...ended.life, why: ended.life.why ?? endFirst } : ended.life;
  const known = { name, outcome, life, detail, endedNow };
  const report = reportOf(known, tools.outcomeOf, clock.wallMs());
  const seen = keep.surroundingsOf(id, detail?.imageId ?? null);
  const record = recordOf(id, report, detail, life, seen, clock.wallMs());
  await keepWhatIsLeft(tools, ended, record, signal);
  await engine.remove(id, signal);
  keep.removed();
  return { of: 'end', report: { ...report, record } };
}

async function keepWhatIsLeft(
  { engine, keep }: ReapTools,
  ended: Ended,
  record: PilotRecord,
  signal: AbortSignal,
): Promise<void> {
  const { id, name } = record;
  if (await keep.isRecorded(id)) return;
  if (record.startedAtWallMs !== null) await keep.log(engine, { id, name }, signal);
  // Its log is still there for the next daemon, unless there is a record: then that takes it for kept.
  if (signal.aborted) throw new EngineError('aborted', `cannot remove container ${id}: given up on request`);
  refuseWhere(keep.record(record, ended.endFirst !== null), ended);
}

function refuseWhere(why: string | null, { id }: Ended): void {
  if (why !== null) throw new EngineError('failed', `cannot remove container ${id} yet: ${why}`);
}

/** The pilot as it is now. */
async function lastLook(
  engine: Engine,
  { id, outcome, endFirst }: Ended,
  signal: AbortSignal,
): Promise<LastLook> {
  const detail = await inspected(engine, id, signal);
  if (detail?.state !== 'running' && detail?.state !== 'paused') return { detail, endedNow: false };
  // A removal ends what lives: what was never started has been, and what had ended was started by somebody.
  if (endFirst === null)
    throw new EngineError(
      'conflict',
      `cannot remove container ${id} as ${outcome === 'never-started' ? 'never started' : 'ended'}: it is ${detail.state}`,
    );
  if (!(await endedNow(engine, id, signal))) return { detail, endedNow: true };
  return { detail: await inspected(engine, id, signal), endedNow: true };
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
