import type { Action, EndReport, Fact } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import type { ContainerDetail, Engine, PilotSpec } from '../model/engine.ts';
import { EngineError } from '../model/engine.ts';
import type { Outcome } from '../model/pilot.ts';
import { unreachable } from '../model/unreachable.ts';
import type { ParentClass } from './parentClass.ts';
import { endThroughCgroup, killThroughCgroup, type PilotTrees } from './pilotCgroup.ts';
import { reclaimThroughCgroup } from './pilotReclaim.ts';

/** What performing needs beyond the action: the engine as it is now, and how a pilot of this name is made. */
export interface Tools {
  /** May throw `EngineError` while there is none: it is asked for only by what needs it. */
  readonly engine: Engine;
  readonly clock: Clock;
  readonly parent: ParentClass;
  /** Where the cgroup of a container of ours is; null where it is out of reach. */
  treesOf(id: string): PilotTrees | null;
  specFor(name: string): PilotSpec;
}

/** Carries out one action; resolves to what it brought about, rejects with `EngineError`. */
export async function perform(action: Action, tools: Tools, signal: AbortSignal): Promise<Fact | null> {
  switch (action.do) {
    case 'start': {
      const id = action.prepared ?? (await tools.engine.create(tools.specFor(action.name), signal));
      await tools.parent.lifted(() => tools.engine.start(id, signal));
      return { of: 'start', id };
    }
    case 'prepare':
      return { of: 'prepare', id: await tools.engine.create(tools.specFor(action.name), signal) };
    case 'discard':
      await tools.engine.remove(action.id, signal);
      return null;
    case 'stop':
      if (!(await endedByUs(action, tools, signal)))
        await tools.engine.stop(action.id, action.graceMs, signal);
      return null;
    case 'shrink': {
      const cpus = action.cpus ?? tools.specFor(action.name).kind.cpus;
      await tools.engine.throttle(action.id, cpus, signal);
      return null;
    }
    case 'pause':
      await tools.engine.pause(action.id, signal);
      return null;
    case 'thaw':
      await tools.engine.unpause(action.id, signal);
      return null;
    case 'reclaim':
      await reclaimThroughCgroup(treesOf(tools, action), action.id, action.bytes, signal);
      return null;
    case 'kill':
      await killThroughCgroup(treesOf(tools, action), action.id, tools.parent, signal);
      return null;
    case 'reap':
      return endOf(tools, action.id, action.name, action.outcome, signal);
    case 'remove':
      return endOf(tools, action.id, action.name, 'evicted', signal);
    case 'pull':
      return { of: 'pull', imageId: await tools.engine.pull(action.reference, signal) };
    case 'remove-image':
      return {
        of: 'remove-image',
        gone: await tools.engine.removeImage(action.imageId, action.reference, signal),
      };
    default:
      return unreachable(action);
  }
}

/** The cgroup of the pilot that an action is about; the engine has no part in it, for it may not answer. */
function treesOf(tools: Tools, action: { readonly do: string; readonly id: string }): PilotTrees {
  const trees = tools.treesOf(action.id);
  if (trees !== null) return trees;
  throw new EngineError(
    'rejected',
    `cannot ${action.do} container ${action.id}: its cgroup is out of reach from here`,
  );
}

/** Ends a pilot with no engine in the path, where that is asked for and its cgroup can be reached; tells whether it did. */
async function endedByUs(
  { id, graceMs, byUs }: Extract<Action, { do: 'stop' }>,
  tools: Tools,
  signal: AbortSignal,
): Promise<boolean> {
  const trees = byUs === true ? tools.treesOf(id) : null;
  if (trees === null) return false;
  try {
    await endThroughCgroup(trees, id, graceMs, tools.parent, signal);
    return true;
  } catch (error) {
    // It lives elsewhere: its engine knows where.
    if (error instanceof EngineError && error.fault === 'rejected') return false;
    throw error;
  }
}

/**
 * Reads a pilot's end while it can still be read, then removes the container. Somebody else may have been faster.
 * Rejects with `conflict` where what was taken for never started lives.
 */
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
  // What lives now was started after all, and a removal ends what lives.
  if (outcome === 'never-started' && (detail?.state === 'running' || detail?.state === 'paused'))
    throw new EngineError(
      'conflict',
      `cannot remove container ${id} as never started: it is ${detail.state}`,
    );
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
