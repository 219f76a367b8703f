import type { PilotRules } from './pilotRules.ts';
import type { Reading } from './reading.ts';

/** What the engine says a container is doing. */
export type PilotState = 'created' | 'running' | 'paused' | 'ended';

/** How a pilot's life went, told once per pilot. */
export type Outcome = 'finished' | 'failed' | 'no-work' | 'expired' | 'evicted' | 'never-started' | 'lost';

/**
 * What a pilot said of its own end: its `shutdown_message`, as the machine/job features convention has it. The code is
 * null where none is written; 2xx means that it is done, 3xx that it found no work, 4xx to 7xx that it failed.
 */
export interface LastWord {
  readonly code: number | null;
  readonly text: string;
}

/** A pilot's end as the engine told it. */
export interface PilotEnd {
  readonly exitCode: number | null;
  /** Milliseconds between its start and its end, by the engine's own stamps. */
  readonly livedMs: number;
  /** What it said itself; null for nothing. */
  readonly said: LastWord | null;
  /** It ended with the engine, and not by itself. */
  readonly engineRestart?: true;
}

/**
 * One pilot, as the engine last told.
 * `managed` pilots are ours by proof and may be acted on; the others only take room (what the original left behind).
 */
export interface Pilot {
  readonly id: string;
  readonly name: string;
  readonly managed: boolean;
  /** The kind that its label names; null where it bears none. The kind may be gone from the configuration. */
  readonly kind: string | null;
  /** What it was started with and keeps; absent for one that bears none (an earlier version's, one of the original's). */
  readonly rules?: PilotRules;
  readonly state: PilotState;
  readonly imageId: string;
  /** When it started, in `Clock.nowMs` terms; unknown for one that has not started or whose process cannot be seen. */
  readonly startedAtMs: Reading<number>;
  /** Since when we have seen it in this state, in `Clock.nowMs` terms. */
  readonly stateSinceMs: number;
  readonly end: PilotEnd | null;
}

/** What a running pilot says that it does: null where it says nothing of it. */
export interface PilotActivity {
  readonly activity: 'idle' | 'busy' | null;
  /** How much of what it does is done, 0 to 1. */
  readonly progress: number | null;
}

/** What a pilot says before it has said anything. */
export const silent: PilotActivity = { activity: null, progress: null };
