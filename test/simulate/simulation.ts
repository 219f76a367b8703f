import { ruleFor } from '../../src/decide/kindPolicy.ts';
import { closerLookAfter, type Moment } from '../../src/decide/memoryRelief.ts';
import { observe } from '../../src/decide/observe.ts';
import { type Decision, emptyMemory, type Memory, type Policy, type Seen } from '../../src/decide/types.ts';
import type { CloserLook } from '../../src/model/host.ts';
import type { EngineView } from '../../src/model/view.ts';
import { engineWith, image, sampleAt } from '../decide/world.ts';
import { ModelEngine, type Told } from '../../src/replay/calls.ts';
import { type Counters, newCounters, run } from '../../src/replay/machine.ts';
import { plainMachine, type SimulatedMachine } from './machine.ts';
import { type Body, type Nature, newBody, plainNature } from '../../src/replay/body.ts';
import { Senses } from './senses.ts';
import type { Story, World } from './world.ts';

/** Anything that decides as `decide` does: the real one, or one that is broken on purpose. */
export type Decider = (policy: Policy, seen: Seen, memory: Memory, previousMs: number) => Decision;

/** What one tick saw and decided, and how it really is. What is in `bodies` and `counters` changes afterwards. */
export interface Instant {
  readonly ms: number;
  readonly world: World;
  readonly seen: Seen;
  readonly decision: Decision;
  readonly bodies: ReadonlyMap<string, Body>;
  readonly counters: Counters;
}

/** What a start costs on a slow node: the engine's work counts as the owner's, as in life. */
export interface Starting {
  /** How long it takes; for so long after, the engine tidies up. */
  readonly takesMs: number;
  readonly afterMs: number;
  /** CPUs that the engine uses meanwhile, and the share of the time in which its tasks wait for one. */
  readonly cpus: number;
  readonly waits: number;
}

/** What a simulation is made of. */
export interface Plan {
  readonly decider: Decider;
  readonly policy: Policy;
  readonly story: Story;
  readonly forMs: number;
  readonly machine?: SimulatedMachine;
  /** What the pilot of this number is like; by default they are all alike. */
  readonly nature?: (index: number, kind: string, ms: number) => Nature;
  /** Pilots that are not ours, from the start. */
  readonly foreign?: readonly string[];
  /** How long the world stays as it is within a tick: finer for owners who change faster. */
  readonly stepMs?: number;
  readonly starting?: Starting;
  /** Pilots are read in turn, and all of them where the rules ask for it, as by the daemon itself. */
  readonly readsInTurn?: boolean;
  /** Called at each tick. */
  watch(instant: Instant): void;
}

/** Where the clock of a simulated node begins: nobody may take a time for a span. */
export const bootMs = 1_000_000;
const tickMs = 1000;

/**
 * A node whose load reacts to what is decided, and a daemon that looks at it each second: observe, decide, act. There
 * is no clock and no chance but what the plan brings along: the same plan gives the same life.
 */
export function simulation(plan: Plan): void {
  const machine = plan.machine ?? plainMachine;
  const stepMs = plan.stepMs ?? 250;
  const counters = newCounters(machine);
  const bodies = new Map<string, Body>();
  for (const name of plan.foreign ?? []) {
    bodies.set(
      name,
      newBody(name, { ...plainNature, workCpuMs: Number.POSITIVE_INFINITY }, 0, bootMs, false),
    );
  }
  let nowMs = bootMs;
  const nature = (index: number, kind: string): Nature =>
    plan.nature?.(index, kind, nowMs - bootMs) ?? plainNature;
  const cpusOf = (kind: string | null): number => ruleFor(plan.policy, kind).cpus;
  const shop = { bodies, nature, cpusOf, starts: 0 };
  const engine = new ModelEngine(shop, plan.starting?.takesMs);
  const senses = new Senses(machine);
  let memory: Memory = emptyMemory;
  let seen: Seen | null = null;
  let engineBusyMs = 0;

  for (let ms = tickMs; ms <= plan.forMs; ms += tickMs) {
    nowMs = bootMs + ms;
    for (let at = ms - tickMs; at < ms; at += stepMs) {
      const isStarting = engine.inFlight().some(({ action }) => action.do === 'start');
      if (isStarting) engineBusyMs = at + (plan.starting?.afterMs ?? 0);
      const work = at <= engineBusyMs ? plan.starting : undefined;
      const wanted = plan.story(at);
      const ownerCpus = Math.min(machine.cpuCount, wanted.ownerCpus + (work?.cpus ?? 0));
      const load = work === undefined ? wanted : { ...wanted, ownerCpus };
      run(machine, counters, load, [...bodies.values()], bootMs + at, stepMs);
      counters.owner.cpuMs += (work?.waits ?? 0) * stepMs;
      engine.advance(plan.story(at), bootMs + at + stepMs);
    }
    const world = plan.story(ms);
    if (world.daemonDies) {
      engine.daemonDies(world, nowMs);
      seen = null;
    }
    const told = engine.told(world, nowMs);
    const sample = sampleAt(nowMs, {
      host: senses.look(
        counters,
        world,
        [...bodies.values()],
        nowMs,
        plan.readsInTurn === true ? (closerLookAfter(momentOf(plan.policy, seen)) ?? readsNone) : undefined,
      ),
      engine: engineOf(told),
      control: world.control,
      inFlight: engine.inFlight(),
      results: engine.takeResults(),
    });
    const previousMs: number = seen?.sample.atMs ?? nowMs;
    seen = observe(seen, sample);
    const decision: Decision = plan.decider(plan.policy, seen, memory, previousMs);
    memory = decision.memory;
    plan.watch({ ms, world, seen, decision, bodies, counters });
    for (const action of decision.actions) engine.begin(action, nowMs);
  }
}

const readsNone: CloserLook = { atHand: () => false, allPilots: () => false };

function momentOf(policy: Policy, seen: Seen | null): Moment | null {
  return seen === null ? null : { policy, seen };
}

function engineOf({ pilots, answering, listed, reason, pulledAtMs }: Told): EngineView {
  const state = answering ? 'answering' : 'waiting';
  return engineWith(pilots, {
    state,
    listed,
    reason,
    images: [{ ...image, pulledAtMs: pulledAtMs.get(image.reference) ?? bootMs }],
  });
}
