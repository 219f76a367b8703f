import type { Action, EndReport, Fact } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import type { ContainerDetail, Engine, PilotSpec } from '../model/engine.ts';
import { EngineError } from '../model/engine.ts';
import type { Outcome } from '../model/pilot.ts';
import { unreachable } from '../model/unreachable.ts';
import type { ParentClass } from './parentClass.ts';

/** What performing needs beyond the action: the engine as it is now, and how a pilot of this name is made. */
export interface Tools {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly parent: ParentClass;
  specFor(name: string): PilotSpec;
}

/** Carries out one action; resolves to what it brought about, rejects with `EngineError`. */
export async function perform(action: Action, tools: Tools, signal: AbortSignal): Promise<Fact | null> {
  const { engine } = tools;
  switch (action.do) {
    case 'start': {
      const id = action.prepared ?? (await engine.create(tools.specFor(action.name), signal));
      await tools.parent.lifted(() => engine.start(id, signal));
      return { of: 'start', id };
    }
    case 'prepare':
      return { of: 'prepare', id: await engine.create(tools.specFor(action.name), signal) };
    case 'discard':
      await engine.remove(action.id, signal);
      return null;
    case 'stop':
      await engine.stop(action.id, action.graceMs, signal);
      return null;
    case 'reap':
      return endOf(tools, action.id, action.name, action.outcome, signal);
    case 'remove':
      return endOf(tools, action.id, action.name, 'evicted', signal);
    case 'pull':
      return { of: 'pull', imageId: await engine.pull(action.reference, signal) };
    case 'remove-image':
      return { of: 'remove-image', gone: await engine.removeImage(action.imageId, action.reference, signal) };
    default:
      return unreachable(action);
  }
}

/** Reads a pilot's end while it can still be read, then removes the container. Somebody else may have been faster. */
async function endOf(
  { engine, clock }: Tools,
  id: string,
  name: string,
  outcome: Outcome | null,
  signal: AbortSignal,
): Promise<Fact> {
  const detail = await engine.inspect(id, signal).catch((error: unknown) => {
    if (error instanceof EngineError && error.fault === 'not-found') return null;
    throw error;
  });
  await engine.remove(id, signal);
  return { of: 'end', report: reportOf(name, outcome, detail, clock.wallMs()) };
}

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

function outcomeOf(detail: ContainerDetail): Outcome {
  if (detail.exitCode === null) return 'lost';
  return detail.exitCode === 0 ? 'finished' : 'failed';
}
