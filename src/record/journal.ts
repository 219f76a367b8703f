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
  /** Told of each record that is in the file, and of each that waits in memory. */
  readonly onWritten?: (id: string) => void;
  readonly onWaiting?: (record: PilotRecord) => void;
}

/** The journal of ended pilots, as the daemon writes it. Nothing of it throws or rejects, and nothing waits for a disk that is full. */
export interface Journal {
  /** Adds a record, unless there is one of this id; false where it cannot be written now: then nothing of it is kept here. */
  write(record: PilotRecord): boolean;
  /** The same, but where that fails the record goes to the log, waits in memory, and is tried again with the next one. */
  append(record: PilotRecord): void;
  /** Why it could not be written when it was last tried; empty when it could. */
  readonly trouble: string;
  /** Tries to write what waits. */
  flush(): void;
  /** Whether this daemon knows of a record of this id: it is one of its own, or of the last ones. */
  knows(id: string): boolean;
  /** Whether there is a record of this id, however old it is. */
  has(id: string): Promise<boolean>;
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
  const written = options.onWritten ?? (() => undefined);
  let waiting: readonly PilotRecord[] = [];
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
      log.error(`cannot write the journal of pilots in ${folder}, its records have to wait: ${why}`);
    trouble = why;
  }

  /** Writes what waits, the oldest first; tells whether nothing waits any more. */
  function drain(): boolean {
    try {
      for (const record of waiting) {
        file.append(journalLine(record));
        waiting = waiting.slice(1);
        written(record.id);
      }
    } catch (error) {
      fail(error);
      return false;
    }
    return true;
  }

  function tellAgain(): void {
    if (trouble !== '') log.info(`the journal of pilots in ${folder} is written again`);
    trouble = '';
  }

  function write(record: PilotRecord): boolean {
    load();
    if (ids.knows(record.id)) return true;
    if (!drain()) return false;
    try {
      file.append(journalLine(record));
    } catch (error) {
      fail(error);
      return false;
    }
    ids.add(record.id);
    written(record.id);
    tellAgain();
    return true;
  }

  return {
    write,
    append(record) {
      if (write(record)) return;
      ids.add(record.id);
      waiting = [...waiting, record].slice(-mostWaiting);
      options.onWaiting?.(record);
      log.warn(`not in the journal yet: the end of ${record.name}`, shapeOf(record));
    },
    get trouble() {
      return trouble;
    },
    flush() {
      if (waiting.length > 0 && drain()) tellAgain();
    },
    knows(id) {
      load();
      return ids.knows(id);
    },
    async has(id) {
      load();
      try {
        return await ids.has(id);
      } catch (error) {
        log.warn(`cannot look for ${id} in the journal of pilots: ${errorLine(error)}`);
        return false;
      }
    },
    close() {
      if (!drain()) {
        const names = waiting.map(({ name }) => name).join(', ');
        log.error(`not in the journal, and not in memory any more: the ends of ${names}: ${trouble}`);
      }
      file.close();
    },
  };
}
