import type { Engine } from './engine.ts';
import type { PilotRecord } from './history.ts';

/** What of a pilot's record its container does not tell, or not any more. */
export type RecordSurroundings = Pick<
  PilotRecord,
  'node' | 'imageDigest' | 'cpuMs' | 'peakMemoryBytes' | 'pausedMs' | 'imageId' | 'startedAtWallMs'
>;

/**
 * Keeps what is left of a pilot before its container is removed: its log, and its record in the journal. Nothing here
 * throws or rejects. An engine that gives no log is told and holds up no removal; a disk that is full does.
 */
export interface PilotKeep {
  /** `imageId` as the container tells it; null where that is gone. */
  surroundingsOf(id: string, imageId: string | null): RecordSurroundings;
  /** Whether its record is in the journal: then its log was kept, too. */
  isRecorded(id: string): Promise<boolean>;
  /** Why it is of no use to try to record this one now; null where it is not known to be. */
  mustWait(id: string): string | null;
  /** Resolves when its log is kept or given up, in seconds at most; at once when `signal` aborts, and then nothing is kept. */
  log(
    engine: Engine,
    pilot: { readonly id: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Puts a record into the journal, unless one of this id is there. Gives why its container has to stay, null where it may
   * go; what `mustGo`, by order or because it is gone, waits in memory where it cannot be written.
   */
  record(record: PilotRecord, mustGo: boolean): string | null;
  /** A container was removed: there may be room now for what waits. */
  removed(): void;
}

/** Keeps nothing, and knows nothing. */
export function noKeep(node: string): PilotKeep {
  const nothingSeen = { cpuMs: null, peakMemoryBytes: null, pausedMs: 0, startedAtWallMs: null };
  return {
    surroundingsOf: (_id, imageId) => ({ node, imageDigest: null, imageId: imageId ?? '', ...nothingSeen }),
    isRecorded: () => Promise.resolve(false),
    mustWait: () => null,
    log: () => Promise.resolve(),
    record: () => null,
    removed: () => undefined,
  };
}
