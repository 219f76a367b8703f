import type { Action } from '../model/action.ts';
import { isWorkLost } from '../model/history.ts';
import type { Pilot } from '../model/pilot.ts';
import { followAccount } from './budget.ts';
import { censusOf } from './census.ts';
import { cpuTimeOf } from './claims.ts';
import { outOfSchedule } from './closing.ts';
import { judgeCpu } from './cpuRule.ts';
import { type Eviction, evictions } from './evictions.ts';
import { kills, mayEndAgain } from './kill.ts';
import { tooLoud } from './loudness.ts';
import { takePostures } from './postures.ts';
import { reclaims } from './reclaim.ts';
import { expired, stopOf } from './relieve.ts';
import { renewed, withNotice } from './renewal.ts';
import { chargeKinds } from './shares.ts';
import { isAlive, isEnding } from './slots.ts';
import type { Leaving, Memory, Policy, Sample, Seen } from './types.ts';
import { followWariness } from './wariness.ts';
import { byNameFor, climb } from './watch.ts';

/** What was decided of pilots, and what is remembered of it. */
interface Yielded {
  readonly memory: Memory;
  readonly actions: readonly Action[];
}

/** Those that were asked to leave and are there still. */
export function stillThere(memory: Memory, managed: readonly Pilot[]): readonly Leaving[] {
  if (memory.leaving.length === 0) return memory.leaving;
  const names = new Set(managed.map((pilot) => pilot.name));
  const there = memory.leaving.filter((one) => names.has(one.pilot));
  return there.length === memory.leaving.length ? memory.leaving : there;
}

/** Pilots that run or are paused, and were not asked to leave. */
function stayingOf(memory: Memory, managed: readonly Pilot[], sample: Sample): readonly Pilot[] {
  const isOneGoing =
    memory.leaving.length > 0 ||
    sample.inFlight.some(({ action }) => action.do === 'stop' || action.do === 'kill');
  if (!isOneGoing) return censusOf(sample.engine.pilots).alive;
  const asked = new Set(memory.leaving.map((one) => one.pilot));
  return managed.filter((pilot) => isAlive(pilot) && !asked.has(pilot.name) && !isEnding(sample, pilot.name));
}

/** Pilots that we laid hands on and that are not ours to manage any more: what was taken is theirs all the same. */
function disownedOf({ held, leaving }: Memory, { engine }: Sample): readonly Pilot[] {
  const ids = new Set(held.flatMap((one) => one.id ?? []));
  if (ids.size === 0) return [];
  const asked = new Set(leaving.map((one) => one.pilot));
  return engine.pilots.filter(
    (pilot) => !pilot.managed && isAlive(pilot) && ids.has(pilot.id) && !asked.has(pilot.name),
  );
}

