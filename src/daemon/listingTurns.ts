/** With no event at all, the engine is still asked this often: events can be lost, and unlabelled pilots tell none. */
const listEveryMs = 30_000;
/** A listing follows this long after the last of a burst of events, and never longer after the first. */
const settleMs = 3000;
const settleAtMostMs = 15_000;

/** What listings are made with. */
export interface TurnParts {
  /** The connection to list over, cut off when a listing fails; null while there is none. */
  connection(): AbortController | null;
  /** One listing. */
  list(signal: AbortSignal): Promise<void>;
  /** Called when one failed, before its connection is cut off: whatever kept it from us, it is not to be trusted. */
  onFailed(error: unknown): void;
  nowMs(): number;
}

/** When the engine is asked for a listing: one at a time, soon after bursts of events, and now and then. */
export class ListingTurns {
  readonly #parts: TurnParts;
  #timer: NodeJS.Timeout | null = null;
  #burstSinceMs: number | null = null;
  #listing = false;
  #again = false;

  constructor(parts: TurnParts) {
    this.#parts = parts;
  }

  /** Lists now, or right after the listing that is under way. */
  now(): void {
    const connection = this.#parts.connection();
    if (connection === null) return;
    if (this.#listing) {
      this.#again = true;
      return;
    }
    this.#listing = true;
    this.#burstSinceMs = null;
    void this.#parts
      .list(connection.signal)
      .catch((error: unknown) => {
        if (connection.signal.aborted) return;
        this.#parts.onFailed(error);
        connection.abort();
      })
      .finally(() => this.#goOn(connection));
  }

  /** Lists as soon as the present burst of events is over. */
  soon(): void {
    const nowMs = this.#parts.nowMs();
    this.#burstSinceMs ??= nowMs;
    this.#schedule(Math.max(0, Math.min(settleMs, this.#burstSinceMs + settleAtMostMs - nowMs)));
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #goOn(listed: AbortController): void {
    this.#listing = false;
    const connection = this.#parts.connection();
    if (connection === null) return;
    const again = this.#again;
    this.#again = false;
    if (connection !== listed) this.now();
    else if (again) this.soon();
    else if (this.#burstSinceMs === null) this.#schedule(listEveryMs);
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), delayMs);
  }
}
