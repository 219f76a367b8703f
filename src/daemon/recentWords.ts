/** Something that was done or decided, in words, and when. */
export interface SaidOnce {
  readonly text: string;
  /** Unix milliseconds. */
  readonly atWallMs: number;
}

const mostKept = 100;

/** The last hundred things that were done or decided, for those who come later. */
export class RecentWords {
  readonly #kept: SaidOnce[] = [];
  #done: SaidOnce | null = null;

  /** What was last done; null for nothing yet. */
  get lastDone(): SaidOnce | null {
    return this.#done;
  }

  /** The oldest first. */
  get all(): readonly SaidOnce[] {
    return this.#kept;
  }

  did(text: string, atWallMs: number): void {
    this.#done = { text, atWallMs };
    this.decided(text, atWallMs);
  }

  /** That something is not done is a decision, too. */
  decided(text: string, atWallMs: number): void {
    this.#kept.push({ text, atWallMs });
    if (this.#kept.length > mostKept) this.#kept.shift();
  }
}
