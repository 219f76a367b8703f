/** How much a buffer holds before the oldest goes. */
export interface BufferLimits {
  readonly points: number;
  readonly bytes: number;
}

interface Line {
  readonly text: string;
  readonly bytes: number;
}

/**
 * Lines that wait to be sent, oldest first. The batch taken last stays in it, safe from dropping, until it is
 * confirmed: what was never answered is never forgotten.
 */
export class InfluxBuffer {
  readonly #limits: BufferLimits;
  readonly #lines: Line[] = [];
  #bytes = 0;
  #taken = 0;

  constructor(limits: BufferLimits) {
    this.#limits = limits;
  }

  /** How many lines it holds, the taken ones included. */
  get length(): number {
    return this.#lines.length;
  }

  /** Adds a line at the end and tells how many of the oldest had to go for it. */
  push(text: string): number {
    const line = { text, bytes: Buffer.byteLength(text) + 1 };
    this.#lines.push(line);
    this.#bytes += line.bytes;
    let dropped = 0;
    // The batch alone is never too full: it was not when it was taken.
    while (this.#tooFull()) {
      this.#forget(this.#taken, 1);
      dropped += 1;
    }
    return dropped;
  }

  /** The oldest lines, at least one and at most so many lines and bytes; they are the batch now. */
  take(mostLines: number, mostBytes: number): string[] {
    let bytes = 0;
    this.#taken = 0;
    for (const line of this.#lines) {
      if (this.#taken > 0 && (this.#taken >= mostLines || bytes + line.bytes > mostBytes)) break;
      bytes += line.bytes;
      this.#taken += 1;
    }
    return this.#lines.slice(0, this.#taken).map((line) => line.text);
  }

  /** The batch has been dealt with: it goes. */
  confirm(): void {
    this.#forget(0, this.#taken);
    this.#taken = 0;
  }

  /** The batch has not been dealt with: it waits again, in its old place. */
  release(): void {
    this.#taken = 0;
  }

  /** Forgets everything, and tells how many lines that were. */
  clear(): number {
    const count = this.#lines.length;
    this.#forget(0, count);
    this.#taken = 0;
    return count;
  }

  #tooFull(): boolean {
    return this.#lines.length > this.#limits.points || this.#bytes > this.#limits.bytes;
  }

  #forget(from: number, count: number): void {
    for (const line of this.#lines.splice(from, count)) this.#bytes -= line.bytes;
  }
}
