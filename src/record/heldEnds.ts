import type { PilotRecord } from '../model/history.ts';
import type { Log } from '../model/log.ts';
import type { Journal } from './journal.ts';

/** What holding containers back takes. */
export interface HeldOptions {
  readonly journal: Pick<Journal, 'write' | 'append' | 'knows' | 'flush' | 'trouble'>;
  readonly log: Log;
  /** `Clock.nowMs`. */
  readonly nowMs: () => number;
  readonly most?: number;
}

/** So many containers stay for a journal that cannot be written; each holds what its pilot wrote. */
const defaultMost = 100;
/** While it cannot be written, one of them is tried so often, and the others do not even ask the engine. */
const tryEveryMs = 5000;
/** Once in so long one goes without its record: it may be what fills the disk. */
const releaseEveryMs = 600_000;
/** One that nobody has asked about for so long is gone: removals are tried again within a minute. */
const forgottenMs = 180_000;

/**
 * Holds back the containers of pilots that have ended while their records cannot be written: all that a record is made of
 * is in the container, so that a crash loses nothing. Slots do not wait for that, so it is bounded: of the 101st on, and
 * of one in ten minutes, the record waits in memory, and is in the log.
 */
export class HeldEnds {
  readonly #options: Required<HeldOptions>;
  /** By id, when somebody last asked. */
  readonly #held = new Map<string, number>();
  #triedMs = Number.NEGATIVE_INFINITY;
  #releasedMs = 0;
  #isOverTold = false;

  constructor(options: HeldOptions) {
    this.#options = { most: defaultMost, ...options };
  }

  /** Why it is of no use to try to record this one now; null where it may be tried. */
  mustWait(id: string): string | null {
    const { journal, nowMs } = this.#options;
    const isTrouble = this.#held.size > 0 && !journal.knows(id);
    if (!isTrouble || this.#isFull(id) || nowMs() - this.#triedMs >= tryEveryMs) return null;
    return this.#hold(id);
  }

  /** Records an end. Gives why its container has to stay; null where it may go. */
  record(record: PilotRecord, mustGo: boolean): string | null {
    const { journal, log, nowMs, most } = this.#options;
    const { id } = record;
    this.#triedMs = nowMs();
    if (journal.write(record)) {
      this.#held.clear();
      this.#isOverTold = false;
      return null;
    }
    if (this.#held.size === 0) this.#releasedMs = nowMs();
    const isFull = this.#isFull(id);
    const isDue = nowMs() - this.#releasedMs >= releaseEveryMs;
    if (!mustGo && !isFull && !isDue) return this.#hold(id);
    if (isFull && !this.#isOverTold) {
      log.error(
        `${most} containers of pilots that have ended stay at the engine until their records can be written: more are removed all the same, and their records are in memory and in this log only`,
      );
      this.#isOverTold = true;
    }
    if (!isFull && !mustGo) {
      log.error(
        `${record.name} is removed without a record in the journal: it may be what keeps that from being written`,
      );
      this.#releasedMs = nowMs();
    }
    this.#held.delete(id);
    journal.append(record);
    return null;
  }

  #hold(id: string): string {
    const nowMs = this.#options.nowMs();
    for (const [other, askedMs] of this.#held) if (nowMs - askedMs > forgottenMs) this.#held.delete(other);
    this.#held.set(id, nowMs);
    return `its record cannot be written to the journal: ${this.#options.journal.trouble}`;
  }

  #isFull(id: string): boolean {
    return !this.#held.has(id) && this.#held.size >= this.#options.most;
  }
}
