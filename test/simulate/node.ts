import type { Action, ActionResult } from '../../src/model/action.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { known, unknown } from '../../src/model/reading.ts';
import type { ControlFiles } from '../../src/model/view.ts';
import { observe } from '../../src/decide/observe.ts';
import {
  type Decision,
  emptyMemory,
  type Memory,
  type Policy,
  type Sample,
  type Seen,
} from '../../src/decide/types.ts';
import { engineWith, hostAt, sampleAt } from '../decide/world.ts';

/** Anything that decides as `decide` does: the real one, or one that is broken on purpose. */
export type Decider = (policy: Policy, seen: Seen, memory: Memory, previousMs: number) => Decision;

/** What the world does to the node in one second. */
export interface Turn {
  readonly ownerCpus: number;
  readonly memoryFreeBytes: number;
  /** Pilots that end by themselves: how many, and with which exit code. */
  readonly ending: number;
  readonly exitCode: number;
  readonly startsFail: boolean;
  /** Every so-manieth start fails. */
  readonly failEvery?: number;
  readonly engineAway: boolean;
  readonly cpuBlind: boolean;
  readonly control: ControlFiles;
  /** The daemon dies and another follows, which knows what was saved. */
  readonly daemonDies: boolean;
}

export const quietTurn: Turn = {
  ownerCpus: 0,
  memoryFreeBytes: 60e9,
  ending: 0,
  exitCode: 0,
  startsFail: false,
  engineAway: false,
  cpuBlind: false,
  control: { drain: false, stop: false, forceStop: false },
  daemonDies: false,
};

/** What one tick saw and decided, for whoever judges it. */
export interface Frame {
  readonly turn: Turn;
  readonly seen: Seen;
  readonly decision: Decision;
  readonly containers: readonly Pilot[];
}

const tickMs = 1000;
/** Verbs take this many ticks, so that some are always in flight. */
const ticksOf: Record<Action['do'], number> = {
  start: 2,
  prepare: 1,
  discard: 1,
  stop: 3,
  reap: 1,
  remove: 1,
  pull: 1,
  'remove-image': 1,
};

/**
 * A node that reacts: containers are made, started, ended and removed by what is decided; what the owner takes, the
 * counters show. Pure but for its own state; a day of it takes seconds.
 */
export function simulate(
  decider: Decider,
  policy: Policy,
  turns: readonly Turn[],
  foreign: readonly Pilot[] = [],
): Frame[] {
  let nowMs = 1_000_000;
  let memory: Memory = emptyMemory;
  let seen: Seen | null = null;
  let containers: Pilot[] = [...foreign];
  let flights: { action: Action; sinceMs: number; ticks: number }[] = [];
  let results: ActionResult[] = [];
  let started = 0;
  const busy = { owner: 0, pilots: 0 };
  const frames: Frame[] = [];

  const land = (action: Action, turn: Turn): ActionResult => {
    if (action.do === 'start') started += 1;
    const fails = turn.startsFail || (turn.failEvery !== undefined && started % turn.failEvery === 0);
    const ok = !(action.do === 'start' && fails) && !turn.engineAway;
    if (ok) containers = carriedOut(containers, action, nowMs);
    return { action, ok, fact: null, error: ok ? '' : 'it failed', fault: ok ? null : 'failed', tookMs: 1 };
  };

  for (const turn of turns) {
    nowMs += tickMs;
    const alive = containers.filter((one) => one.state === 'running');
    busy.owner += turn.ownerCpus * tickMs;
    // Pilots take all that they may and the owner leaves: they are in the kernel's idle class.
    const wanted = alive.filter((one) => one.managed).length * policy.cpusPerPilot;
    busy.pilots += Math.min(wanted, 4 - turn.ownerCpus) * tickMs;
    containers = ending(containers, turn, nowMs);
    for (const flight of flights) flight.ticks -= 1;
    results = flights.filter((flight) => flight.ticks <= 0).map((flight) => land(flight.action, turn));
    flights = flights.filter((flight) => flight.ticks > 0);
    if (turn.daemonDies) {
      // What was in flight may or may not have reached the engine: here it did.
      for (const flight of flights) containers = carriedOut(containers, flight.action, nowMs);
      [flights, results, seen] = [[], [], null];
    }
    const sample: Sample = sampleAt(nowMs, {
      host: {
        ...hostAt(nowMs),
        cpu: turn.cpuBlind
          ? unknown('blind')
          : known({ busyMs: busy.owner + busy.pilots, totalMs: 4 * nowMs }),
        pilotsCpuMs: known(busy.pilots),
        memory: known({
          totalBytes: 64e9,
          availableBytes: turn.memoryFreeBytes,
          swapTotalBytes: 0,
          swapFreeBytes: 0,
        }),
      },
      engine: engineWith(
        containers,
        turn.engineAway ? { state: 'waiting', listed: false, reason: 'away' } : {},
      ),
      control: turn.control,
      inFlight: flights.map(({ action, sinceMs }) => ({ action, sinceMs })),
      results,
    });
    const previousMs = seen?.sample.atMs ?? nowMs;
    seen = observe(seen, sample);
    const decision = decider(policy, seen, memory, previousMs);
    memory = decision.memory;
    frames.push({ turn, seen, decision, containers });
    for (const action of decision.actions) {
      flights.push({ action, sinceMs: nowMs, ticks: ticksOf[action.do] });
    }
  }
  return frames;
}

function ending(containers: readonly Pilot[], turn: Turn, nowMs: number): Pilot[] {
  let left = turn.ending;
  return containers.map((one) => {
    if (!one.managed || one.state !== 'running' || left-- <= 0) return one;
    const livedMs = one.startedAtMs.known ? nowMs - one.startedAtMs.value : 0;
    return { ...one, state: 'ended', stateSinceMs: nowMs, end: { exitCode: turn.exitCode, livedMs } };
  });
}

function madeAt(nowMs: number, name: string, state: 'created' | 'running'): Pilot {
  const startedAtMs = state === 'running' ? known(nowMs) : unknown('it has not started');
  return {
    id: name,
    name,
    managed: true,
    state,
    imageId: 'sha256:1',
    startedAtMs,
    stateSinceMs: nowMs,
    end: null,
  };
}

function carriedOut(containers: readonly Pilot[], action: Action, nowMs: number): Pilot[] {
  switch (action.do) {
    case 'start':
      return [...containers.filter((one) => one.name !== action.name), madeAt(nowMs, action.name, 'running')];
    case 'prepare':
      return [...containers, madeAt(nowMs, action.name, 'created')];
    case 'stop':
      return containers.map((one) =>
        one.name === action.name && one.state === 'running'
          ? { ...one, state: 'ended', stateSinceMs: nowMs, end: { exitCode: 143, livedMs: 60_000 } }
          : one,
      );
    case 'discard':
    case 'reap':
    case 'remove':
      return containers.filter((one) => one.name !== action.name);
    case 'pull':
    case 'remove-image':
      return [...containers];
  }
}
