import type { ToldOutcome } from './kind.ts';

/**
 * What holds for one pilot for as long as it runs: what its kind said when it was started. It is told of a part of this
 * beforehand, and has a container of these limits, so that a later change of its kind is for new pilots.
 */
export interface PilotRules {
  /** CPUs, bytes of memory and of swap that it may use. */
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
  /** How long it may run; each pilot its own time, shorter by up to `ttlJitter` (0 to 1) of it. */
  readonly ttlMs: number;
  readonly ttlJitter: number;
  readonly stopGraceMs: number;
  /** The signal that gives notice, by name, where no engine has a part in it. */
  readonly stopSignal: string;
  /** Bytes a second that it may write to its log; `Infinity` for no bound. */
  readonly logRateBytes: number;
  /** One that says nothing of its end and lived for less than this found no work, or failed. */
  readonly fizzleMs: number;
  /** What exit codes stand for. */
  readonly outcomes: Readonly<Record<string, ToldOutcome>>;
}
