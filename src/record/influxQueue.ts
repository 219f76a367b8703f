import { InfluxBuffer } from './influxBuffer.ts';
import type { InfluxSpool } from './influxSpool.ts';

const mostInMemory = { points: 10_000, bytes: 4_000_000 };

/**
 * What waits to be sent to one database: on the disk, where there is a spool, and in memory what the disk does not take.
 * Never throws.
 */
export class InfluxQueue {
  readonly #spool: InfluxSpool | null;
  readonly #memory = new InfluxBuffer(mostInMemory);
  readonly #onTrouble: (error: unknown) => void;
  /** Whose batch is out. */
  #source: InfluxSpool | InfluxBuffer = this.#memory;

  /** `onTrouble` is told each time that the disk does not take something. */
  constructor(spool: InfluxSpool | null, onTrouble: (error: unknown) => void) {
    this.#spool = spool;
    this.#onTrouble = onTrouble;
  }

  /** How many lines wait, the taken ones included. */
  get length(): number {
    return this.#memory.length + (this.#spool?.length ?? 0);
  }

  /** What is on the disk; undefined where nothing is kept there. */
  get spool(): { readonly bytes: number; readonly mostBytes: number } | undefined {
    return this.#spool === null ? undefined : { bytes: this.#spool.bytes, mostBytes: this.#spool.mostBytes };
  }

  /**
   * Adds lines at the end and tells how many of the oldest had to go for them. After a fault of the disk, those in memory
   * wait behind newer ones on the disk: what is there is taken first.
   */
  push(lines: readonly string[]): number {
    if (lines.length === 0) return 0;
    try {
      if (this.#spool !== null) return this.#spool.push(lines);
    } catch (error) {
      this.#onTrouble(error);
    }
    return lines.reduce((dropped, line) => dropped + this.#memory.push(line), 0);
  }

  /** The oldest lines, at most so many lines and bytes; they are the batch now. */
  take(mostLines: number, mostBytes: number): string[] {
    const spooled = this.#spool?.take(mostLines, mostBytes) ?? [];
    this.#source = this.#spool !== null && spooled.length > 0 ? this.#spool : this.#memory;
    return spooled.length > 0 ? spooled : this.#memory.take(mostLines, mostBytes);
  }

  /** The batch has been dealt with: it goes. */
  confirm(): void {
    this.#source.confirm();
  }

  /** The batch has not been dealt with: it waits again, in its old place. */
  release(): void {
    this.#source.release();
  }

  /** Forgets what is in memory alone, and tells how many lines that were; what is on the disk stays there. */
  close(): number {
    return this.#memory.clear();
  }
}
