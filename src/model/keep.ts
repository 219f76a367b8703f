import type { Engine } from './engine.ts';
import type { PilotRecord } from './history.ts';

/** What of a pilot's record its container does not tell. */
export type RecordSurroundings = Pick<
  PilotRecord,
  'node' | 'imageDigest' | 'cpuMs' | 'peakMemoryBytes' | 'pausedMs'
>;

/**
 * Keeps what is left of a pilot before its container is removed: its log, and its record in the journal. Nothing here
 * throws or rejects: a disk that is full, or an engine that gives no log, is told and holds up no removal.
 */
export interface PilotKeep {
  surroundingsOf(id: string, imageId: string): RecordSurroundings;
  /** Whether its record is in the journal: then its log was kept, too. The end is null for one that never ran. */
  isRecorded(id: string, endedAtWallMs: number | null): Promise<boolean>;
  /** Resolves when its log is kept or given up, in seconds at most; at once when `signal` aborts, and then nothing is kept. */
  log(
    engine: Engine,
    pilot: { readonly id: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<void>;
  /** Puts a record into the journal, unless one of this id is there. */
  record(record: PilotRecord): void;
}

/** Keeps nothing, and knows nothing. */
export function noKeep(node: string): PilotKeep {
  return {
    surroundingsOf: () => ({ node, imageDigest: null, cpuMs: null, peakMemoryBytes: null, pausedMs: 0 }),
    isRecorded: () => Promise.resolve(false),
    log: () => Promise.resolve(),
    record: () => undefined,
  };
}
