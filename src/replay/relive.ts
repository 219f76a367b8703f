import { decide } from '../decide/decide.ts';
import { ruleFor } from '../decide/kindPolicy.ts';
import { observe } from '../decide/observe.ts';
import {
  type Decision,
  emptyMemory,
  type KindPolicy,
  type Memory,
  type Policy,
  type Seen,
  type Week,
} from '../decide/types.ts';
import type { HostSample, OwnerSigns } from '../model/host.ts';
import type { KernelMeans } from '../model/means.ts';
import type { TapeFrame } from '../model/tape.ts';
import type { ControlFiles, EngineView } from '../model/view.ts';
import { unseenImage } from '../model/view.ts';
import { type Body, imageId, isThere } from './body.ts';
import { isCalm, type LastTick } from './calm.ts';
import { ModelEngine, type Told, type Weather } from './calls.ts';
import type { Harvest } from './harvest.ts';
import { type Counters, type Machine, newCounters, run } from './machine.ts';
import { type Moment, momentsOf } from './moments.ts';
import type { Natures } from './natures.ts';
import { ModelSenses } from './senses.ts';
import { type ModelTick, Tally } from './tally.ts';
import type { Shop } from './verbs.ts';

/** A configuration, as it would be in force at a time of the recording. */
export interface Rules {
  /** What the kernel would let be done, where it let this be done when it was recorded. */
  meansOf(recorded: KernelMeans): KernelMeans;
  policyAt(host: HostSample, means: KernelMeans, wallMs: number): Policy;
  /** What was usual on the node, for rules that heed it; null for those that do not. */
  weekAt(wallMs: number): Week | null;
  /** The signs of the owner that it asks for, of those that were recorded. */
  signsAt(frame: TapeFrame, leftMs: number, wallMs: number): OwnerSigns;
}

/** What a replay is made of. */
export interface Reliving {
  readonly frames: Iterable<TapeFrame>;
  readonly rules: Rules;
  readonly natures: Natures;
  /** How often the rules are asked while anything goes on; the daemon asks each second. */
  readonly tickMs: number;
  /** The rules are asked as often while nothing goes on; for tests. */
  readonly asksAlways?: boolean;
  /** CPUs that a pilot might use when it was recorded. */
  readonly pilotCpus: number;
  /** Called now and then, with the time of the recording that was reached. */
  readonly onProgress?: (wallMs: number) => void;
  /** Called at each tick, for tests. */
  readonly watch?: (tick: ModelTick) => void;
}

/** Where the clock of the model begins: nobody may take a time for a span. */
const bootMs = 1_000_000;
const namesOffered = 8;
const progressEvery = 1000;

/**
 * Lives through a recording once more by these rules: its owner does what he did, pilots are those of the model, and
 * what is decided is done to the model alone. Pure: the same recording and rules give the same harvest.
 */
