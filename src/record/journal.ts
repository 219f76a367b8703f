import type { PilotRecord } from '../model/history.ts';
import type { Log } from '../model/log.ts';
import { type JournalCalls, JournalFile } from './journalFile.ts';
import { JournalIds } from './journalIds.ts';
import { journalLine, shapeOf } from './journalLine.ts';
import { errorLine } from './oneLine.ts';

/** What a journal is made of. */
export interface JournalOptions {
  /** Holds `history.jsonl` and the old ones. */
  readonly folder: string;
  readonly log: Log;
  readonly wallMs?: () => number;
  readonly mostBytes?: number;
  readonly keep?: number;
  readonly keepMs?: number;
  readonly calls?: JournalCalls;
}

/** The journal of ended pilots, as the daemon writes it. Nothing of it throws or rejects, and nothing waits for a disk that is full. */
export interface Journal {
  /** Adds a record, unless there is one of this id. Where that fails it goes to the log, and is tried again with the next one. */
  append(record: PilotRecord): void;
  /** Whether there is a record of this id; the end is that of its pilot, null for one that never ran. */
  has(id: string, endedAtWallMs: number | null): Promise<boolean>;
  /** Tries once more to write what could not be written, and lets go of the file. */
  close(): void;
}

/** About a hundred and fifty thousand pilots in a file. */
const defaultMostBytes = 64_000_000;
const defaultKeep = 16;
/** Two years: the last one is complete when it is reported on. */
const defaultKeepMs = 731 * 86_400_000;
/** More than this is not held for a disk that stays full: it is in the log. */
const mostWaiting = 1000;

/** Opens the journal at the first use. */
export function createJournal(options: JournalOptions): Journal {
  const { folder, log } = options;
  const file = new JournalFile({
    folder,
    mostBytes: options.mostBytes ?? defaultMostBytes,
    keep: options.keep ?? defaultKeep,
    keepMs: options.keepMs ?? defaultKeepMs,
    wallMs: options.wallMs ?? Date.now,
    onTrouble: (text) => log.warn(text),
    ...(options.calls === undefined ? {} : { calls: options.calls }),
  });
  const ids = new JournalIds(folder);
  let waiting: readonly string[] = [];
  let trouble = '';

  /** Where the journal cannot be read, what this daemon wrote is all that is known. */
  function load(): void {
    try {
      ids.load();
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    const why = errorLine(error);
    if (why !== trouble)
      log.error(`cannot write the journal of pilots in ${folder}, its records go to the log: ${why}`);
    trouble = why;
  }

  /** Writes what waits, the oldest first; tells whether nothing waits any more. */
  function drain(): boolean {
    try {
      for (const line of waiting) {
        file.append(line);
        waiting = waiting.slice(1);
      }
    } catch (error) {
      fail(error);
      return false;
    }
    if (trouble !== '') log.info(`the journal of pilots in ${folder} is written again`);
    trouble = '';
    return true;
  }

  return {
    append(record) {
      load();
      if (ids.knows(record.id)) return;
      ids.add(record.id, record.endedAtWallMs);
      waiting = [...waiting, journalLine(record)].slice(-mostWaiting);
      if (!drain()) log.warn(`not in the journal yet: the end of ${record.name}`, shapeOf(record));
    },
    async has(id, endedAtWallMs) {
      load();
      try {
        return await ids.has(id, endedAtWallMs);
      } catch (error) {
        log.warn(`cannot look for ${id} in the journal of pilots: ${errorLine(error)}`);
        return false;
      }
    },
    close() {
      drain();
      file.close();
    },
  };
}
