import { markLater, statLater } from './laterFile.ts';

/** What judging the clock on the wall takes. */
export interface ClockTrustOptions {
  /** A file that says, by when it was last written, until when the clock was believed. */
  readonly marker: string;
  readonly wallMs: () => number;
  /** Milliseconds of a clock that nobody sets. */
  readonly nowMs: () => number;
}

/** A node may be off for so long, and nobody doubts its clock. */
const mostGapMs = 7 * 86_400_000;
/** A clock that has jumped further is believed when it has gone on for so long without another jump. */
const probationMs = 86_400_000;
const jumpMs = 3_600_000;

/**
 * Whether the clock may be believed that something is old. After a boot it may be years ahead until the network corrects
 * it, and what is removed by it does not come back. One that is behind makes nothing old, and does no harm.
 */
export class ClockTrust {
  readonly #options: ClockTrustOptions;
  #believedMs: number | null = null;
  #aheadMs = Number.NaN;
  #steadySinceMs = 0;

  constructor(options: ClockTrustOptions) {
    this.#options = options;
  }

  /** `newestMs` is the last time that is known otherwise, for a first look. Never rejects. */
  async isTrusted(newestMs: number | null): Promise<boolean> {
    const [wallMs, nowMs] = [this.#options.wallMs(), this.#options.nowMs()];
    const aheadMs = wallMs - nowMs;
    if (!(Math.abs(aheadMs - this.#aheadMs) < jumpMs)) this.#steadySinceMs = nowMs;
    this.#aheadMs = aheadMs;
    const { marker } = this.#options;
    this.#believedMs ??= (await statLater(marker))?.mtimeMs ?? newestMs;
    const isPlausible = this.#believedMs !== null && wallMs - this.#believedMs <= mostGapMs;
    if (!isPlausible && nowMs - this.#steadySinceMs < probationMs) return false;
    if (wallMs > (this.#believedMs ?? 0)) {
      this.#believedMs = wallMs;
      // A disk that is full keeps nobody from removing what is old.
      await markLater(marker, wallMs).catch(() => undefined);
    }
    return true;
  }
}