/** Relief before starts: what only a pilot's end gives back to the owner, and what has had its time. */
export function relieve(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  managed: readonly Pilot[],
  previousMs: number,
): Yielded {
  const nowMs = seen.sample.atMs;
  const staying = stayingOf(memory, managed, seen.sample);
  const running = policy.nodeIsEngines ? staying.filter(({ state }) => state === 'running') : [];
  const judgement = judgeCpu(policy, seen, memory, previousMs, running);
  const evicted = evictions(policy, seen, memory, staying, managed, judgement);
  const gone = new Set(evicted.map(({ pilot }) => pilot.name));
  const isLeft = ({ pilot }: Eviction): boolean => !gone.has(pilot.name);
  const loud = tooLoud(policy, seen, staying).filter(isLeft);
  const loudest = new Set(loud.map(({ pilot }) => pilot.name));
  const over = ended(policy, seen, memory, staying).filter(
    (one) => isLeft(one) && !loudest.has(one.pilot.name),
  );
  const fresh: Leaving[] = [
    ...[...evicted, ...loud].map((one) => leaving('evicted', one, nowMs)),
    ...over.map((one) => leaving('expired', one, nowMs)),
  ];
  const taken = memory.slots.filter((slot) => slot.pilot !== null && gone.has(slot.pilot));
  return {
    actions: [
      ...[...evicted, ...loud].map(({ pilot, why }) => stopOf(policy, pilot, 'evicted', why)),
      ...over.map(({ pilot, why }) => stopOf(policy, pilot, 'expired', why)),
      ...stopsToRepeat(policy, seen, memory, managed),
      ...kills(policy, seen, memory, managed),
    ],
    memory: {
      ...memory,
      // An evicted pilot takes its slot with it; one that has had its time, or wrote too much, leaves it to the next.
      slots:
        gone.size === 0
          ? memory.slots
          : memory.slots.filter((slot) => slot.pilot === null || !gone.has(slot.pilot)),
      kinds: chargeKinds(
        policy,
        memory.kinds,
        taken.map((slot) => ({ slot, livedMs: null })),
        nowMs,
      ),
      renewals: withNotice(
        memory,
        over.some(({ why }) => why.rule === 'renew'),
        nowMs,
      ),
      leaving: fresh.length === 0 ? memory.leaving : [...memory.leaving, ...fresh],
      shortSinceMs: judgement.shortSinceMs,
      cpu: judgement.account,
      lastEvictionMs: evicted.length > 0 ? nowMs : memory.lastEvictionMs,
      ...followWariness(policy, memory, evicted, nowMs),
      account: followAccount(
        policy,
        memory.account,
        seen,
        nowMs - previousMs,
        lostMs(seen, [
          ...[...evicted, ...loud].filter(({ why }) => isWorkLost('evicted', why.rule)),
          ...over.filter(({ why }) => isWorkLost('expired', why.rule)),
        ]),
      ),
    },
  };
}

/** Pilots that have had their time, each once and for the first of its reasons; they leave their slots to the next. */
function ended(policy: Policy, seen: Seen, memory: Memory, staying: readonly Pilot[]): readonly Eviction[] {
  const all = [
    ...expired(policy, staying, seen.sample.atMs),
    ...outOfSchedule(policy, staying),
    ...renewed(policy, memory, seen.sample, staying),
  ];
  return [...new Map(all.toReversed().map((one) => [one.pilot.name, one])).values()].toReversed();
}

function leaving(outcome: Leaving['outcome'], { pilot, why }: Eviction, sinceMs: number): Leaving {
  return { pilot: pilot.name, outcome, why, sinceMs };
}

/** CPU time that goes with these; what is not known of it is not made up. */
function lostMs(seen: Seen, those: readonly Eviction[]): number {
  return those
    .map(({ pilot }) => cpuTimeOf(seen, pilot))
    .reduce((sum, time) => sum + (time.known ? time.value : 0), 0);
}

/** A stop that failed, or was lost with a daemon that died, is asked for again; what cannot be killed, ever more seldom. */
function stopsToRepeat(policy: Policy, seen: Seen, memory: Memory, managed: readonly Pilot[]): Action[] {
  if (seen.sample.engine.state === 'waiting' || memory.leaving.length === 0) return [];
  const asked = new Map(memory.leaving.map((one) => [one.pilot, one]));
  return managed.flatMap((pilot) => {
    const one = asked.get(pilot.name);
    if (one === undefined || one.killed === true || !isAlive(pilot)) return [];
    if (isEnding(seen.sample, pilot.name) || !mayEndAgain(one, seen.sample.atMs)) return [];
    return one.outcome === 'expired'
      ? [stopOf(policy, pilot, 'expired', { rule: 'ttl', text: 'asked before, it still runs' })]
      : [stopOf(policy, pilot, 'evicted', { rule: 'in-flight', text: 'asked before, it still runs' })];
  });
}

/** The ladder, for those who stay: what the owner's senses ask for is taken, what they do not any more is given back. */
export function yieldTo(policy: Policy, seen: Seen, memory: Memory, managed: readonly Pilot[]): Yielded {
  const staying = stayingOf(memory, managed, seen.sample);
  const disowned = disownedOf(memory, seen.sample);
  const climbed = climb(policy, seen, memory, staying, disowned);
  const postures = takePostures(policy, seen, climbed, byNameFor(climbed, staying, disowned));
  const reclaimed = reclaims(policy, seen, postures.held, staying);
  return {
    memory: reclaimed.held === climbed.held ? climbed : { ...climbed, held: reclaimed.held },
    actions: [...postures.actions, ...reclaimed.actions],
  };
}
