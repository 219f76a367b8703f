import { writeSync } from 'node:fs';

const blockBytes = 65_536;
/** How long is waited for a reader whose pipe is full, before it is tried again. */
const pollMs = 5;

/** Writes to standard output, however slowly it is read. Throws what the system throws, `EPIPE` where nobody reads. */
export function writeOut(bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(1, bytes, done);
    } catch (error) {
      // A pipe that its other end has made non-blocking.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
    }
  }
}

/**
 * Lines for standard output, many at a time, so that a million of them neither pile up in memory nor cost a system call
 * each. Who reads them may leave (`| head`): then nothing more is written, and that is no fault.
 */
export class Output {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #block = Buffer.allocUnsafeSlow(blockBytes);
  #filled = 0;
  #isEmpty = true;
  #isClosed = false;

  /** `write` writes all of the bytes; it may throw what the system throws. */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /** Whether there was no line yet. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Whether nobody reads any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Writes a line, given without its newline; false when nobody reads any more. */
  line(text: string | Uint8Array): boolean {
    this.#isEmpty = false;
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    if (this.#filled + bytes.length + 1 > blockBytes) this.end();
    if (bytes.length + 1 > blockBytes) this.#put(Buffer.from(bytes));
    else {
      this.#block.set(bytes, this.#filled);
      this.#filled += bytes.length;
    }
    this.#block[this.#filled] = 0x0a;
    this.#filled += 1;
    return !this.#isClosed;
  }

  /** Writes what is still held back. */
  end(): void {
    const filled = this.#filled;
    this.#filled = 0;
    if (filled > 0) this.#put(this.#block.subarray(0, filled));
  }

  #put(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    try {
      this.#write(bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
      this.#isClosed = true;
    }
  }
}
