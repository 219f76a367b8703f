import type { Outcome, PilotState } from '../model/pilot.ts';
import type { SinkState } from '../model/point.ts';
import type { Rule } from '../model/reason.ts';

/** What the daemon does, in the words that existing dashboards know: `waiting` is an engine that does not answer. */
export type DaemonStatus = 'active' | 'draining' | 'waiting';

/** Pilots of one kind by what they are doing. `prepared` are made ahead of time, `starting` are on their way. */
export type PilotCounts = Readonly<Record<Exclude<PilotState, 'created'> | 'prepared' | 'starting', number>>;

/** What stands for the kind of pilots that bear none, and of those of a kind that the configuration has no more. */
export const unknownKind = 'unknown';

/** One kind of pilots at a moment. */
export interface KindFacts {
  /** Its name, or `unknownKind`. */
  readonly kind: string;
  readonly pilots: PilotCounts;
  /** Fruitless pilots in a row, and how long it still waits for that; 0 for none. */
  readonly fruitless: number;
  readonly backOffMs: number;
}

/** Durations of one sort since the daemon began. */
export interface Timings {
  readonly count: number;
  readonly sumMs: number;
  /** How many lasted at most as long as each of `timingBoundsMs`, the longer ones left out: cumulative, in its order. */
  readonly atMost: readonly number[];
}

/** Upper bounds of `Timings.atMost`, in milliseconds. */
export const timingBoundsMs = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000] as const;

/** A way in which the engine was asked for something. */
export type EngineVerb =
  | 'connect'
  | 'list'
  | 'inspect'
  | 'create'
  | 'start'
  | 'stop'
  | 'kill'
  | 'pause'
  | 'unpause'
  | 'throttle'
  | 'remove'
  | 'find-image'
  | 'image-digest'
  | 'pull'
  | 'remove-image';

/** Calls of the engine since the daemon began; those that failed are among `timings`. */
export interface EngineCalls {
  readonly verb: EngineVerb;
  readonly failed: number;
  readonly timings: Timings;
}

/** Starts of one kind since the daemon began. */
export interface StartCount {
  readonly kind: string;
  readonly started: number;
  readonly failed: number;
}

/** Ends of pilots since the daemon began that have all of this in common. */
export interface EndCount {
  readonly kind: string;
  readonly outcome: Outcome;
  /** The rule by which it was ended; null for one that ended by itself. */
  readonly reason: Rule | null;
  readonly count: number;
}

/** What a resource was used for over time: divide by `knownMs` for a mean; take differences for one over a span. */
export interface Integral {
  /** Amount × milliseconds: CPU-milliseconds for CPUs, milliseconds of waiting for a share of time. */
  readonly sum: number;
  /** The time in which it could be read. */
  readonly knownMs: number;
}

/**
 * All that is told of a node at a moment, and what has happened since its daemon began. Plain data, the one source of
 * what goes to databases and to `/metrics`. Null: it cannot be read. Unknown is not zero.
 */
export interface NodeFacts {
  /** Unix milliseconds. */
  readonly atWallMs: number;
  /** As the node calls itself; series take it up to its first dot. */
  readonly hostname: string;
  readonly version: string;
  readonly status: DaemonStatus;
  readonly dryRun: boolean;
  /** How often it reports to databases (`main_sleep`). */
  readonly paceMs: number;
  readonly uptimeMs: number;
  readonly engine: {
    readonly answering: boolean;
    readonly product: string | null;
    readonly version: string | null;
  };
  /** The node's resources; CPUs are means over the last moments. */
  readonly node: {
    readonly cpus: number;
    /** CPUs in use by everything but pilots, and by pilots. */
    readonly ownerCpus: number | null;
    readonly pilotsCpus: number | null;
    readonly memoryTotalBytes: number | null;
    readonly memoryAvailableBytes: number | null;
    /** Memory that everything but pilots uses, and that pilots use. */
    readonly ownerMemoryBytes: number | null;
    readonly pilotsMemoryBytes: number | null;
    readonly swapTotalBytes: number | null;
    readonly swapFreeBytes: number | null;
    readonly diskTotalBytes: number | null;
    readonly diskFreeBytes: number | null;
  };
  /** Shares of the last moment, 0 to 1, in which some (`memoryFull`: all) of the owner's tasks waited. */
  readonly pressure: Readonly<Record<PressureName, number | null>>;
  /** The same since the daemon began. */
  readonly integrals: Readonly<Record<PressureName | 'ownerCpus' | 'pilotsCpus', Integral>>;
  readonly slots: {
    /** Most pilots that there may be, those that have a slot, and containers that only take room. */
    readonly limit: number;
    readonly taken: number;
    readonly unmanaged: number;
    /** The rule that keeps one more pilot from starting; null for none. */
    readonly refusal: Rule | null;
  };
  /** Those of the configuration in its order, then `unknown` where there are such pilots. */
  readonly kinds: readonly KindFacts[];
  readonly starts: readonly StartCount[];
  readonly ends: readonly EndCount[];
  /** From the end of a pilot to the start of the next one in its room, where nothing held that back. */
  readonly refillGaps: Timings;
  readonly engineCalls: readonly EngineCalls[];
  /** Since pilots first had any CPU on this boot of the node; null before, `ownerDelayMs` where the kernel does not tell. */
  readonly account: {
    readonly harvestedMs: number;
    readonly wastedMs: number;
    readonly ownerDelayMs: number | null;
  } | null;
  /** What the daemon itself takes. */
  readonly cost: {
    /** CPU time since it began. */
    readonly cpuMs: number;
    readonly residentBytes: number;
    /** How long its ticks took. */
    readonly ticks: Timings;
  };
  /** The databases that it writes to. */
  readonly sinks: readonly SinkState[];
}

/** What the owner's tasks may wait for. */
export type PressureName = 'cpu' | 'memory' | 'memoryFull' | 'io';
