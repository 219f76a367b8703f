import type { Actor } from '../act/actor.ts';
import { decide } from '../decide/decide.ts';
import { closerLookAfter } from '../decide/memoryRelief.ts';
import { observe } from '../decide/observe.ts';
import { restingAfter } from '../decide/rest.ts';
import type { Decision, Memory, Policy, Sample, Seen, Week } from '../decide/types.ts';
import type { Clock } from '../model/clock.ts';
import type { ControlFiles, EngineView } from '../model/view.ts';
import type { CloserLook, Host } from '../model/host.ts';
import type { Pilot } from '../model/pilot.ts';
import type { Action, ActionResult } from '../model/action.ts';
import { followLostStarts, type LostStart } from './lostStarts.ts';

/** Names offered to each decision: more starts than this do not begin in one tick. */
const namesPerTick = 8;

/** What a tick reads, and what it hands on to. */
export interface TickParts {
  readonly host: Host;
  readonly clock: Clock;
  readonly actor: Actor;
  engineView(): EngineView;
  control(): ControlFiles;
  terminating(): boolean;
  /** Whether what was taken at this engine is to be given back, because another one is configured. */
  leavesEngine(): boolean;
  policy(sample: Sample): Policy;
  /** What that is made of beside the sample: other objects when something of it has changed. */
  inForce(): readonly object[];
  /** What was done before there was anything to decide on, as a part of the memory. */
  remember(memory: Memory, sample: Sample, policy: Policy): Memory;
  week(): Week | null;
  /** What pilots say that they do, by container id. */
  activities(engine: EngineView, nowMs: number): Sample['activities'];
  /** Bytes a second that pilots write to their logs, by container id. */
  logRates(engine: EngineView, nowMs: number): ReadonlyMap<string, number>;
  newName(): string;
  /** Called before anything is acted on, with what the tick saw. */
  save(memory: Memory, sample: Sample): void;
  /** Called with the results of actions before the engine's view is read, so that it tells of them. */
  learn(result: ActionResult): void;
  /** Called when a listing has left open what became of a start. */
  lookAgain(): void;
  /** Tells the world; never throws, never waits. */
  record(tick: Tick): void;
}

/** One tick, complete. */
export interface Tick {
  readonly sample: Sample;
  readonly seen: Seen;
  readonly policy: Policy;
  readonly decision: Decision;
}

/** A tick as the loop has it. */
export interface LoopTick extends Tick {
  /** Nothing had moved: the decision is that of an earlier tick, and nothing is to be done about it. */
  readonly rests: boolean;
}

/**
 * Makes the tick: observe, decide, remember, act, record. It keeps the reading and the memory of the tick before. Where
 * nothing has moved since the last decision there is nothing to decide: then it only observes, for five seconds at most.
 */
export function createTick(parts: TickParts, initial: Memory): () => LoopTick {
  let before: LoopTick | null = null;
  let decided: Turning | null = null;
  let memory = initial;
  let lost: readonly LostStart[] = [];
  let names: readonly string[] = [];
  return () => {
    names = offered(names, () => parts.newName());
    const sample = withLostStarts(readNode(parts, names, closerLookAfter(before), memory.leaving));
    const seen = observe(before?.seen ?? null, sample);
    before =
      decided !== null && isAsBefore(decided.inForce, parts.inForce()) && decided.mayRest(seen)
        ? { ...decided.tick, sample, seen, rests: true }
        : { ...decideOn(seen), rests: false };
    return before;
  };

  function decideOn(seen: Seen): Tick {
    const { sample } = seen;
    const previousMs = decided?.tick.sample.atMs ?? sample.atMs;
    const policy = parts.policy(sample);
    const decision = decide(policy, seen, parts.remember(memory, sample, policy), previousMs);
    memory = decision.memory;
    names = withoutUsed(names, decision.actions);
    parts.save(memory, sample);
    for (const action of decision.actions) parts.actor.begin(action);
    const tick = { sample, seen, policy, decision };
    decided = { tick, inForce: parts.inForce(), mayRest: restingAfter(tick) };
    parts.record(tick);
    return tick;
  }

  function withLostStarts(read: Sample): Sample {
    const now = followLostStarts(lost, read.results, read.engine, read.atMs);
    const isNewListing = read.engine.listingAskedMs !== before?.sample.engine.listingAskedMs;
    if (now.lost.length > 0 && isNewListing) parts.lookAgain();
    lost = now.lost;
    return { ...read, inFlight: [...read.inFlight, ...now.inFlight], results: now.results };
  }
}

/** The last tick that decided something, what was in force, and whether a look may be left at it. */
interface Turning {
  readonly tick: Tick;
  readonly inForce: readonly object[];
  readonly mayRest: (now: Seen) => boolean;
}

function isAsBefore(before: readonly object[], now: readonly object[]): boolean {
  return now.every((one, index) => one === before[index]);
}

/** A list of pilots is the same from tick to tick while nothing happens, and so is that of their ids. */
const idsOnTheNode = new WeakMap<readonly Pilot[], readonly string[]>();

function idsOf(pilots: readonly Pilot[]): readonly string[] {
  const ids = idsOnTheNode.get(pilots) ?? pilots.filter(isOnTheNode).map((pilot) => pilot.id);
  idsOnTheNode.set(pilots, ids);
  return ids;
}

function isOnTheNode(pilot: Pilot): boolean {
  return pilot.managed && (pilot.state === 'running' || pilot.state === 'paused');
}

/** The names that are left, and new ones in the place of those that are used: most ticks need none. */
function offered(left: readonly string[], newName: () => string): readonly string[] {
  if (left.length >= namesPerTick) return left;
  return [...left, ...Array.from({ length: namesPerTick - left.length }, newName)];
}

function withoutUsed(names: readonly string[], actions: readonly Action[]): readonly string[] {
  if (actions.length === 0) return names;
  const used = new Set(actions.map((action) => ('name' in action ? action.name : '')));
  return names.filter((name) => !used.has(name));
}

function endingIn(pilots: readonly Pilot[], leaving: Memory['leaving']): ReadonlySet<string> {
  const names = new Set(leaving.map(({ pilot }) => pilot));
  return new Set(pilots.filter((pilot) => names.has(pilot.name) && isOnTheNode(pilot)).map(({ id }) => id));
}

function readNode(
  parts: TickParts,
  names: readonly string[],
  closerLook: CloserLook | undefined,
  leaving: Memory['leaving'],
): Sample {
  const results = parts.actor.takeResults();
  for (const result of results) parts.learn(result);
  const atMs = parts.clock.nowMs();
  const engine = parts.engineView();
  return {
    atMs,
    host: parts.host.sample({
      nowMs: atMs,
      wallMs: parts.clock.wallMs(),
      pilotIds: idsOf(engine.pilots),
      ...(leaving.length === 0 ? {} : { endingIds: endingIn(engine.pilots, leaving) }),
      ...(closerLook === undefined ? {} : { closerLook }),
    }),
    engine,
    control: parts.control(),
    terminating: parts.terminating(),
    leavesEngine: parts.leavesEngine(),
    inFlight: parts.actor.inFlight(),
    results,
    week: parts.week(),
    logRates: parts.logRates(engine, atMs),
    activities: parts.activities(engine, atMs),
    freshNames: names,
  };
}
