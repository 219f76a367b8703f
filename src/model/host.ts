import type { Reading } from './reading.ts';

/** Counters of the whole node's CPUs since boot, in CPU-milliseconds, summed over all CPUs. */
export interface CpuCounters {
  /** Time that ran something, the hypervisor's theft ("steal") included: idle and iowait are the rest. */
  readonly busyMs: number;
  /** Time of all CPUs, busy or not. */
  readonly totalMs: number;
  /** The part of it that the hypervisor gave to others ("steal"); absent where the kernel does not tell. */
  readonly stealMs?: number;
}

/** Memory of the node as the kernel tells it. */
export interface MemoryLevels {
  readonly totalBytes: number;
  /** MemAvailable: what new work can have without swapping (proc(5)). */
  readonly availableBytes: number;
  /** Free memory that CPUs keep at hand, which is not in it; absent where it was not asked for, or cannot be read. */
  readonly atHandBytes?: number;
  readonly swapTotalBytes: number;
  readonly swapFreeBytes: number;
}

/** Space on the file system that holds the engine's data. */
export interface DiskLevels {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** Time, since boot, in which some (or all) of the node's tasks waited for a resource (PSI `total`, in milliseconds). */
export interface StallCounters {
  readonly someMs: number;
  readonly fullMs: number;
}

/** Stalls of one group of tasks, for each resource. */
export interface Pressures {
  readonly cpu: Reading<StallCounters>;
  readonly memory: Reading<StallCounters>;
  readonly io: Reading<StallCounters>;
}

/** Stalls of one group of the owner's. */
export interface OwnerGroup extends Pressures {
  /** What tells it from the others; those without one are the same ones, in the same order, as before. */
  readonly group?: string;
}

/** What one pilot uses, by its own cgroup. */
export interface PilotUse {
  /** Memory that its end would free: its use without the file cache that the kernel can drop by itself. */
  readonly memoryBytes: number;
  /** CPU time since it started. */
  readonly cpuMs: number;
  /** `Clock.nowMs` of this reading: pilots are read in turn, not all of them at each sample. */
  readonly readAtMs: number;
}

/** Signs of the owner's presence and wishes. Each is off by default: null where it is not asked for. */
export interface OwnerSigns {
  /** Milliseconds since somebody at the node touched a keyboard, a mouse or a terminal; `Infinity` when nobody is there. */
  readonly userIdleMs: Reading<number> | null;
  readonly onBattery: Reading<boolean> | null;
  /** Those of the named programs that run now. */
  readonly programs: Reading<readonly string[]> | null;
  /** The hottest sensor, in degrees Celsius. */
  readonly temperatureC: Reading<number> | null;
  /** Whether pilots may run by the time of day, and how long until that changes (`Infinity`: never). */
  readonly window: { readonly open: boolean; readonly changesInMs: number } | null;
}

/** What the kernel told about the node at one instant. Each sense fails alone. */
export interface HostSample {
  readonly cpuCount: number;
  readonly cpu: Reading<CpuCounters>;
  /** CPU-milliseconds used by all pilots, as a sum that only grows: whoever comes or goes brings or takes nothing. */
  readonly pilotsCpuMs: Reading<number>;
  readonly memory: Reading<MemoryLevels>;
  /** Memory that the end of all pilots would make available: what they use, without file cache. */
  readonly pilotsMemoryBytes: Reading<number>;
  readonly disk: Reading<DiskLevels>;
  /** Tasks that run or want to run now, on all CPUs (`procs_running` of /proc/stat), the pilots' included. */
  readonly runnable: Reading<number>;
  readonly pressure: {
    /** Tasks of the whole node, those of the pilots included: a union, from which nothing can be subtracted exactly. */
    readonly node: Pressures;
    readonly pilots: Pressures;
    /** Groups that are the owner's alone (`user.slice`, `system.slice` where cgroup v2 has them); empty elsewhere. */
    readonly owner: readonly OwnerGroup[];
  };
  /** By container id: those that were read lately. */
  readonly pilotUse: ReadonlyMap<string, PilotUse>;
  readonly signs: OwnerSigns;
}

/** What is looked at only where memory asks for it: each costs more than all that is read at each sample. */
export interface CloserLook {
  /** Whether what CPUs keep at hand is wanted beside these levels, which lack it. */
  atHand(levels: MemoryLevels): boolean;
  /** Whether every pilot's use is wanted now, and not that of those alone whose turn it is. */
  allPilots(levels: MemoryLevels): boolean;
}

/** What a sample is asked for beyond the node itself. */
export interface HostQuestion {
  readonly nowMs: number;
  readonly wallMs: number;
  /** Containers of ours that run or are paused: their use is read, a few of them at each sample. */
  readonly pilotIds: readonly string[];
  /** Those of them that were asked to end: each reading may be the last, and is what is known of them for good. */
  readonly endingIds?: ReadonlySet<string>;
  /** What more is looked at once memory has been read; nothing where it is absent. */
  readonly closerLook?: CloserLook;
}

/** Where the daemon reads the node: the real one, a recorded one, or an invented one. */
export interface Host {
  /** Reads every sense once, synchronously (cheaper than asynchronous reads of kernel files, measured). Never throws. */
  sample(question: HostQuestion): HostSample;
}
