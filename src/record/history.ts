import type { PilotRecord } from '../model/history.ts';
import type { Outcome } from '../model/pilot.ts';
import { type HistoryFile, withHistoryFiles } from './historyFiles.ts';
import { type Head, newHead, readHead } from './historyHead.ts';
import { eachLine, eachLineBackward, type OnLine } from './historyLines.ts';
import { recordIn } from './journalLine.ts';

/** Which records are asked for; null: whatever they have there. */
export interface HistoryFilter {
  /** Ended at or after, and before, these Unix milliseconds. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly kind: string | null;
  readonly outcome: Outcome | null;
  readonly name: string | null;
}

/** What is asked of the journal. */
export interface HistoryQuery extends HistoryFilter {
  /** In the order in which they were recorded, which is nearly that in which they ended. */
  readonly order: 'newest' | 'oldest';
  /** Most records that are told; `Infinity` for all. */
  readonly limit: number;
}

/** A record that fits. All of it is good only until the call that it was given to returns. */
export interface Match {
  readonly head: Readonly<Head>;
  /** Its line as it is in the journal, without a newline. */
  bytes(): Buffer;
  /** All of it; null where the line proves to be none, for all that its beginning looks well. */
  record(): PilotRecord | null;
}

/** What came of a query. */
export interface HistoryTold {
  readonly matches: number;
  /** False where the limit, or whoever was told, ended it. */
  readonly complete: boolean;
  /** Lines that are no records: torn by a crash, or of a later version. */
  readonly unreadable: number;
}

/** Told from time to time how many bytes of a journal were read, of all that are looked at. */
export type OnRead = (doneBytes: number, allBytes: number) => void;

/** It is told how far the reading is each time that so much was read. */
const tellEveryBytes = 4_000_000;

/** A file may have been written last by a clock that has been put right since. */
const clockSlackMs = 86_400_000;

/**
 * Tells the records of the journal in `folder` that fit, one by one; `onMatch` gives false to have no more. Nothing is
 * kept, so that memory does not grow with the journal: a few megabytes, whatever its size. Works while a daemon writes
 * and rotates, and without one. Throws what the file system throws; a journal that is not there has no records.
 */
export function queryHistory(
  folder: string,
  query: HistoryQuery,
  onMatch: (match: Match) => boolean | void,
  onRead: OnRead = () => undefined,
): HistoryTold {
  const head = newHead();
  const line: { bytes: Buffer; from: number; to: number } = { bytes: Buffer.alloc(0), from: 0, to: 0 };
  const match: Match = {
    head,
    bytes: () => line.bytes.subarray(line.from, line.to),
    record: () => recordIn(line.bytes.toString('utf8', line.from, line.to)),
  };
  let matches = 0;
  let unreadable = 0;
  let [doneBytes, nextBytes, allBytes] = [0, tellEveryBytes, 0];

  const look: OnLine = (bytes, from, to, isEnded) => {
    doneBytes += to - from + 1;
    if (doneBytes >= nextBytes) {
      nextBytes = doneBytes + tellEveryBytes;
      onRead(doneBytes, allBytes);
    }
    if (from === to) return true;
    if (!readHead(bytes, from, to, head)) {
      // What has no newline yet is being written at this moment; the daemon's next start ends one that is torn.
      if (isEnded) unreadable += 1;
      return true;
    }
    if (!fits(query, head)) return true;
    if (matches >= query.limit) return false;
    line.bytes = bytes;
    line.from = from;
    line.to = to;
    matches += 1;
    return onMatch(match) !== false;
  };

  const complete = withHistoryFiles(folder, (files) => {
    const wanted = files.filter((file) => mayHold(file, query));
    allBytes = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
    if (query.order === 'newest') return wanted.every((file) => eachLineBackward(file.fd, file.bytes, look));
    return wanted.toReversed().every((file) => eachLine(file.fd, look));
  });
  return { matches, complete, unreadable };
}

/** A record is written after its pilot has ended: a file holds none that ended after it was last written. */
function mayHold({ writtenWallMs }: HistoryFile, { sinceMs }: HistoryFilter): boolean {
  return sinceMs === null || writtenWallMs + clockSlackMs >= sinceMs;
}

function fits({ sinceMs, untilMs, kind, outcome, name }: HistoryFilter, head: Head): boolean {
  return (
    (sinceMs === null || head.endMs >= sinceMs) &&
    (untilMs === null || head.endMs < untilMs) &&
    (kind === null || head.kind === kind) &&
    (outcome === null || head.outcome === outcome) &&
    (name === null || head.name === name)
  );
}
