import type { PilotUse } from '../model/host.ts';
import type { Reading } from '../model/reading.ts';

/** So many pilots are read at a sample, however many there are: the cost is flat. */
const readPerSample = 8;
/** So many of them have been asked to end where there are any: their cgroup takes what they used along. */
const endingPerSample = 4;
/** So many of them are young where there are any: what they will use shows in their first minute. */
const youngPerSample = 4;
const youngMs = 60_000;
/** The others have at least what these two leave. */
const earlyPerSample = 6;
/** One that is no longer young changes slowly: it is not read again sooner. */
const settledMs = 10_000;

/** Reads the use of one pilot; unknown when it has gone or cannot be read. */
export type ReadUse = (id: string) => Reading<Omit<PilotUse, 'readAtMs'>>;

const noneEnding: ReadonlySet<string> = new Set();

interface Turn {
  readonly firstSeenMs: number;
  readonly use: PilotUse | null;
}

/** What each pilot used when it was last read. Pilots are read in turn. */
export class PilotTurn {
  /** In the order of their turn: who was read last, or came last, is at the end. */
  readonly #turns = new Map<string, Turn>();
  #ids: readonly string[] = [];
  /** When the last of them came. */
  #newestMs = Number.NEGATIVE_INFINITY;

  /**
   * Reads some of these pilots, or all, and gives what is known of each, by its id; a new map each time. Those that are
   * not among them are forgotten, and so is the use of one that cannot be read. `ending` are asked to end.
   */
  read(
    ids: readonly string[],
    nowMs: number,
    all: boolean,
    readUse: ReadUse,
    ending: ReadonlySet<string> = noneEnding,
  ): ReadonlyMap<string, PilotUse> {
    this.#follow(ids, nowMs);
    for (const id of all ? ids : this.#next(nowMs, ending)) {
      const turn = this.#turns.get(id);
      const use = readUse(id);
      this.#turns.delete(id);
      this.#turns.set(id, {
        firstSeenMs: turn?.firstSeenMs ?? nowMs,
        use: use.known ? { ...use.value, readAtMs: nowMs } : null,
      });
    }
    const uses = new Map<string, PilotUse>();
    this.#turns.forEach(({ use }, id) => {
      if (use !== null) uses.set(id, use);
    });
    return uses;
  }

  #follow(ids: readonly string[], nowMs: number): void {
    if (ids === this.#ids) return;
    this.#ids = ids;
    const here = new Set(ids);
    for (const id of this.#turns.keys()) if (!here.has(id)) this.#turns.delete(id);
    for (const id of here) {
      if (this.#turns.has(id)) continue;
      this.#turns.set(id, { firstSeenMs: nowMs, use: null });
      this.#newestMs = nowMs;
    }
  }

  /** Those that are ending first, then young ones, as many as may be, then whoever has waited longest. */
  #next(nowMs: number, ending: ReadonlySet<string>): readonly string[] {
    const next = new Set<string>();
    if (ending.size > 0)
      for (const id of this.#turns.keys()) {
        if (next.size >= endingPerSample) break;
        if (ending.has(id)) next.add(id);
      }
    const early = Math.min(earlyPerSample, next.size + youngPerSample);
    for (const [id, { firstSeenMs }] of nowMs - this.#newestMs < youngMs ? this.#turns : []) {
      if (next.size >= early) break;
      if (nowMs - firstSeenMs < youngMs) next.add(id);
    }
    for (const [id, { use, firstSeenMs }] of this.#turns) {
      if (next.size >= readPerSample) break;
      const isSettled = use !== null && nowMs - firstSeenMs >= youngMs && nowMs - use.readAtMs < settledMs;
      if (!isSettled) next.add(id);
    }
    return [...next];
  }
}
