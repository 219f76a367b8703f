import type { Action, ActionResult } from '../model/action.ts';
import type { HostSample, MemoryLevels } from '../model/host.ts';
import type { Outcome, PilotActivity } from '../model/pilot.ts';
import type { PilotPaces } from './pilotsGrowth.ts';
import type { Reading } from '../model/reading.ts';
import type { Reason } from '../model/reason.ts';
import type { ControlFiles, EngineView } from '../model/view.ts';
import { type Account, type Budget, emptyAccount } from './budget.ts';
import type { KindMemories } from './kindMemory.ts';
import type { Held } from './ladder.ts';
import type { Renewal } from './renewal.ts';
import type { OwnWork } from './ownWork.ts';
import type { Profile, WeekMoment } from './profile.ts';
import type { Pressing, Sense } from './senses.ts';
import type { Wariness } from './wariness.ts';

export type { KindPolicy } from './kindPolicy.ts';
export type { Policy } from './policy.ts';

/** What is usual on this node hour by hour, and the hour it is. */
export interface Week {
  readonly profile: Profile;
  readonly now: WeekMoment;
}

/** An action that has begun and is not over. */
export interface InFlight {
  readonly action: Action;
  readonly sinceMs: number;
}

/** All that one tick knows of the world. Nothing in it is asked for later. */
export interface Sample {
  /** `Clock.nowMs` of this tick. */
  readonly atMs: number;
  readonly host: HostSample;
  readonly engine: EngineView;
  readonly control: ControlFiles;
  /** A signal asked the daemon to end. */
  readonly terminating: boolean;
  /** Another engine is configured: what was taken from pilots of this one is given back before it is let go of. */
  readonly leavesEngine: boolean;
  readonly inFlight: readonly InFlight[];
  /** What became of actions since the last tick. */
  readonly results: readonly ActionResult[];
  /** The owner's usual week and where in it this is; null where learning is off. */
  readonly week: Week | null;
  /** Bytes a second that pilots write to their logs, by container id, where that is known. */
  readonly logRates: ReadonlyMap<string, number>;
  /** What pilots say that they do, by container id; who says nothing is not in it. */
  readonly activities: ReadonlyMap<string, PilotActivity>;
  /** Names nobody bears, for pilots that this tick may start. */
  readonly freshNames: readonly string[];
}

/** What the readings mean. */
export interface Seen {
  readonly sample: Sample;
  /** The sample that the next rates are reckoned from. */
  readonly base: Sample;
  /** CPUs that everything but our pilots kept busy, a mean over the last seconds. */
  readonly ownerCpus: Reading<number>;
  /** The same between the last two looks alone. */
  readonly ownerCpusNow: Reading<number>;
  /** Tasks that wanted a CPU at the look before. */
  readonly runnableBefore: Reading<number>;
  /** False while that is only an upper bound, because the pilots cannot be told apart: good for no eviction. */
  readonly ownerIsExact: boolean;
  readonly pilotsCpus: Reading<number>;
  readonly memory: Reading<MemoryLevels>;
  readonly ownerPressure: OwnerPressure;
  /** What the engine did for us lately, which the kernel charges to the owner. */
  readonly ownWork: OwnWork | null;
  /** When this daemon first looked at the node. */
  readonly sinceMs: number;
  /** Memory that everything but our pilots uses, and its change in bytes a second between the last two looks. */
  readonly ownerMemoryBytes: Reading<number>;
  readonly ownerMemoryRate: Reading<number>;
  /** The growth that two looks in a row showed, the lesser one: a single step is no pace. 0 or more. */
  readonly ownerMemoryGrowth: Reading<number>;
  /** What pilots used at the last looks, all of them and each. */
  readonly paces: PilotPaces;
}

/** Shares of time, 0 to 1, in which some (or all) of the owner's tasks waited for a resource. */
export interface OwnerPressure {
  readonly cpu: Reading<number>;
  readonly memory: Reading<number>;
  readonly memoryFull: Reading<number>;
  readonly io: Reading<number>;
}

/** Room for one pilot that has been filled, and is refilled when its pilot ends. */
export interface Slot {
  /** The pilot in it, or null while it waits for its next one. */
  readonly pilot: string | null;
  /** Name of the kind of that pilot, or of the one before; absent where that is not known. */
  readonly kind?: string;
  /** Since when it has had its pilot; absent while it has none. */
  readonly sinceMs?: number;
  /** Fruitless starts of this kind in a row. */
  readonly failures: number;
  /** Not before this time is it filled again by this kind. */
  readonly notBeforeMs: number;
  /** The CPU limit that its pilot was started with; absent for one that was found. */
  readonly cpus?: number;
}

