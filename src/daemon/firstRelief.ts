import { endThroughCgroup } from '../act/pilotCgroup.ts';
import type { ParentClass } from '../act/parentClass.ts';
import { largestKind } from '../decide/kindPolicy.ts';
import { shortage } from '../decide/memoryRelief.ts';
import type { Memory, Policy, Sample } from '../decide/types.ts';
import { waryOf } from '../decide/wariness.ts';
import type { Log } from '../model/log.ts';
import { foundBelow, type Guest } from './parentContents.ts';
import type { ParentSurroundings } from './parentSetUp.ts';
import type { Tick } from './tick.ts';

/** One that could not be ended is tried again after this. */
const restMs = 5000;

/** What relief before the first listing of an engine takes. */
export interface FirstReliefParts {
  readonly around: ParentSurroundings;
  readonly log: Log;
  readonly parent: () => ParentClass;
  /** Ends one pilot: notice, grace, kill. */
  readonly end?: typeof endThroughCgroup;
}

/** One that was given notice, which the policy does not know of yet. */
interface Untold {
  readonly sinceMs: number;
  readonly hasEnded: boolean;
}

/** Relief before the first listing of an engine. */
export interface FirstRelief {
  /** To be called with each tick. Gives what it began, or null. */
  look(tick: Tick): Promise<unknown> | null;
  /**
   * What was done is remembered as if it had been decided, as soon as an engine tells names: those pilots were evicted
   * for memory's sake, and their slots went with them.
   */
  remember(memory: Memory, sample: Sample, policy: Policy): Memory;
  /** Gives up what is on its way. */
  close(): void;
}

/**
 * Memory relief of a daemon that was started while the engine hangs, wholly or so that it lists nothing: it has no list
 * of its pilots, but what is below its own parent cgroup, whose name is made from its instance, is its own. When memory
 * is short, those that hold most are given notice and ended. From the first listing on it does nothing, as the policy
 * knows more then.
 */
export function createFirstRelief(parts: FirstReliefParts): FirstRelief {
  const end = parts.end ?? endThroughCgroup;
  const closed = new AbortController();
  const going = new Map<string, Guest>();
  const notBeforeMs = new Map<string, number>();
  const untold = new Map<string, Untold>();
  let wasListed = false;

  const begin = async (
    { id, memoryBytes, trees }: Guest,
    { policy, sample }: Tick,
    why: string,
  ): Promise<void> => {
    const megabytes = Math.round(memoryBytes / 1e6);
    parts.log.warn(
      `no engine has told its containers yet, and memory is short: giving notice to container ${id} below our parent cgroup, which holds ${megabytes} MB: ${why}`,
    );
    // Nobody has told of which kind it is: it has the time of the one that has most.
    const { stopGraceMs, stopSignal } = largestKind(policy);
    try {
      untold.set(id, { sinceMs: sample.atMs, hasEnded: false });
      await end(trees, id, { graceMs: stopGraceMs, signal: stopSignal }, parts.parent(), closed.signal);
      if (untold.has(id)) untold.set(id, { sinceMs: sample.atMs, hasEnded: true });
      // Its group stays until the engine takes it away.
      notBeforeMs.set(id, Number.POSITIVE_INFINITY);
      parts.log.warn(`container ${id} has ended`);
    } catch (error) {
      untold.delete(id);
      notBeforeMs.set(id, sample.atMs + stopGraceMs + restMs);
      parts.log.error((error as Error).message);
    } finally {
      going.delete(id);
    }
  };

  const look = (tick: Tick): Promise<unknown> | null => {
    const { policy, seen, sample } = tick;
    wasListed ||= sample.engine.listed;
    if (wasListed || policy.dryRun || sample.terminating) return null;
    const goingBytes = [...going.values()].reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    const short = shortage(policy, seen, goingBytes, []);
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

  const remember = (memory: Memory, { engine }: Sample, policy: Policy): Memory => {
    if (untold.size === 0) return memory;
    const known = new Set(memory.leaving.map((one) => one.pilot));
    const leaving = engine.pilots.flatMap(({ id, name, managed }) => {
      const one = untold.get(id);
      if (one === undefined || !managed || known.has(name)) return [];
      const killed = one.hasEnded ? ({ killed: true } as const) : {};
      return [{ pilot: name, outcome: 'evicted' as const, sinceMs: one.sinceMs, ...killed }];
    });
    const lastMs = Math.max(...[...untold.values()].map(({ sinceMs }) => sinceMs));
    // An event may tell of one before the first listing does; what that does not name is gone without a word.
    if (engine.listed) untold.clear();
    else if (leaving.length === 0) return memory;
    const gone = new Set(leaving.map((one) => one.pilot));
    return {
      ...memory,
      slots: memory.slots.filter((slot) => slot.pilot === null || !gone.has(slot.pilot)),
      leaving: [...memory.leaving, ...leaving],
      lastEvictionMs: Math.max(lastMs, memory.lastEvictionMs ?? lastMs),
      wariness: waryOf(policy, memory.wariness, lastMs),
    };
  };
  return { look, remember, close: () => closed.abort() };
}
