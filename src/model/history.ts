import type { Outcome, PilotEnd } from './pilot.ts';
import type { Reason } from './reason.ts';

/**
 * Whether what a pilot was at is lost because somebody else ended it in its work: the owner's claims, the engine's end, an
 * operator who would not wait (`renew --now`). Who had his time (which he was told of), whose kind closes by its own
 * schedule, or who wrote more to his log than his kind may, had what his kind asks for, as those had who ended by themselves.
 */
export function isWorkLost(outcome: string, rule: string | null): boolean {
  if (outcome === 'evicted') return rule !== 'log';
  return outcome === 'lost' || (outcome === 'expired' && rule === 'renew');
}

/** What is kept of one pilot for good: a line of the journal. Times are Unix milliseconds by the engine's stamps. */
export interface PilotRecord {
  readonly name: string;
  /** The engine's id of its container: no two records have the same. */
  readonly id: string;
  readonly node: string;
  /** Null for a pilot of the original, or of an earlier version, which bears none. */
  readonly kind: string | null;
  /** The image's id (`sha256:…`), and its digest in its registry where one is known. */
  readonly imageId: string;
  readonly imageDigest: string | null;
  /** Null when it never started. */
  readonly startedAtWallMs: number | null;
  readonly endedAtWallMs: number;
  readonly outcome: Outcome;
  readonly exitCode: number | null;
  /** Name of the signal that ended it (`SIGKILL`), as its exit code tells; null for none. */
  readonly signal: string | null;
  readonly outOfMemory: boolean;
  /** CPU time by its own cgroup, as it was last read; null where it never was. */
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  /** How long it was paused in all. */
  readonly pausedMs: number;
  /** Why it was ended, where it did not end by itself. */
  readonly reason: Reason | null;
  /** What it said of its own end, or what kept it from starting; empty for nothing. */
  readonly said: string;
}

/** A pilot that has no record yet, as a daemon knows it and leaves it to the next one. */
export interface KnownPilot {
  readonly name: string;
  readonly id: string;
  readonly kind: string | null;
  /** The engine that has it; empty where that was not written down. */
  readonly endpoint: string;
  readonly imageId: string;
  /** By our own clock; null where its start is not known. */
  readonly startedAtWallMs: number | null;
  /** Null until its end has been seen. */
  readonly end: PilotEnd | null;
  /** What its outcome is because it was asked to end, or because its record says so, and why; null for neither. */
  readonly asked: { readonly outcome: Outcome; readonly why: Reason | null } | null;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  /** Pauses that are over, and since when it is paused now, in `Clock.nowMs` terms. */
  readonly pausedMs: number;
  readonly pausedSinceMs: number | null;
}
