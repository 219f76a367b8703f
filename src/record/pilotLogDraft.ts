import { closeSync, constants, openSync, renameSync, rmSync } from 'node:fs';
import { readLater, writeLater } from './laterFile.ts';

const blockBytes = 65_536;
/** What of a bounded log is its beginning; the rest is its end. */
const headPart = 0.1;
/** Room for the line that says what is left out. */
const markBytes = 100;
const { O_CREAT, O_EXCL, O_RDWR } = constants;

/** Endings of names of files that are not whole yet: what a crash leaves of them nobody misses. */
export const draftEndings = ['.new', '.whole'] as const;

/**
 * Writes a log of any length to a file of bounded size: its head and its tail, with a line between them that says how
 * much is left out. The tail goes round in the file itself, so that 64 kB of memory do. What is in it are bytes.
 */
export class PilotLogDraft {
  readonly #path: string;
  readonly #headBytes: number;
  readonly #tailBytes: number;
  readonly #block = Buffer.allocUnsafeSlow(blockBytes);
  readonly #fd: number;
  #isOpen = true;
  #filled = 0;
  /** How much was taken, what is still in the block included. */
  #taken = 0;

  /** `path` is where the log is to be in the end. Throws what the file system throws. */
  constructor(path: string, mostBytes: number) {
    const room = Math.max(0, mostBytes - markBytes);
    this.#path = path;
    this.#headBytes = Math.floor(room * headPart);
    this.#tailBytes = Math.max(1, room - this.#headBytes);
    this.#fd = openNew(this.#at('.new'));
  }

  /** How much was taken so far. */
  get takenBytes(): number {
    return this.#taken;
  }

  /** Takes more of the log. Where that gives a promise, it is to be waited for; it rejects with what the file system throws. */
  take(bytes: Uint8Array): Promise<void> | undefined {
    if (bytes.length > blockBytes - this.#filled) return this.#takeMuch(bytes);
    this.#fill(bytes);
    return undefined;
  }

  /** Puts the log in place, with `note` as its last line where there is one; gives its size in bytes. */
  async finish(note: string): Promise<number> {
    const end = note === '' ? Buffer.alloc(0) : Buffer.from(`\n[plancton: ${note}]\n`);
    try {
      await this.#spill();
      const isWhole = this.#taken <= this.#headBytes + this.#tailBytes;
      if (isWhole) await writeLater(this.#fd, end, this.#taken);
      else await this.#unroll(end);
      renameSync(this.#at(isWhole ? '.new' : '.whole'), this.#path);
      return Math.min(this.#taken, this.#headBytes + this.#tailBytes) + end.length;
    } finally {
      this.discard();
    }
  }

  /** Lets go of it, and of what is not in place; once is enough. Never throws. */
  discard(): void {
    // The number of a closed file may be somebody else's by now.
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      closeSync(this.#fd);
      for (const ending of draftEndings) rmSync(this.#at(ending), { force: true });
    } catch {
      // The next look through the folder removes what is left.
    }
  }

  #at(ending: (typeof draftEndings)[number]): string {
    return `${this.#path}${ending}`;
  }

  async #takeMuch(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      if (this.#filled === blockBytes) await this.#spill();
      const part = bytes.subarray(done, done + blockBytes - this.#filled);
      this.#fill(part);
      done += part.length;
    }
  }

  #fill(bytes: Uint8Array): void {
    this.#block.set(bytes, this.#filled);
    this.#filled += bytes.length;
    this.#taken += bytes.length;
  }

  /** Writes the block to where it belongs: after the head the file is a ring. */
  async #spill(): Promise<void> {
    let offset = this.#taken - this.#filled;
    let rest = this.#block.subarray(0, this.#filled);
    while (rest.length > 0) {
      const { position, room } = this.#placeOf(offset);
      const part = rest.subarray(0, room);
      await writeLater(this.#fd, part, position);
      offset += part.length;
      rest = rest.subarray(part.length);
    }
    this.#filled = 0;
  }

  #placeOf(offset: number): { position: number; room: number } {
    if (offset < this.#headBytes) return { position: offset, room: this.#headBytes - offset };
    const inTail = (offset - this.#headBytes) % this.#tailBytes;
    return { position: this.#headBytes + inTail, room: this.#tailBytes - inTail };
  }

  /** Copies head and ring, in their order, to a file of their own. */
  async #unroll(end: Buffer): Promise<void> {
    const leftOut = this.#taken - this.#headBytes - this.#tailBytes;
    const mark = Buffer.from(`\n[plancton: ${leftOut} bytes are left out here]\n`);
    const { position, room } = this.#placeOf(this.#taken);
    const to = openNew(this.#at('.whole'));
    try {
      let at = await this.#copy(to, 0, this.#headBytes, 0);
      await writeLater(to, mark, at);
      at = await this.#copy(to, position, room, at + mark.length);
      at = await this.#copy(to, this.#headBytes, this.#tailBytes - room, at);
      await writeLater(to, end, at);
    } finally {
      closeSync(to);
    }
  }

  /** Copies so many bytes of the draft to a place in another file; gives the place behind them. */
  async #copy(to: number, from: number, length: number, at: number): Promise<number> {
    let done = 0;
    while (done < length) {
      const wanted = Math.min(blockBytes, length - done);
      const read = await readLater(this.#fd, this.#block, 0, wanted, from + done);
      if (read === 0) throw new Error(`${this.#at('.new')} has become shorter`);
      await writeLater(to, this.#block.subarray(0, read), at + done);
      done += read;
    }
    return at + length;
  }
}

/** A new file, never one that is there: that may have another mode, or be a link to anywhere. */
function openNew(path: string): number {
  rmSync(path, { force: true });
  return openSync(path, O_RDWR | O_CREAT | O_EXCL, 0o640);
}
