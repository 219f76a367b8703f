import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { errorLine } from './oneLine.ts';

/** The file calls that it makes; a test lets some of them fail. */
export type FileCalls = Pick<
  typeof fs,
  | 'openSync'
  | 'closeSync'
  | 'writeSync'
  | 'fstatSync'
  | 'statSync'
  | 'existsSync'
  | 'renameSync'
  | 'mkdirSync'
>;

/** What a rotating file needs to know. */
export interface RotatingFileOptions {
  readonly path: string;
  readonly mostBytes: number;
  /** How many old files are kept: `.1` is the newest. */
  readonly keep: number;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number;
  /** Told once when lines begin to be lost, and once when old files cannot be renamed. */
  readonly onTrouble: (text: string) => void;
  /** The line that tells, in the file, how many are missing before it. */
  readonly lossLine: (lost: number, why: string) => string;
  readonly calls?: FileCalls;
}

const lookAgainAfterMs = 1_000;
const renameAgainAfterMs = 60_000;
const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = fs.constants;

/**
 * A file of lines that never grows beyond a size: then it becomes `.1`, what was `.1` becomes `.2`, and so on. Written
 * synchronously, so that no line is lost when the process ends. Never throws: what cannot be written is counted, and
 * told in the file as soon as it can be. A file that someone moved or removed is made anew within a second.
 */
export class RotatingFile {
  /** Where the file of the run before went at the start; null when there was none. */
  readonly rolledTo: string | null;
  readonly #options: Required<RotatingFileOptions>;
  #fd: number | null = null;
  #bytes = 0;
  #torn = false;
  #lost = 0;
  #why = '';
  #lookAtMs = 0;
  #renameAtMs = 0;

  constructor(options: RotatingFileOptions) {
    this.#options = { calls: fs, ...options };
    this.#attempt(() => this.#open());
    this.rolledTo = this.#bytes > 0 && this.#roll() ? `${options.path}.1` : null;
  }

  /** Lines that could not be written and have not been told of yet. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes one line; it must end in a newline. */
  write(line: string): void {
    const whole = this.#lost > 0 ? this.#options.lossLine(this.#lost, this.#why) + line : line;
    const written = this.#attempt(() => {
      this.#makeReady(Buffer.byteLength(whole));
      this.#append(whole);
    });
    this.#lost = written ? 0 : this.#lost + 1;
  }

  /** Lets go of the file. */
  close(): void {
    this.#attempt(() => this.#letGo());
  }

  #attempt(work: () => void): boolean {
    try {
      work();
      this.#why = '';
      return true;
    } catch (error) {
      const why = errorLine(error);
      if (this.#why === '') this.#options.onTrouble(`cannot write the log ${this.#options.path}: ${why}`);
      this.#why = why;
      return false;
    }
  }

  #makeReady(bytes: number): void {
    const now = this.#options.nowMs();
    if (now >= this.#lookAtMs) {
      this.#lookAtMs = now + lookAgainAfterMs;
      if (this.#fd !== null && !this.#isStillThere()) this.#letGo();
      if (this.#fd === null) this.#open();
    }
    if (this.#bytes > 0 && this.#bytes + bytes > this.#options.mostBytes && now >= this.#renameAtMs)
      this.#roll();
  }

  #append(text: string): void {
    if (this.#fd === null) throw new Error(this.#why || 'it is closed');
    let rest = Buffer.from(this.#torn ? `\n${text}` : text);
    while (rest.length > 0) {
      const written = this.#options.calls.writeSync(this.#fd, rest);
      this.#bytes += written;
      rest = rest.subarray(written);
      // Until the whole line is there, the next one has to begin with a newline.
      this.#torn = rest.length > 0;
    }
  }

  #open(): void {
    const { calls, path } = this.#options;
    if (!calls.existsSync(dirname(path))) calls.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // Without O_NONBLOCK, a FIFO in its place would hold up the daemon for ever.
    const fd = calls.openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o640);
    const stat = calls.fstatSync(fd);
    if (!stat.isFile()) {
      calls.closeSync(fd);
      throw new Error('it is not a regular file');
    }
    this.#fd = fd;
    this.#bytes = stat.size;
  }

  #letGo(): void {
    const fd = this.#fd;
    this.#fd = null;
    this.#torn = false;
    if (fd !== null) this.#options.calls.closeSync(fd);
  }

  #isStillThere(): boolean {
    if (this.#fd === null) return false;
    const { calls, path } = this.#options;
    const ours = calls.fstatSync(this.#fd);
    const there = calls.statSync(path, { throwIfNoEntry: false });
    this.#bytes = ours.size;
    return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
  }

  /** Where renaming fails the file grows on: better too long than silent. */
  #roll(): boolean {
    const { calls, path } = this.#options;
    try {
      this.#shift();
      calls.renameSync(path, `${path}.1`);
    } catch (error) {
      this.#renameAtMs = this.#options.nowMs() + renameAgainAfterMs;
      this.#options.onTrouble(`cannot rotate the log ${path}, it grows on: ${errorLine(error)}`);
      return false;
    }
    this.#attempt(() => {
      this.#letGo();
      this.#open();
    });
    return true;
  }

  /** Moves old files up to the first free number, so that a roll cut short by a crash never overwrites one. */
  #shift(): void {
    const { calls, path, keep } = this.#options;
    let free = 1;
    while (free < keep && calls.existsSync(`${path}.${free}`)) free += 1;
    for (let number = free; number > 1; number -= 1) {
      calls.renameSync(`${path}.${number - 1}`, `${path}.${number}`);
    }
  }
}
