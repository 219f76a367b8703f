import { historyNumbers, historyPath, withHistoryFiles } from './historyFiles.ts';
import { newHead, readHead } from './historyHead.ts';
import { eachLineBackward, type OnLine } from './historyLines.ts';
import { idsInFile } from './journalSearch.ts';
import { recordIn } from './journalLine.ts';

/** So many of the last records are known by heart: many more than there are containers that have ended and are still there. */
const mostKnown = 1024;
const pieceBytes = 65_536;
/** Behind the last text of a line there are a quotation mark and a brace. */
const lineEndBytes = 2;

/**
 * Which pilots have a record. A daemon that was killed between the record of a pilot and the removal of its container
 * finds the container again, and the record among the last ones, or in the files: no clock has a part in it, which may
 * have been put back since.
 */
export class JournalIds {
  readonly #folder: string;
  /** The one that was longest not asked for comes first. */
  readonly #known = new Set<string>();
  /** There are records that are not known. */
  #isMore = false;
  #isLoaded = false;
  /** What is being looked for in the files, and the search that will take it. */
  #wanted = new Set<string>();
  #search: Promise<ReadonlySet<string>> | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads the end of the journal, once. Throws what the file system throws. */
  load(): void {
    if (this.#isLoaded) return;
    const newestFirst = lastRecords(this.#folder);
    const later = [...this.#known];
    this.#known.clear();
    for (const id of newestFirst.toReversed()) this.#known.add(id);
    this.#isMore = newestFirst.length >= mostKnown;
    for (const id of later) this.add(id);
    this.#isLoaded = true;
  }

  /** Notes that there is a record of this pilot now. */
  add(id: string): void {
    this.#known.delete(id);
    this.#known.add(id);
    for (const oldest of this.#known) {
      if (this.#known.size <= mostKnown) return;
      this.#known.delete(oldest);
      this.#isMore = true;
    }
  }

  /** Whether a pilot is among those that are known. */
  knows(id: string): boolean {
    if (!this.#known.has(id)) return false;
    this.add(id);
    return true;
  }

  /**
   * Whether a pilot has a record. One that is not known, a container that cannot be removed for days, is looked for in
   * the whole journal, beside the tick; those that are asked for at the same time are found together.
   */
  async has(id: string): Promise<boolean> {
    if (this.knows(id)) return true;
    if (!this.#isMore) return false;
    this.#wanted.add(id);
    this.#search ??= this.#begin();
    const found = (await this.#search).has(id);
    if (found) this.add(id);
    return found;
  }

  async #begin(): Promise<ReadonlySet<string>> {
    await new Promise(setImmediate);
    const wanted = this.#wanted;
    this.#wanted = new Set();
    this.#search = null;
    const found = new Set<string>();
    for (const number of historyNumbers(this.#folder)) {
      if (found.size === wanted.size) break;
      for (const id of await idsInFile(historyPath(this.#folder, number), wanted)) found.add(id);
    }
    return found;
  }
}

/** The ids of the last pilots that have a record, the newest first. */
function lastRecords(folder: string): readonly string[] {
  const newestFirst: string[] = [];
  const head = newHead();
  const note: OnLine = (bytes, from, to) => {
    if (readHead(bytes, from, to, head)) newestFirst.push(idIn(bytes, from, to));
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
