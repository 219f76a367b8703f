import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import { fill } from './fill.ts';
import { imageActions } from './image.ts';
import { judgeCpu } from './cpuRule.ts';
import { cpuRelief, expired, memoryRelief, type Relief, stopOf, youngestFirst } from './relieve.ts';
import { reaping } from './reap.ts';
import { discards, followSpares } from './spare.ts';
import { followSlots, isAlive, isInFlight } from './slots.ts';
import { type Decision, emptyMemory, type Leaving, type Memory, type Policy, type Seen } from './types.ts';

/**
 * The whole policy: what to do now, from what is seen and what is remembered. Pure and total: the same arguments give
 * the same decision, and nothing here can fail. `previousMs` is the time of the tick before.
 */
export function decide(policy: Policy, seen: Seen, memory: Memory, previousMs: number): Decision {
  const { sample } = seen;
  const managed = sample.engine.pilots.filter((pilot) => pilot.managed);
  const counts = {
    running: managed.filter(isAlive).length,
    unmanaged: sample.engine.pilots.filter((pilot) => !pilot.managed && isAlive(pilot)).length,
  };
  if (sample.control.forceStop) return { ...counts, ...forceStop(seen, memory, managed) };
  const nothing = { actions: [], memory, refusals: [], clear: [], exit: null };
  if (sample.terminating)
    return { ...counts, ...nothing, actions: discards(policy, sample, memory), exit: 'signal' };
  if (isDrained(seen, managed))
    return { ...counts, ...nothing, memory: emptyMemory, clear: ['stop'], exit: 'drained' };

  const complete = sample.engine.listed && sample.engine.state === 'answering';
  const followed = complete
    ? {
        ...memory,
        slots: followSlots(memory, sample),
        leaving: stillThere(memory, managed),
        spares: followSpares(memory.spares, sample),
      }
    : memory;
  const relieved = relieve(policy, seen, followed, managed, previousMs);
  const filled = fill(policy, seen, relieved.memory, counts);
  const actions = [
    ...relieved.actions,
    ...imageActions(policy, sample),
    ...discards(policy, sample, relieved.memory),
    ...filled.actions,
    ...reaping(policy, seen, relieved.memory, managed, filled.actions.length > 0),
  ];
  return { ...counts, actions, memory: filled.memory, refusals: filled.refusals, clear: [], exit: null };
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
  const actions = managed.map(
    ({ id, name }): Action =>
      spares.has(name) ? { do: 'discard', id, name, why: why.text } : { do: 'remove', id, name, why },
  );
  const over =
    managed.length === 0 &&
    sample.engine.listed &&
    sample.engine.state === 'answering' &&
    !sample.inFlight.some(({ action }) => 'name' in action);
  return {
    actions,
    memory: emptyMemory,
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

function stillThere(memory: Memory, managed: readonly Pilot[]): readonly Leaving[] {
  const names = new Set(managed.map((pilot) => pilot.name));
  const there = memory.leaving.filter((one) => names.has(one.pilot));
  return there.length === memory.leaving.length ? memory.leaving : there;
}

/** Relief before starts: what the owner needs back, and what has had its time. */
function relieve(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  managed: readonly Pilot[],
  previousMs: number,
): { memory: Memory; actions: Action[] } {
  const nowMs = seen.sample.atMs;
  const asked = new Map(memory.leaving.map((one) => [one.pilot, one.outcome]));
  const staying = managed.filter((pilot) => isAlive(pilot) && !asked.has(pilot.name));
  const judgement = judgeCpu(policy, seen, memory, previousMs, policy.nodeIsEngines ? staying.length : 0);
  const reliefs = [
    policy.nodeIsEngines ? cpuRelief(policy, seen, judgement, staying.length) : null,
    memoryRelief(policy, seen, managed.filter((pilot) => isAlive(pilot) && asked.has(pilot.name)).length),
  ].filter((relief): relief is Relief => relief !== null);
  const worst = [...reliefs].sort((a, b) => b.pilots - a.pilots)[0];
  const evicted = worst === undefined ? [] : youngestFirst(staying).slice(0, worst.pilots);
  const gone = new Set(evicted.map((pilot) => pilot.name));
  const old = expired(policy, staying, nowMs).filter((pilot) => !gone.has(pilot.name));
  const ttl = {
    rule: 'ttl',
    text: `it has run for longer than max_ttl, ${Math.round(policy.ttlMs / 1000)} s`,
  } as const;

  const fresh: Leaving[] = [
    ...evicted.map((pilot) => ({ pilot: pilot.name, outcome: 'evicted' as const })),
    ...old.map((pilot) => ({ pilot: pilot.name, outcome: 'expired' as const })),
  ];
  const actions: Action[] = [
    ...(worst === undefined ? [] : evicted.map((pilot) => stopOf(policy, pilot, 'evicted', worst.why))),
    ...old.map((pilot) => stopOf(policy, pilot, 'expired', ttl)),
    ...stopsToRepeat(policy, seen, managed, asked),
  ];
  return {
    actions,
    memory: {
      ...memory,
      // An evicted pilot takes its slot with it; one that has had its time leaves it to the next.
      slots:
        gone.size === 0
          ? memory.slots
          : memory.slots.filter((slot) => slot.pilot === null || !gone.has(slot.pilot)),
      leaving: fresh.length === 0 ? memory.leaving : [...memory.leaving, ...fresh],
      shortSinceMs: judgement.shortSinceMs,
      cpu: judgement.account,
      lastEvictionMs: evicted.length > 0 ? nowMs : memory.lastEvictionMs,
    },
  };
}

/** A stop that failed, or was lost with a daemon that died, is asked for again. */
function stopsToRepeat(
  policy: Policy,
  seen: Seen,
  managed: readonly Pilot[],
  asked: ReadonlyMap<string, Leaving['outcome']>,
): Action[] {
  return managed
    .filter(
      (pilot) => isAlive(pilot) && asked.has(pilot.name) && !isInFlight(seen.sample, 'stop', pilot.name),
    )
    .map((pilot) =>
      asked.get(pilot.name) === 'expired'
        ? stopOf(policy, pilot, 'expired', { rule: 'ttl', text: 'asked before, it still runs' })
        : stopOf(policy, pilot, 'evicted', { rule: 'in-flight', text: 'asked before, it still runs' }),
    );
}
