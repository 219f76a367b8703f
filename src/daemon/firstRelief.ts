import { endThroughCgroup } from '../act/pilotCgroup.ts';
import type { ParentClass } from '../act/parentClass.ts';
import { shortage } from '../decide/memoryRelief.ts';
import type { Log } from '../model/log.ts';
import { foundBelow, type Guest } from './parentContents.ts';
import type { ParentSurroundings } from './parentSetUp.ts';
import type { Tick } from './tick.ts';

/** One that could not be ended is tried again after this. */
const restMs = 5000;

/** What relief before the first answer of an engine takes. */
export interface FirstReliefParts {
  readonly around: ParentSurroundings;
  readonly log: Log;
  readonly parent: () => ParentClass;
  /** Ends one pilot: notice, grace, kill. */
  readonly end?: typeof endThroughCgroup;
}

/** Relief before the first answer of an engine. */
export interface FirstRelief {
  /** To be called with each tick. Gives what it began, or null. */
  look(tick: Tick): Promise<unknown> | null;
  /** Gives up what is on its way. */
  close(): void;
}

/**
 * Memory relief of a daemon that was started while the engine hangs: it has no list of its pilots, but what is below its
 * own parent cgroup, whose name is made from its instance, is its own. When memory is short, those that hold most are
 * given notice and ended. From the first answer of an engine on it does nothing, as the policy knows more then.
 */
export function createFirstRelief(parts: FirstReliefParts): FirstRelief {
  const end = parts.end ?? endThroughCgroup;
  const closed = new AbortController();
  const going = new Map<string, Guest>();
  const notBeforeMs = new Map<string, number>();

  const begin = async (
    { id, memoryBytes, trees }: Guest,
    { policy, sample }: Tick,
    why: string,
  ): Promise<void> => {
    const megabytes = Math.round(memoryBytes / 1e6);
    parts.log.warn(
      `no engine has answered yet, and memory is short: giving notice to container ${id} below our parent cgroup, which holds ${megabytes} MB: ${why}`,
    );
    try {
      await end(trees, id, policy.stopGraceMs, parts.parent(), closed.signal);
      parts.log.warn(`container ${id} has ended`);
    } catch (error) {
      notBeforeMs.set(id, sample.atMs + policy.stopGraceMs + restMs);
      parts.log.error((error as Error).message);
    } finally {
      going.delete(id);
    }
  };

  const look = (tick: Tick): Promise<unknown> | null => {
    const { policy, seen, sample } = tick;
    if (sample.engine.info !== null || policy.dryRun || sample.terminating) return null;
    const goingBytes = [...going.values()].reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    const short = shortage(policy, seen, goingBytes);
    if (short === null) return null;
    let missingBytes = short.missingBytes;
    const begun: Promise<void>[] = [];
    for (const guest of foundBelow(parts.around).toSorted((a, b) => b.memoryBytes - a.memoryBytes)) {
      if (missingBytes <= 0) break;
      if (going.has(guest.id) || sample.atMs < (notBeforeMs.get(guest.id) ?? 0)) continue;
      going.set(guest.id, guest);
      missingBytes -= guest.memoryBytes;
      begun.push(begin(guest, tick, short.why.text));
    }
    return begun.length === 0 ? null : Promise.all(begun);
  };
  return { look, close: () => closed.abort() };
}
