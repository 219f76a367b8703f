import * as fs from 'node:fs';
import { agesOf } from './ages.ts';
import { historyNumbers, historyPath } from './historyFiles.ts';

/** The file calls that it makes; a test lets some of them fail. */
export type JournalCalls = Pick<
  typeof fs,
  | 'openSync'
  | 'closeSync'
  | 'readSync'
  | 'writeSync'
  | 'ftruncateSync'
  | 'fstatSync'
  | 'statSync'
  | 'existsSync'
  | 'renameSync'
  | 'rmSync'
  | 'mkdirSync'
>;

/** What the journal's file needs to know. */
export interface JournalFileOptions {
  readonly folder: string;
  /** Then it becomes `.1`. */
  readonly mostBytes: number;
  /** How many old files are kept beside it, and for how long after they were last written. */
  readonly keep: number;
  readonly keepMs: number;
  /** Unix milliseconds. */
  readonly wallMs: () => number;
  /** Told of what does not keep it from writing: that it cannot rotate, say. */
  readonly onTrouble: (text: string) => void;
  readonly calls?: JournalCalls;
}

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDWR } = fs.constants;
/** A file is rolled at the latest after this part of the time that old ones are kept: age must be able to have an effect. */
const agePart = 8;

/**
 * The file of the journal. A line is one write at its end, so that a process killed at any instant leaves all earlier
 * lines as they were and at most the last one cut short; that one is ended when the file is next opened, and skipped by
 * who reads it. There is no fsync: what a process wrote outlives it in the kernel's memory, only a crash of the node
 * itself may take the last seconds, and to wait for a disk that pilots keep busy would cost the tick up to seconds.
 */
export class JournalFile {
  readonly #options: Required<JournalFileOptions>;
  readonly #path: string;
  #fd: number | null = null;
  #bytes = 0;
  #sinceMs = 0;
  #torn = false;
  #cannotRoll = false;

  constructor(options: JournalFileOptions) {
    this.#options = { calls: fs, ...options };
    this.#path = historyPath(options.folder, 0);
  }

  /** Opens it, ends a torn last line, and removes old files that have had their time. Throws what the file system throws. */
  open(): void {
    const { calls, folder, wallMs } = this.#options;
    if (this.#fd !== null) return;
    if (!calls.existsSync(folder)) calls.mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Without O_NONBLOCK, a FIFO in its place would hold up the daemon for ever.
    const fd = calls.openSync(this.#path, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK, 0o640);
    const stat = calls.fstatSync(fd);
    if (!stat.isFile()) {
      calls.closeSync(fd);
      throw new Error(`${this.#path} is not a regular file`);
    }
    this.#fd = fd;
    this.#bytes = stat.size;
    this.#sinceMs = this.#firstStamp(fd) ?? wallMs();
    this.#torn = stat.size > 0 && this.#read(fd, 1, stat.size - 1) !== '\n';
    this.#removeOld();
  }

  /** Adds a line, which ends in a newline. Throws what the file system throws; then nothing of it is in the file. */
  append(line: string): void {
    if (this.#fd !== null && !this.#isStillThere()) this.close();
    this.open();
    const whole = Buffer.from(this.#torn ? `\n${line}` : line);
    if (this.#bytes > 0 && this.#isFull(whole.length)) this.#roll();
    if (this.#fd === null) this.open();
    this.#write(whole);
  }

  /** Lets go of it. */
  close(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) this.#options.calls.closeSync(fd);
  }

  #write(whole: Buffer): void {
    const { calls } = this.#options;
    const fd = this.#fd ?? -1;
    const before = this.#bytes;
    try {
      for (let done = 0; done < whole.length; ) {
        const written = calls.writeSync(fd, whole, done);
        done += written;
        this.#bytes += written;
      }
      this.#torn = false;
    } catch (error) {
      this.#takeBack(fd, before);
      throw error;
    }
  }

  /** A disk that fills up takes the beginning of a line: no reader is to find that. */
  #takeBack(fd: number, before: number): void {
    if (this.#bytes === before) return;
    try {
      this.#options.calls.ftruncateSync(fd, before);
      this.#bytes = before;
    } catch {
      this.#torn = true;
    }
  }

  /** When the pilot of its first line ended: not every file system knows when a file was made. */
  #firstStamp(fd: number): number | null {
    const stamp = /^\{"v":1,"end":(\d+)/.exec(this.#read(fd, 64, 0))?.[1];
    return stamp === undefined ? null : Number(stamp);
  }

  #read(fd: number, bytes: number, position: number): string {
    const buffer = Buffer.alloc(bytes);
    return buffer.toString('latin1', 0, this.#options.calls.readSync(fd, buffer, 0, bytes, position));
  }

  /** Somebody may have moved or removed it: the next line goes where readers look. */
  #isStillThere(): boolean {
    const { calls } = this.#options;
    if (this.#fd === null) return false;
    const ours = calls.fstatSync(this.#fd);
    const there = calls.statSync(this.#path, { throwIfNoEntry: false });
    this.#bytes = ours.size;
    return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
  }

  #isFull(more: number): boolean {
    const { mostBytes, keepMs, wallMs } = this.#options;
    return this.#bytes + more > mostBytes || wallMs() - this.#sinceMs > keepMs / agePart;
  }

  /** Where renaming fails the file grows on: better too long than lost. */
  #roll(): void {
    const { calls, folder, keep } = this.#options;
    try {
      // Up to the first free number, so that a roll cut short by a crash never overwrites one.
      let free = 1;
      while (free < keep && calls.existsSync(historyPath(folder, free))) free += 1;
      for (let number = free; number > 0; number -= 1)
        calls.renameSync(historyPath(folder, number - 1), historyPath(folder, number));
      this.#cannotRoll = false;
    } catch (error) {
      if (!this.#cannotRoll) this.#tell(`cannot rotate ${this.#path}, it grows on`, error);
      this.#cannotRoll = true;
      return;
    }
    this.close();
  }

  /** A clock that is wrong after a boot must not cost the node its history: see `ages.ts`. */
  #removeOld(): void {
    const { calls, folder, keep, keepMs, wallMs } = this.#options;
    try {
      // Their numbers, and not their stamps, tell in which order they were written.
      const files = historyNumbers(folder).map((number) => {
        const path = historyPath(folder, number);
        return { number, path, writtenMs: calls.statSync(path).mtimeMs };
      });
      const written = files.map(({ writtenMs }) => writtenMs);
      const ages = agesOf(written, wallMs(), keepMs);
      for (const [index, { number, path }] of files.entries())
        if (number > keep || (number > 0 && (ages[index] ?? 0) > keepMs)) calls.rmSync(path);
    } catch (error) {
      this.#tell(`cannot remove old files of ${this.#path}`, error);
    }
  }

  #tell(what: string, error: unknown): void {
    this.#options.onTrouble(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
