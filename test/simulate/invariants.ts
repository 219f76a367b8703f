import type * as fc from 'fast-check';
import { decide } from '../../src/decide/decide.ts';
import { known } from '../../src/model/reading.ts';
import { starts, stops } from '../decide/world.ts';
import type { Frame, Tale } from './node.ts';
import { type Nature, plainNature } from '../../src/replay/body.ts';
import type { Decider } from './simulation.ts';
import { maxPauseSeconds, policy, reserveBytes } from './tales.ts';
import { quietWorld, type World } from './world.ts';

/** Pilots of ours that run or are paused. */
export const alive = (frame: Frame) =>
  frame.containers.filter((one) => one.managed && (one.state === 'running' || one.state === 'paused')).length;
/** Those of them that end when they are made to. */
const mortals = ({ containers, stuck }: Frame) =>
  containers.filter(
    ({ managed, state, name }) => managed && (state === 'running' || state === 'paused') && !stuck.has(name),
  ).length;
const starting = (frame: Frame) =>
  frame.seen.sample.inFlight.filter(({ action }) => action.do === 'start').length;
const isShort = (frame: Frame) => {
  const { memory } = frame.seen.sample.host;
  return memory.known && memory.value.availableBytes < reserveBytes;
};

/** What must always hold. */
export interface Invariant {
  readonly name: string;
  /** The tales in which it must; those of every sort where this is absent. */
  readonly tales?: fc.Arbitrary<Tale>;
  /** What is wrong with these frames; null when nothing is. */
  fault(frames: readonly Frame[]): string | null;
  readonly broken: Decider;
  /** A world in which the broken one shows itself, where chance may not find one: from the 16th second on. */
  readonly shownBy?: Partial<World>;
  /** The pilots in it, where stubborn ones do not show it. */
  readonly natures?: readonly Nature[];
}

/** Memory that is short for long leaves no pilot. */
export const memoryProgress: Invariant = {
  name: 'memory relief makes progress: a shortage that lasts leaves no pilot',
  fault: (frames) => {
    let [shortFor, sinceTrouble] = [0, 100];
    for (const frame of frames) {
      const { world } = frame;
      const trouble = world.engine !== 'answers' || world.daemonDies || world.blind.includes('memory');
      // A call that failed is tried again after a minute at most.
      sinceTrouble = trouble ? 0 : sinceTrouble + 1;
      const short = 64e9 - world.ownerMemoryBytes < reserveBytes;
      shortFor = short && sinceTrouble > 62 ? shortFor + 1 : 0;
      if (shortFor > 8 && mortals(frame) > 0)
        return `${mortals(frame)} pilots after ${shortFor} s of shortage`;
    }
    return null;
  },
  broken: (rules, seen, memory, previousMs) =>
    decide({ ...rules, nodeIsEngines: false }, seen, memory, previousMs),
};

