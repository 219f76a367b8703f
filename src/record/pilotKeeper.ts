import type { KnownPilot, PilotRecord } from '../model/history.ts';
import type { PilotKeep } from '../model/keep.ts';
import type { Log } from '../model/log.ts';
import type { PilotEnd } from '../model/pilot.ts';
import type { Settings } from '../model/settings.ts';
import { HeldEnds } from './heldEnds.ts';
import { createJournal } from './journal.ts';
import type { PilotLedger } from './pilotLedger.ts';
import { createPilotLogs } from './pilotLogs.ts';

/** What keeping what is left of pilots takes. */
export interface PilotKeeperOptions {
  /** The daemon's log folder: `history.jsonl` and `pilots/` are in it. */
  readonly logFolder: string;
  readonly log: Log;
  /** The node's name as it is in the records. */
  readonly node: string;
  readonly retention: () => Settings['logRetention'];
  /** What was seen of pilots' lives until now. */
  readonly ledger: PilotLedger;
  /** `Clock.nowMs`. */
  readonly nowMs: () => number;
  /** The digest of an image in its registry; null where none is known. */
  readonly digestOf: (imageId: string) => string | null;
  /** Told each record that is put into the journal, before its container is removed: once for each pilot, whoever dies. */
  readonly onRecord: (record: PilotRecord) => void;
}

/** Keeps logs and records of pilots; to be closed when nothing is removed any more. */
export interface PilotKeeper extends PilotKeep {
  /** Pilots without a record that are not among those any more that the ledger was told of last. */
  missing(): readonly KnownPilot[];
  /** Whether this daemon has seen a pilot before its end, so that no other one has made its record. */
  wasMet(id: string): boolean;
  /** Whether it has seen it at all. */
  wasSeen(id: string): boolean;
  /** How a pilot ended that this daemon, or the one before, saw end with its engine; null for any other. */
  endedWithEngine(id: string): PilotEnd | null;
  close(): void;
}

/** Makes the keeper of what is left of pilots, and begins to look through the logs that are there. */
export function createPilotKeeper(options: PilotKeeperOptions): PilotKeeper {
  const { logFolder, log, retention, ledger, nowMs } = options;
  const journal = createJournal({
    folder: logFolder,
    log,
    onWritten: (id) => ledger.noteRecorded(id),
    onWaiting: (record) => ledger.noteWaiting(record),
  });
  const held = new HeldEnds({ journal, log, nowMs });
  const logs = createPilotLogs({ logFolder, log, retention });
  void logs.tidy();

  /** One that has a record, if only in memory as yet, is not missed; a crash must find it missing still. */
  const hasRecord = (id: string): boolean => {
    const isKnown = journal.knows(id);
    if (isKnown && journal.trouble === '') ledger.noteRecorded(id);
    return isKnown;
  };
  return {
    surroundingsOf(id, imageId) {
      const seen = ledger.of(id, nowMs());
      const whole = { ...seen, imageId: imageId ?? seen.imageId };
      return { node: options.node, imageDigest: options.digestOf(whole.imageId), ...whole };
    },
    async isRecorded(id) {
      if (!ledger.wasMet(id)) await journal.has(id);
      return hasRecord(id);
    },
    mustWait: (id) => held.mustWait(id),
    log: (engine, pilot, signal) => logs.keep(engine, pilot, signal),
    record(record, mustGo) {
      const why = held.record(record, mustGo);
      if (why === null) options.onRecord(record);
      return why;
    },
    removed: () => journal.flush(),
    missing: () => ledger.missing().filter(({ id }) => !hasRecord(id)),
    wasMet: (id) => ledger.wasMet(id),
    wasSeen: (id) => ledger.wasSeen(id),
    endedWithEngine: (id) => ledger.endedWithEngine(id),
    close: () => journal.close(),
  };
}
