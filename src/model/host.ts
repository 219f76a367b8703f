import type { Reading } from './reading.ts';

/** Counters of the whole node's CPUs since boot, in CPU-milliseconds, summed over all CPUs. */
export interface CpuCounters {
  /** Time that ran something, the hypervisor's theft ("steal") included: idle and iowait are the rest. */
  readonly busyMs: number;
  /** Time of all CPUs, busy or not. */
  readonly totalMs: number;
}

/** Memory of the node as the kernel tells it. */
export interface MemoryLevels {
  readonly totalBytes: number;
  /** MemAvailable: what new work can have without swapping (proc(5)). */
  readonly availableBytes: number;
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

/** What the kernel told about the node at one instant. Each sense fails alone. */
export interface HostSample {
  readonly cpuCount: number;
  readonly cpu: Reading<CpuCounters>;
  /** CPU-milliseconds used by all pilots since their common parent cgroup was made. */
  readonly pilotsCpuMs: Reading<number>;
  readonly memory: Reading<MemoryLevels>;
  readonly disk: Reading<DiskLevels>;
  /** Tasks of the whole node waiting for storage, those of the pilots included. */
  readonly ioStall: Reading<StallCounters>;
  /** The same of the pilots alone, where the kernel tells it. */
  readonly pilotsIoStall: Reading<StallCounters>;
}

/** Where the daemon reads the node: the real one, a recorded one, or an invented one. */
export interface Host {
  /** Reads every sense once, synchronously (cheaper than asynchronous reads of kernel files, measured). Never throws. */
  sample(): HostSample;
}