/** Each invariant tells what is wrong with a tale's frames, and is shown a decider that breaks it. */
export const invariants: readonly Invariant[] = [
  {
    name: 'never more pilots than the limit, what the original left included',
    fault: (frames) => {
      const over = frames.find(
        (frame) => 1 + alive(frame) + starting(frame) + starts(frame.decision).length > policy.limit,
      );
      return over === undefined ? null : `${alive(over)} alive, ${starts(over.decision).length} more started`;
    },
    // What the original left takes no room, it believes.
    broken: (rules, seen, memory, previousMs) => {
      const pilots = seen.sample.engine.pilots.filter((pilot) => pilot.managed);
      const engine = { ...seen.sample.engine, pilots };
      return decide(rules, { ...seen, sample: { ...seen.sample, engine } }, memory, previousMs);
    },
  },
  {
    name: 'never a start while the engine is away, in a drain or a force-stop',
    fault: (frames) => {
      const wrong = frames.find(
        ({ world: { engine, control }, decision }) =>
          (engine === 'away' || control.drain || control.forceStop) && starts(decision).length > 0,
      );
      return wrong === undefined ? null : 'a start in spite of it';
    },
    broken: (rules, seen, memory, previousMs) =>
      decide(
        rules,
        { ...seen, sample: { ...seen.sample, control: { ...seen.sample.control, drain: false } } },
        memory,
        previousMs,
      ),
  },
  {
    name: 'never a start while memory is short',
    fault: (frames) =>
      frames.some((frame) => isShort(frame) && starts(frame.decision).length > 0)
        ? 'a start in spite of it'
        : null,
    broken: (rules, seen, memory, previousMs) =>
      decide(
        { ...rules, reserve: { ...rules.reserve, memory: { share: 0, atMost: null } } },
        seen,
        memory,
        previousMs,
      ),
  },
  {
    name: 'never a start while memory cannot be seen',
    fault: (frames) =>
      frames.some(({ world, decision }) => world.blind.includes('memory') && starts(decision).length > 0)
        ? 'a start in spite of it'
        : null,
    broken: (rules, seen, memory, previousMs) =>
      decide({ ...rules, nodeIsEngines: false }, seen, memory, previousMs),
  },
  {
    name: 'no container that is not ours is ever named in an action',
    fault: (frames) => {
      const named = frames
        .flatMap(({ decision }) => decision.actions)
        .find((action) => 'name' in action && action.name === 'theirs');
      return named === undefined ? null : `${named.do} theirs`;
    },
    broken: (rules, seen, memory, previousMs) => {
      const pilots = seen.sample.engine.pilots.map((pilot) => ({ ...pilot, managed: true }));
      const engine = { ...seen.sample.engine, pilots };
      return decide(rules, { ...seen, sample: { ...seen.sample, engine } }, memory, previousMs);
    },
  },
  memoryProgress,
  {
    name: 'a pilot that nobody can kill holds up no relief of memory',
    // 2.6 GB are missing: the one that cannot be killed would free most of it, and was the first to be asked.
    shownBy: { ownerMemoryBytes: 58.6e9 },
    natures: [
      { ...plainNature, workCpuMs: 1e12, peakBytes: 2e9, growCpuMs: 1000, stuck: true },
      ...Array.from({ length: 7 }, () => ({ ...plainNature, workCpuMs: 1e12, growCpuMs: 1000 })),
    ],
    fault: (frames) => {
      let [shortFor, sinceTrouble] = [0, 100];
      for (const frame of frames) {
        const { world } = frame;
        const trouble = world.engine !== 'answers' || world.daemonDies || world.blind.length > 0;
        sinceTrouble = trouble ? 0 : sinceTrouble + 1;
        shortFor = isShort(frame) && sinceTrouble > 62 ? shortFor + 1 : 0;
        // Each of them may be waited for once: its grace, and as long as a kill may take.
        if (shortFor > 12 + 10 * frame.stuck.size && mortals(frame) > 0)
          return `${mortals(frame)} pilots after ${shortFor} s of shortage`;
      }
      return null;
    },
    // It has just been asked, it believes at each tick.
    broken: (rules, seen, memory, previousMs) => {
      const leaving = memory.leaving.map(({ pilot, outcome }) => ({ pilot, outcome }));
      const results = seen.sample.results.filter(({ ok }) => ok);
      return decide(
        rules,
        { ...seen, sample: { ...seen.sample, results } },
        { ...memory, leaving },
        previousMs,
      );
    },
  },
  {
    name: 'every pilot is asked to stop at most once while the stop is in flight',
    fault: (frames) => {
      const twice = frames.find(({ seen, decision }) => {
        const asked = new Set(
          seen.sample.inFlight.flatMap(({ action }) => (action.do === 'stop' ? [action.name] : [])),
        );
        return stops(decision).some((name) => asked.has(name));
      });
      return twice === undefined ? null : 'asked twice';
    },
    // It does not see what is under way.
    broken: (rules, seen, memory, previousMs) =>
      decide(rules, { ...seen, sample: { ...seen.sample, inFlight: [] } }, memory, previousMs),
  },
  {
    name: 'a pilot that is paused is thawed, or evicted when it has been for max_pause',
    shownBy: { signs: { ...quietWorld.signs, onBattery: known(true) } },
    fault: (frames) => {
      const pausedFor = new Map<string, number>();
      for (const frame of frames) {
        // Where nobody answers, or nobody remembers, time begins anew.
        const trouble = frame.world.engine !== 'answers' || frame.world.daemonDies || frame.world.startsFail;
        for (const { name, state } of frame.containers) {
          const seconds = state === 'paused' && !trouble ? (pausedFor.get(name) ?? 0) + 1 : 0;
          if (seconds > maxPauseSeconds + 62) return `${name} is paused for ${seconds} s`;
          pausedFor.set(name, seconds);
        }
      }
      return null;
    },
    broken: (rules, seen, memory, previousMs) => {
      const decision = decide({ ...rules, maxPauseMs: 1e12 }, seen, memory, previousMs);
      return { ...decision, actions: decision.actions.filter((action) => action.do !== 'thaw') };
    },
  },
  {
    name: 'memory is freed round an engine that hangs',
    shownBy: { ownerMemoryBytes: 62e9, engine: 'hangs' },
    fault: (frames) => {
      let shortFor = 0;
      for (const frame of frames) {
        const { world } = frame;
        const short = 64e9 - world.ownerMemoryBytes < reserveBytes && !world.blind.includes('memory');
        shortFor = short && world.engine === 'hangs' && !world.daemonDies ? shortFor + 1 : 0;
        if (shortFor > 8 && mortals(frame) > 0)
          return `${mortals(frame)} pilots after ${shortFor} s of shortage`;
      }
      return null;
    },
    broken: (rules, seen, memory, previousMs) =>
      decide({ ...rules, means: { ...rules.means, ownKill: false } }, seen, memory, previousMs),
  },
];
