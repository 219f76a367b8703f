import type { Action, Fact } from '../model/action.ts';
import { EngineError, type PilotSpec } from '../model/engine.ts';
import { unreachable } from '../model/unreachable.ts';
import type { ParentClass } from './parentClass.ts';
import { endThroughCgroup, killThroughCgroup, type PilotTrees } from './pilotCgroup.ts';
import { plainLife } from './pilotEnd.ts';
import { reclaimThroughCgroup } from './pilotReclaim.ts';
import { type ReapTools, reap } from './reap.ts';

/** What performing needs beyond the action: the engine as it is now, and how a pilot of this name is made. */
export interface Tools extends ReapTools {
  /** May throw `EngineError` while there is none: it is asked for only by what needs it. */
  readonly engine: ReapTools['engine'];
  readonly parent: ParentClass;
  /** Where the cgroup of a container of ours is; null where it is out of reach. */
  treesOf(id: string): PilotTrees | null;
  /**
   * How a pilot of this name and kind is made. May reject with `EngineError`: a kind that is gone, a file of its
   * environment that cannot be read.
   */
  specFor(name: string, kind: string): Promise<PilotSpec>;
  /** The CPU limit that a pilot was made with. Throws `EngineError` where nobody knows. */
  cpusOf(name: string): number;
}

/** Carries out one action; resolves to what it brought about, rejects with `EngineError`. */
export async function perform(action: Action, tools: Tools, signal: AbortSignal): Promise<Fact | null> {
  switch (action.do) {
    case 'start': {
      const id = action.prepared ?? (await made(tools, action, signal));
      await tools.parent.lifted(() => tools.engine.start(id, signal));
      return { of: 'start', id };
    }
    case 'prepare':
      return { of: 'prepare', id: await made(tools, action, signal) };
    case 'discard':
      await tools.engine.remove(action.id, signal);
      return null;
    case 'stop':
      if (!(await endedByUs(action, tools, signal)))
        await tools.engine.stop(action.id, action.graceMs, signal);
      return null;
    case 'shrink': {
      const cpus = action.cpus ?? tools.cpusOf(action.name);
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
      return reap(tools, { ...action, life: action.life ?? plainLife, endFirst: null }, signal);
    case 'remove': {
      const life = action.life ?? plainLife;
      return reap(tools, { ...action, outcome: null, life, endFirst: action.why }, signal);
    }
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

async function made(
  tools: Tools,
  { name, kind }: Extract<Action, { do: 'start' | 'prepare' }>,
  signal: AbortSignal,
): Promise<string> {
  return tools.engine.create(await tools.specFor(name, kind), signal);
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
  const trees = byUs === undefined ? null : tools.treesOf(id);
  if (byUs === undefined || trees === null) return false;
  try {
    await endThroughCgroup(trees, id, { graceMs, signal: byUs.signal }, tools.parent, signal);
    return true;
  } catch (error) {
    // It lives elsewhere: its engine knows where.
    if (error instanceof EngineError && error.fault === 'rejected') return false;
    throw error;
  }
}
