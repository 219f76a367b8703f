import type { PilotRecord } from '../model/history.ts';
import type { PilotKeep } from '../model/keep.ts';
import type { Log } from '../model/log.ts';
import type { Settings } from '../model/settings.ts';
import { createJournal } from './journal.ts';
import type { SeenOfPilot } from './pilotLedger.ts';
import { createPilotLogs } from './pilotLogs.ts';

/** What keeping what is left of pilots takes. */
export interface PilotKeeperOptions {
  /** The daemon's log folder: `history.jsonl` and `pilots/` are in it. */
  readonly logFolder: string;
  readonly log: Log;
  /** The node's name as it is in the records. */
  readonly node: string;
  readonly retention: () => Settings['logRetention'];
  /** What was seen of a pilot's life until now. */
  readonly seenOf: (id: string) => SeenOfPilot;
  /** The digest of an image in its registry; null where none is known. */
  readonly digestOf: (imageId: string) => string | null;
  /** Told each record that is put into the journal, before its container is removed: once for each pilot, whoever dies. */
  readonly onRecord: (record: PilotRecord) => void;
}

/** Keeps logs and records of pilots; to be closed when nothing is removed any more. */
export interface PilotKeeper extends PilotKeep {
  close(): void;
}

/** Makes the keeper of what is left of pilots, and begins to look through the logs that are there. */
export function createPilotKeeper(options: PilotKeeperOptions): PilotKeeper {
  const { logFolder, log, retention } = options;
  const journal = createJournal({ folder: logFolder, log });
  const logs = createPilotLogs({ logFolder, log, retention });
  void logs.tidy();
  return {
    surroundingsOf: (id, imageId) => ({
      node: options.node,
      imageDigest: options.digestOf(imageId),
      ...options.seenOf(id),
    }),
    isRecorded: (id, endedAtWallMs) => journal.has(id, endedAtWallMs),
    log: (engine, pilot, signal) => logs.keep(engine, pilot, signal),
    record: (record) => {
      journal.append(record);
      options.onRecord(record);
    },
    close: () => journal.close(),
  };
}
