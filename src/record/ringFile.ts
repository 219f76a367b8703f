import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

/** The file calls that it makes; a test lets some of them fail. */
export type RingCalls = Pick<
  typeof fs,
  'openSync' | 'closeSync' | 'writeSync' | 'readSync' | 'fstatSync' | 'ftruncateSync' | 'mkdirSync'
>;

/** How large a ring is. */
export interface RingShape {
  readonly slots: number;
  readonly slotBytes: number;
}

/** So much is read at a time: the daemon does other things in between. */
const chunkSlots = 512;
const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = fs.constants;

/**
 * A file of so many slots of so many bytes, which never grows and is not held open. What is in it is whoever's who wrote
 * it: a slot that was never written is of zeros.
 */
export class RingFile {
  readonly #path: string;
  readonly #shape: RingShape;
  readonly #calls: RingCalls;

  constructor(path: string, shape: RingShape, calls: RingCalls = fs) {
    this.#path = path;
    this.#shape = shape;
    this.#calls = calls;
  }

  /** Writes one slot, in one piece. Throws what the file system throws. */
  put(slot: number, bytes: Uint8Array): void {
    const { slots, slotBytes } = this.#shape;
    this.#calls.mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    this.#withFile(O_RDWR | O_CREAT, (fd, size) => {
      // A file of another version, or one that was cut: what does not belong in it is told by its check.
      if (size !== slots * slotBytes) this.#calls.ftruncateSync(fd, slots * slotBytes);
      const written = this.#calls.writeSync(fd, bytes, 0, slotBytes, slot * slotBytes);
      if (written !== slotBytes) throw new Error(`only ${written} of ${slotBytes} bytes could be written`);
    });
  }

  /**
   * Gives every slot, in the order of the file, to `onSlot`, which must not keep the view. None where there is no file.
   * Rejects with what the file system throws.
   */
  async each(onSlot: (slot: number, bytes: DataView) => void): Promise<void> {
    const { slots, slotBytes } = this.#shape;
    const buffer = new Uint8Array(chunkSlots * slotBytes);
    for (let first = 0; first < slots; first += chunkSlots) {
      const read = this.#read(buffer, first * slotBytes);
      for (let index = 0; (index + 1) * slotBytes <= read; index += 1)
        onSlot(first + index, new DataView(buffer.buffer, index * slotBytes, slotBytes));
      if (read < buffer.length) return;
      await turn();
    }
  }

  #read(into: Uint8Array, position: number): number {
    try {
      return this.#withFile(O_RDONLY, (fd) => this.#calls.readSync(fd, into, 0, into.length, position));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw error;
    }
  }

  #withFile<T>(flags: number, work: (fd: number, size: number) => T): T {
    // Without O_NONBLOCK, a FIFO in its place would hold up the daemon for ever.
    const fd = this.#calls.openSync(this.#path, flags | O_NOFOLLOW | O_NONBLOCK, 0o600);
    try {
      const stat = this.#calls.fstatSync(fd);
      if (!stat.isFile()) throw new Error(`${this.#path} is not a regular file`);
      return work(fd, stat.size);
    } finally {
      this.#calls.closeSync(fd);
    }
  }
}
