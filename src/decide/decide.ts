import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import { censusOf } from './census.ts';
import { fill } from './fill.ts';
import { imageActions } from './image.ts';
import { onlyTold } from './dryRun.ts';
import { followKinds } from './followKinds.ts';
import { lifeFactsOf } from './outcome.ts';
import { reaping } from './reap.ts';
import { giveBack, mustWait } from './release.ts';
import { relieve, stillThere, yieldTo } from './yield.ts';
import { discards, followSpares } from './spare.ts';
import { followSlots } from './slots.ts';
import {
  type ControlClear,
  type Decision,
  emptyMemory,
  type Memory,
  type Policy,
  type Seen,
} from './types.ts';
import { takeNote } from './watch.ts';

/**
 * The whole policy: what to do now, from what is seen and what is remembered. Pure and total: the same arguments give
 * the same decision, and nothing here can fail. `previousMs` is the time of the tick before.
 *
 * It does not flap. However the owner comes and goes, a pilot is evicted for his CPUs only after `grace_kill`, after a pause
 * only after `max_pause`, and nothing starts for `grace_spawn` after either; for his memory, and for signs where nothing can
 * be paused, the wait doubles from bout to bout (`wariness.ts`); what was paused or shrunk is given back after a patience
 * that doubles (`senses.ts`), or for a time that doubles where it was of no use (`deafness.ts`). So in an hour there are at
 * most `2 · limit · (1 + 3600 s / (grace_kill + grace_spawn))` starts and evictions on his CPUs' account (defaults: 42 for
 * each pilot), `2 · limit · (1 + 3600 s / (max_pause + grace_spawn))` on that of pauses (13), and `2 · limit · (1 + bouts)`
 * on his memory's and on signs', with at most 7 bouts each at the default `grace_spawn`. His clock (`schedule`) ends and
 * starts pilots once for each of its windows.
 */
export function decide(policy: Policy, seen: Seen, memory: Memory, previousMs: number): Decision {
  const { sample } = seen;
  const { managed, running, unmanaged } = censusOf(sample.engine.pilots);
  const counts = { running, unmanaged };
  if (sample.control.forceStop) return { ...counts, ...forceStop(seen, memory, managed) };
  const nothing = { actions: [], withheld: [], memory, refusals: [], clear: [], exit: null };
  if (sample.terminating) return { ...counts, ...nothing, ...atTheEnd(policy, seen, memory) };
  if (sample.leavesEngine) return { ...counts, ...nothing, ...beforeAnotherEngine(policy, seen, memory) };
  if (isDrained(seen, managed))
    return { ...counts, ...nothing, memory: withoutPilots(memory), clear: ['stop'], exit: 'drained' };

  const complete = sample.engine.listed && sample.engine.state === 'answering';
  const noted = takeNote(policy, memory, seen, sample.atMs - previousMs);
  const slots = complete ? followSlots(policy, noted, sample) : noted.slots;
  const followed = complete
    ? {
        ...noted,
        slots,
        kinds: followKinds(policy, noted, slots, sample),
        leaving: stillThere(noted, managed),
        spares: followSpares(noted.spares, sample),
      }
    : noted;
  const relieved = relieve(policy, seen, followed, managed, previousMs);
  const yielded = yieldTo(policy, seen, relieved.memory, managed);
  const filled = fill(policy, seen, yielded.memory, counts);
  const actions = [
    ...relieved.actions,
    ...yielded.actions,
    ...imageActions(policy, yielded.memory, sample),
    ...discards(policy, sample, yielded.memory),
    ...filled.actions,
    ...reaping(policy, seen, yielded.memory, managed, filled.actions.length > 0),
  ];
  const { refusals } = filled;
  const clear = (sample.control.renew ?? []).map(({ file }) => file as ControlClear);
  const decision: Decision = { ...counts, ...nothing, actions, memory: filled.memory, refusals, clear };
  return policy.dryRun ? onlyTold(policy, decision, memory, seen) : decision;
}

/** The daemon's end gives back what it took, as soon as nothing of that is on its way any more, in a dry run, too. */
function atTheEnd(
  policy: Policy,
  seen: Seen,
  memory: Memory,
): Pick<Decision, 'actions' | 'withheld' | 'memory' | 'exit'> {
  if (mustWait(seen)) return { actions: [], withheld: [], memory, exit: null };
  const given = giveBack(seen, memory);
  const unused = discards(policy, seen.sample, memory);
  return {
    actions: policy.dryRun ? given.actions : [...given.actions, ...unused],
    withheld: policy.dryRun ? unused : [],
    memory: given.memory,
    exit: 'signal',
  };
}

/** An engine that is let go of is left as at the end; nothing starts there any more, and the daemon goes on. */
function beforeAnotherEngine(
  policy: Policy,
  seen: Seen,
  memory: Memory,
): Pick<Decision, 'actions' | 'withheld' | 'memory' | 'refusals'> {
  const { actions, withheld, memory: after } = atTheEnd(policy, seen, memory);
  const text = 'another engine is configured: pilots of this one get back what was taken from them first';
  return { actions, withheld, memory: after, refusals: [{ rule: 'engine', text }] };
}

/** What is remembered when no pilot is left: the account of all time, how kinds fared, and which orders are no new ones. */
function withoutPilots({ account, kinds, ordersTaken }: Memory): Memory {
  return { ...emptyMemory, account, kinds, ordersTaken };
}

/** Every pilot goes at once; when none is left the control file has done its work. */
function forceStop(
  seen: Seen,
  memory: Memory,
  managed: readonly Pilot[],
): Omit<Decision, 'running' | 'unmanaged'> {
  const { sample } = seen;
  const why = { rule: 'force-stop', text: 'force-stop: not starting containers, killing existing' } as const;
  const spares = new Set(memory.spares.pilots.map((one) => one.pilot));
  const leaving = new Map(memory.leaving.map((one) => [one.pilot, one]));
  const actions = managed.map((pilot): Action => {
    const { id, name } = pilot;
    if (spares.has(name)) return { do: 'discard', id, name, why: why.text };
    return { do: 'remove', id, name, why, life: lifeFactsOf(pilot, leaving.get(name)) };
  });
  const over =
    managed.length === 0 &&
    sample.engine.listed &&
    sample.engine.state === 'answering' &&
    !sample.inFlight.some(({ action }) => 'name' in action);
  return {
    actions,
    withheld: [],
    // The engine may list prepared containers only later: until then it must be known that they are no pilots.
    memory: over ? withoutPilots(memory) : { ...withoutPilots(memory), spares: memory.spares },
    refusals: [why],
    clear: over ? ['force-stop'] : [],
    exit: over && sample.terminating ? 'force-stopped' : null,
  };
}

/** drain-stop is over when the engine lists none of ours and none is on its way. */
function isDrained(seen: Seen, managed: readonly Pilot[]): boolean {
  const { control, engine, inFlight } = seen.sample;
  if (!control.drain || !control.stop || !engine.listed || engine.state !== 'answering') return false;
  return (
    managed.length === 0 && !inFlight.some(({ action }) => action.do === 'start' || action.do === 'prepare')
  );
}