/** A pilot that was asked to end, and what its outcome will be. */
export interface Leaving {
  readonly pilot: string;
  readonly outcome: Outcome;
  /** Why; absent in a memory that an earlier version left. */
  readonly why?: Reason;
  /** When it was first asked; one that an earlier version left is given the time at which it is found. */
  readonly sinceMs?: number;
  /** It was killed through its own cgroup, which the engine has not told yet: what it held is free. */
  readonly killed?: true;
  /** How often a kill did not end it (what waits for a disk cannot be killed), and when last. */
  readonly failedKills?: { readonly times: number; readonly lastMs: number };
}

/** A container that was made ahead of time, of which kind and by which recipe. */
export interface Spare {
  readonly pilot: string;
  readonly kind: string;
  readonly recipe: string;
}

/** What is known of containers made ahead of time. */
export interface Spares {
  readonly pilots: readonly Spare[];
  /** When a slot was last refilled; null when none was. */
  readonly lastRefillMs: number | null;
  /** None is made before this time. */
  readonly notBeforeMs: number;
}

/** The legacy CPU rule's running account, judged once in each `main_sleep`. */
export interface CpuAccount {
  readonly sinceMs: number;
  /** Sum of owner's CPUs × milliseconds over the time that could be read, and that time. */
  readonly ownerCpuMs: number;
  readonly readMs: number;
  /** Sum of pilots' CPUs × milliseconds over the same time. */
  readonly pilotsCpuMs: number;
  /** CPUs of all guests for which the window that was last judged had CPU time that nobody used. */
  readonly guestCpus: number;
  /** The owner's mean CPUs at the last judgement; null before the first. */
  readonly judgedCpus: number | null;
}

/** What must be remembered from tick to tick. Times are `Clock.nowMs`, good for one boot of the node. */
export interface Memory {
  readonly slots: readonly Slot[];
  readonly leaving: readonly Leaving[];
  readonly spares: Spares;
  /** Since when the owner has been short of CPU at each judgement; null when he was not. */
  readonly shortSinceMs: number | null;
  readonly lastEvictionMs: number | null;
  /** The current window of growth, and how many slots were newly filled in it. */
  readonly growth: { readonly sinceMs: number; readonly starts: number } | null;
  readonly cpu: CpuAccount | null;
  /** Pilots that we laid hands on: shrunk, paused, or about to be given back what was taken. */
  readonly held: readonly Held[];
  /** Senses in which the owner is, or was lately, disturbed. */
  readonly senses: Readonly<Partial<Record<Sense, Pressing>>>;
  /** How careful the last evictions for memory's sake make us, and those on a sign's account; null: there were none. */
  readonly wariness: Wariness | null;
  readonly signWariness: Wariness | null;
  readonly budget: Budget | null;
  readonly account: Account;
  /** Orders to replace pilots that are not done with. */
  readonly renewals: readonly Renewal[];
  /** Files of orders that were carried over into `renewals` and may be there still: found again, they are no new orders. */
  readonly ordersTaken: readonly string[];
  /** What kinds have had, and how they fared, by name. */
  readonly kinds: KindMemories;
}

/** A control file that may be removed: one of these, or the file of an order that was taken. */
export type ControlClear = 'stop' | 'force-stop' | `.taken-${string}`;

/** What one tick decided. */
export interface Decision {
  readonly actions: readonly Action[];
  /** What `dry_run` keeps from being done; empty without it. */
  readonly withheld: readonly Action[];
  readonly memory: Memory;
  /** Why there is not one pilot more: empty when the limit is reached. Most fundamental first. */
  readonly refusals: readonly Reason[];
  /** Pilots that run or are paused, ours to manage; and what the original left, which only takes room. */
  readonly running: number;
  readonly unmanaged: number;
  /** Control files that have done their work. */
  readonly clear: readonly ControlClear[];
  /** The daemon ends, for this reason. */
  readonly exit: 'signal' | 'drained' | 'force-stopped' | null;
}

/** A memory of nothing: a first start, or a new boot. */
export const emptyMemory: Memory = {
  slots: [],
  leaving: [],
  spares: { pilots: [], lastRefillMs: null, notBeforeMs: 0 },
  shortSinceMs: null,
  lastEvictionMs: null,
  growth: null,
  cpu: null,
  held: [],
  senses: {},
  wariness: null,
  signWariness: null,
  budget: null,
  account: emptyAccount,
  renewals: [],
  ordersTaken: [],
  kinds: {},
};
