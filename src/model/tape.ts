import type { KernelMeans } from './means.ts';
import type { Rule } from './reason.ts';

/**
 * What is kept of some seconds of a node: what its owner did, and what there was. Null: it could not be read. Absent:
 * nobody asked for it. Shares are of time, 0 to 1; amounts of CPUs are means over the span.
 */
export interface TapeFrame {
  /** When the span ended: Unix milliseconds, and `Clock.nowMs`, which begins anew with each boot of the node. */
  readonly wallMs: number;
  readonly atMs: number;
  /** How long it was; what lies between the end of one span and the beginning of the next one was not watched. */
  readonly spanMs: number;
  readonly cpuCount: number;
  /** CPUs of everything but pilots, theft by a hypervisor included; and that theft alone. */
  readonly ownerCpus: number | null;
  readonly stealCpus: number | null;
  readonly pilotsCpus: number | null;
  readonly memoryTotalBytes: number | null;
  /** The least in the span. */
  readonly memoryAvailableBytes: number | null;
  /** Memory that everything but pilots used at the end of the span, and the most of it in the span. */
  readonly ownerMemoryBytes: number | null;
  readonly ownerPeakBytes: number | null;
  readonly pilotsMemoryBytes: number | null;
  readonly swapTotalBytes: number | null;
  readonly swapFreeBytes: number | null;
  readonly diskTotalBytes: number | null;
  readonly diskFreeBytes: number | null;
  /** Shares of the span in which some of the owner's tasks (`memoryFull`: all) waited; what the engine did for us is left out. */
  readonly cpuStall: number | null;
  readonly memoryStall: number | null;
  readonly memoryFullStall: number | null;
  readonly ioStall: number | null;
  /** `Infinity`: nobody is there. */
  readonly userIdleMs?: number | null;
  readonly onBattery?: boolean | null;
  readonly temperatureC?: number | null;
  /** Those of the programs asked for that ran. */
  readonly programs?: readonly string[] | null;
  /** Pilots that ran and that were paused, means over the span. */
  readonly running: number;
  readonly paused: number;
  /** CPUs that running pilots had been made to do without (shrunk), a mean. */
  readonly takenCpus: number;
  /** What could be done to pilots, and the class that they were in. */
  readonly means: KernelMeans;
  /** False where pilots could not be told apart from the owner. */
  readonly ownerIsExact: boolean;
  readonly isDraining: boolean;
  /** Whether the engine answered, and had told what there is. */
  readonly isAnswering: boolean;
  /** The rule that kept one more pilot from starting at the end of the span; null for none. */
  readonly refusal: Rule | null;
}

/** Where frames go. Never throws and never waits. */
export interface Tape {
  add(frame: TapeFrame): void;
  /** Writes what waits. */
  close(): void;
}
