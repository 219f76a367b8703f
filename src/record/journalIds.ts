import * as fs from 'node:fs';
import { historyNumbers, historyPath, withHistoryFiles } from './historyFiles.ts';
import { newHead, readHead } from './historyHead.ts';
import { eachLineBackward, type OnLine } from './historyLines.ts';
import { recordIn } from './journalLine.ts';
import { readLater } from './laterFile.ts';

/** So many of the last records are known by heart: many more than there are containers that have ended and are still there. */
const mostKnown = 1024;
const pieceBytes = 65_536;
/** Behind the last text of a line there are a quotation mark and a brace. */
const lineEndBytes = 2;

/**
 * Which pilots have a record. A daemon that was killed between the record of a pilot and the removal of its container
 * finds the container again, and the record among the last ones.
 */
export class JournalIds {
  readonly #folder: string;
  /** By id, when its pilot ended; the one that was longest not asked for comes first. */
  readonly #known = new Map<string, number>();
  /** No pilot that ended later has a record that is not known; null while all are. */
  #unknownUntilMs: number | null = null;
  #isLoaded = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads the end of the journal, once. Throws what the file system throws. */
  load(): void {
    if (this.#isLoaded) return;
    const newestFirst = lastRecords(this.#folder);
    const later = [...this.#known];
    this.#known.clear();
    for (const [id, endedAtWallMs] of newestFirst.toReversed()) this.#known.set(id, endedAtWallMs);
    const oldest = newestFirst[mostKnown - 1];
    if (oldest !== undefined) this.#unknownUntilMs = oldest[1];
    for (const [id, endedAtWallMs] of later) this.add(id, endedAtWallMs);
    this.#isLoaded = true;
  }

  /** Notes that there is a record of this pilot now. */
  add(id: string, endedAtWallMs: number): void {
    this.#known.delete(id);
    this.#known.set(id, endedAtWallMs);
    for (const [oldest, itsEndMs] of this.#known) {
      if (this.#known.size <= mostKnown) return;
      this.#known.delete(oldest);
      this.#unknownUntilMs = Math.max(this.#unknownUntilMs ?? 0, itsEndMs);
    }
  }

  /** Whether a pilot is among those that are known. */
  knows(id: string): boolean {
    const endedAtWallMs = this.#known.get(id);
    if (endedAtWallMs !== undefined) this.add(id, endedAtWallMs);
    return endedAtWallMs !== undefined;
  }

  /**
   * Whether a pilot has a record. One that ended before the oldest that is known, a container that cannot be removed
   * for days, is looked for in the whole journal, beside the tick; one that never ran is not (null).
   */
  async has(id: string, endedAtWallMs: number | null): Promise<boolean> {
    if (this.knows(id)) return true;
    const mayBeOlder =
      endedAtWallMs !== null && this.#unknownUntilMs !== null && endedAtWallMs <= this.#unknownUntilMs;
    if (!mayBeOlder || !(await isInFiles(this.#folder, id))) return false;
    this.add(id, endedAtWallMs);
    return true;
  }
}

/** Id and end of the last pilots that have a record, the newest first. */
function lastRecords(folder: string): readonly (readonly [string, number])[] {
  const newestFirst: [string, number][] = [];
  const head = newHead();
  const note: OnLine = (bytes, from, to) => {
    if (readHead(bytes, from, to, head)) newestFirst.push([idIn(bytes, from, to), head.endMs]);
    return newestFirst.length < mostKnown;
  };
  withHistoryFiles(folder, (files) =>
    files.every(({ fd, bytes }) => eachLineBackward(fd, bytes, note, pieceBytes)),
  );
  return newestFirst;
}

/** The id of a record: the last text of its line, mostly. */
function idIn(bytes: Buffer, from: number, to: number): string {
  const end = to - lineEndBytes;
  const begin = bytes.lastIndexOf(0x22, end - 1) + 1;
  const id = begin > from ? bytes.toString('latin1', begin, end) : '';
  return /^[\w.-]+$/.test(id) && bytes.toString('latin1', begin - 6, begin) === '"id":"'
    ? id
    : (recordIn(bytes.toString('utf8', from, to))?.id ?? '');
}

async function isInFiles(folder: string, id: string): Promise<boolean> {
  const wanted = Buffer.from(`"id":${JSON.stringify(id)}}\n`);
  for (const number of historyNumbers(folder)) {
    if (await isInFile(historyPath(folder, number), wanted)) return true;
  }
  return false;
}

/** Reads by the thread pool: a gigabyte of journal may have to come from the disk. */
async function isInFile(path: string, wanted: Buffer): Promise<boolean> {
  // Rotated away meanwhile: it is found under its next number.
  if (!fs.existsSync(path)) return false;
  const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    const bytes = Buffer.allocUnsafeSlow(4 * pieceBytes);
    let kept = 0;
    for (;;) {
      const read = await readLater(fd, bytes, kept, bytes.length - kept, null);
      if (read === 0) return false;
      const end = kept + read;
      if (bytes.subarray(0, end).includes(wanted)) return true;
      kept = Math.min(end, wanted.length - 1);
      bytes.copyWithin(0, end - kept, end);
    }
  } finally {
    fs.closeSync(fd);
  }
}