export function relive(reliving: Reliving): Harvest {
  const { frames, rules, natures, tickMs, asksAlways, pilotCpus, onProgress, watch } = reliving;
  const tally = new Tally();
  const bodies = new Map<string, Body>();
  const senses = new ModelSenses();
  let counters: Counters | null = null;
  let [memory, seen]: [Memory, Seen | null] = [emptyMemory, null];
  let policy: Policy | null = null;
  const ruleOf = (kind: string | null): KindPolicy => {
    if (policy === null) throw new Error('a pilot is made before there are rules');
    return ruleFor(policy, kind);
  };
  const shop: Shop = {
    bodies,
    nature: (_, kind) => natures.next(ruleOf(kind)),
    cpusOf: (kind) => ruleOf(kind).cpus,
    starts: 0,
  };
  let engine = new ModelEngine(shop);
  const names = new Names();
  let nowMs = bootMs;
  let ticks = 0;

  let last: LastTick | null = null;
  const tickMsFor = (frame: TapeFrame): number =>
    asksAlways !== true && last !== null && isCalm(last, frame) ? Math.max(tickMs, frame.spanMs) : tickMs;

  for (const moment of momentsOf(frames, tickMsFor, pilotCpus)) {
    const { frame } = moment;
    const means = rules.meansOf(frame.means);
    const machine = machineOf(frame, means);
    counters ??= newCounters(machine);
    if (moment.isNewBoot) {
      tally.lose(bodies.values());
      bodies.clear();
      engine = new ModelEngine(shop);
      [memory, seen] = [{ ...emptyMemory, account: memory.account, kinds: memory.kinds }, null];
    }
    const weather: Weather = { engine: frame.isAnswering ? 'answers' : 'away', startsFail: false };
    const { ownerCpus, ownerMemoryBytes, ms } = moment;
    run(machine, counters, { ownerCpus, ownerMemoryBytes, ownerDisk: 0 }, [...bodies.values()], nowMs, ms);
    nowMs += moment.ms;
    // Before what was begun lands: until then the owner's memory was held.
    const holdsMemory = [...bodies.values()].some(isThere);
    engine.advance(weather, nowMs);

    const there = [...bodies.values()];
    const signs = rules.signsAt(frame, (1 - moment.into) * frame.spanMs, moment.wallMs);
    const host = senses.look(machine, counters, moment, signs, there, nowMs);
    policy = rules.policyAt(host, means, moment.wallMs);
    const sample = {
      atMs: nowMs,
      host,
      engine: engineViewOf(engine.told(weather, nowMs), policy),
      control: controlOf(moment),
      terminating: false,
      leavesEngine: false,
      inFlight: engine.inFlight(),
      results: engine.takeResults(),
      week: rules.weekAt(moment.wallMs),
      logRates: new Map(),
      activities: new Map(),
      freshNames: names.fresh(),
    };
    const previousMs: number = seen?.sample.atMs ?? nowMs;
    seen = observe(seen, sample);
    const decision: Decision = decide(policy, seen, memory, previousMs);
    memory = decision.memory;
    const tick = { moment, policy, seen, decision, bodies: there, counters, holdsMemory };
    tally.note(tick);
    watch?.(tick);
    for (const action of decision.actions) {
      if (action.do === 'start' || action.do === 'prepare') names.take(action.name);
      engine.begin(action, nowMs);
    }
    last = { frame, policy, seen, decision, bodies: there, isAnyInFlight: sample.inFlight.length > 0 };
    ticks += 1;
    if (ticks % progressEvery === 0) onProgress?.(moment.wallMs);
  }
  return tally.harvest(bodies.values());
}

function machineOf(frame: TapeFrame, { cpuClass }: KernelMeans): Machine {
  return {
    cpuCount: frame.cpuCount,
    memoryBytes: frame.memoryTotalBytes ?? 0,
    swapBytes: frame.swapFreeBytes ?? 0,
    cpuClass,
  };
}

/** `drain` is what somebody wanted of the node then; `stop` and `force-stop` end a daemon, and its recording. */
function controlOf({ frame }: Moment): ControlFiles {
  return frame.isDraining ? draining : noControl;
}

const noControl: ControlFiles = { drain: false, stop: false, forceStop: false, renew: [] };
const draining: ControlFiles = { ...noControl, drain: true };

/** Images are there: what a pull would bring is not known. */
function engineViewOf(
  { pilots, answering, listed, reason, pulledAtMs }: Told,
  { kinds }: Policy,
): EngineView {
  const references = [...new Set(kinds.map(({ image }) => image))];
  return {
    state: answering ? 'answering' : 'waiting',
    reason,
    info: null,
    listed,
    listingAskedMs: listed ? 0 : null,
    pilots,
    images: references.map((reference) => ({
      ...unseenImage(reference),
      id: imageId,
      checked: true,
      pulledAtMs: pulledAtMs.get(reference) ?? bootMs,
    })),
  };
}

/** Names for pilots, each borne once. */
class Names {
  #next = 0;
  #offered: readonly string[] = [];

  fresh(): readonly string[] {
    if (this.#offered.length < namesOffered) {
      const more = Array.from({ length: namesOffered - this.#offered.length }, () => `pilot-${this.#next++}`);
      this.#offered = [...this.#offered, ...more];
    }
    return this.#offered;
  }

  take(name: string): void {
    this.#offered = this.#offered.filter((offered) => offered !== name);
  }
}
