/** One point of a time series, in the shape that any database takes; every number is written as a float. */
export interface Point {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | string | boolean>>;
  readonly atWallMs: number;
}

/** What a sink says of itself in `status`. */
export interface SinkState {
  /** Fit for printing: no password. */
  readonly target: string;
  readonly state: 'idle' | 'ok' | 'failing';
  /** Last error in one line; empty when there is none. */
  readonly error: string;
  readonly sentPoints: number;
  readonly waitingPoints: number;
  readonly droppedPoints: number;
  /** What of those that wait is on the disk, and the most that may be; absent where nothing is kept there. */
  readonly spool?: { readonly bytes: number; readonly mostBytes: number };
}

/** Somewhere to tell the world. Never throws and never waits. */
export interface Sink {
  write(points: readonly Point[]): void;
  state(): SinkState;
  /** Tries to send what is left, for at most `deadlineMs`, and lets go of everything. */
  close(deadlineMs: number): Promise<void>;
}
