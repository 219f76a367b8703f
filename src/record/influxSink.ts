import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Point, Sink, SinkState } from '../model/point.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { unreachable } from '../model/unreachable.ts';
import { InfluxDelivery } from './influxDelivery.ts';
import { InfluxHealth } from './influxHealth.ts';
import { toLine } from './influxLine.ts';
import { InfluxQueue } from './influxQueue.ts';
import { type Post, postToInflux } from './influxRequest.ts';
import type { InfluxSpool } from './influxSpool.ts';
import { SeriesClock } from './seriesClock.ts';
import { nodeTimers, type Timers } from './timers.ts';

/** What a sink needs; all but the first three have defaults that suit a daemon. */
export interface InfluxSinkParts {
  readonly target: InfluxTarget;
  readonly log: Log;
  readonly clock: Clock;
  /** Where points wait that cannot be sent yet; null: in memory, and no further than the end of the daemon. */
  readonly spool?: InfluxSpool | null;
  readonly timers?: Timers;
  /** 0 up to 1, as `Math.random`. */
  readonly random?: () => number;
  readonly post?: Post;
  /** How long a point may wait for others to travel with. */
  readonly lingerMs?: number;
}

const mostBatchLines = 5_000;
/** A little under the 1 MiB that proxies let through by default. */
const mostBatchBytes = 1_000_000;
const defaultLingerMs = 1_000;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** A server that asks to be left alone for longer than this is asked again all the same. */
const longestWishMs = 900_000;
/** What is added to a server's wish, so that the nodes of a site do not come back all at once. */
const wishJitter = 0.5;

/**
 * Writes points to one InfluxDB database, in order, one request at a time. What cannot be sent yet waits in a bounded
 * queue; what the server refuses for good is counted and forgotten. Idle, it costs nothing.
 */
export class InfluxSink implements Sink {
  readonly #parts: Required<InfluxSinkParts>;
  readonly #health: InfluxHealth;
  readonly #queue: InfluxQueue;
  readonly #delivery: InfluxDelivery;
  readonly #seriesClock = new SeriesClock();
  #tags: Readonly<Record<string, string>>;
  #batchLines = mostBatchLines;
  /** Attempts in a row that stored nothing. */
  #fruitless = 0;
  #timer: unknown = null;
  #sending: Promise<void> | null = null;
  #closing = false;
  #closed = false;

  constructor(parts: InfluxSinkParts) {
    const defaults = {
      spool: null,
      timers: nodeTimers,
      random: Math.random,
      post: postToInflux,
      lingerMs: defaultLingerMs,
    };
    this.#parts = { ...defaults, ...parts };
    const { target, timers, post, spool, log, clock } = this.#parts;
    this.#health = new InfluxHealth(target, log, clock);
    this.#queue = new InfluxQueue(spool, (error) => this.#health.cannotSpool(error));
    this.#delivery = new InfluxDelivery(target, timers, post);
    this.#tags = target.tags;
    // What a daemon of before could not send.
    this.#sendIn(this.#parts.lingerMs);
  }

  write(points: readonly Point[]): void {
    if (this.#closed) return;
    const lines = points.map((point) => {
      const tagged = { ...point, tags: { ...this.#tags, ...point.tags } };
      return toLine(tagged, this.#seriesClock.stampMicros(tagged));
    });
    const fit = lines.filter((line) => line !== null);
    this.#health.lost(lines.length - fit.length);
    this.#health.overflowed(this.#queue.push(fit));
    if (!this.#closing) this.#sendIn(this.#parts.lingerMs);
  }

  state(): SinkState {
    const { length, spool } = this.#queue;
    return { ...this.#health.stateWith(length), ...(spool === undefined ? {} : { spool }) };
  }

  /** The same database is reached otherwise from now on: with another password, say. What waits goes there at once. */
  useTarget(target: InfluxTarget): void {
    this.#tags = target.tags;
    this.#health.useTarget(target);
    this.#delivery.useTarget(target);
    this.#fruitless = 0;
    this.#clearTimer();
    this.#sendIn(this.#parts.lingerMs);
  }

  async close(deadlineMs: number): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#clearTimer();
    const deadline = this.#parts.timers.set(() => {
      this.#closed = true;
      this.#delivery.end();
    }, deadlineMs);
    await (this.#sending ?? this.#sendAll());
    this.#parts.timers.clear(deadline);
    this.#closed = true;
    this.#health.abandoned(this.#queue.close());
    this.#health.kept(this.#queue.length);
  }

  #clearTimer(): void {
    if (this.#timer !== null) this.#parts.timers.clear(this.#timer);
    this.#timer = null;
  }

  #sendIn(delayMs: number): void {
    if (this.#timer !== null || this.#sending !== null || this.#queue.length === 0) return;
    this.#timer = this.#parts.timers.set(() => {
      this.#timer = null;
      this.#sending = this.#sendAll();
    }, delayMs);
  }

  /** Sends until nothing waits, or until there is a reason to pause. Never rejects. */
  async #sendAll(): Promise<void> {
    let pauseMs = 0;
    while (pauseMs === 0 && this.#queue.length > 0 && !this.#closed) pauseMs = await this.#sendBatch();
    this.#sending = null;
    if (!this.#closing) this.#sendIn(pauseMs);
  }

  /** Sends one batch; gives the pause before the next. */
  async #sendBatch(): Promise<number> {
    const batch = this.#queue.take(this.#batchLines, mostBatchBytes);
    if (batch.length === 0) return 0;
    const verdict = await this.#delivery.deliver(batch);
    switch (verdict.say) {
      case 'taken':
        this.#health.refusedNothing();
        return this.#settle(batch.length);
      case 'partly': {
        const refused = Math.min(verdict.refused, batch.length);
        this.#health.refused(refused, verdict.why);
        return this.#settle(batch.length - refused);
      }
      case 'too-large':
      case 'refused':
        return this.#divide(batch.length, verdict.why);
      case 'denied':
        return this.#fail(verdict.why, longestPauseMs);
      case 'no-database':
        return this.#fail('the database does not exist, right after it was made', longestPauseMs);
      case 'later':
        return this.#fail(verdict.why, firstPauseMs * 2 ** this.#fruitless, verdict.afterMs);
      default:
        return unreachable(verdict);
    }
  }

  /** The batch is over: these are stored, and the rest of it never will be. */
  #settle(stored: number): number {
    this.#queue.confirm();
    this.#fruitless = 0;
    this.#batchLines = Math.min(mostBatchLines, this.#batchLines * 2);
    this.#health.stored(stored, this.#queue.length);
    return 0;
  }

  /** Halves a batch that was refused as a whole, down to the one point that is to blame, which goes. */
  #divide(lines: number, why: string): number {
    if (lines > 1) {
      this.#queue.release();
      this.#batchLines = Math.ceil(lines / 2);
      return 0;
    }
    this.#queue.confirm();
    this.#health.refused(1, why);
    this.#fruitless += 1;
    // Where every point is refused there is no hurry: each costs a request.
    return this.#fruitless < 3 ? 0 : this.#pause(firstPauseMs * 2 ** this.#fruitless);
  }

  /** `wishMs`: how long the server asked to be left alone. */
  #fail(why: string, capMs: number, wishMs: number | null = null): number {
    this.#queue.release();
    this.#fruitless += 1;
    this.#health.failed(why, this.#queue.length);
    if (wishMs === null) return this.#pause(capMs);
    const longEnoughMs = Math.min(longestWishMs, wishMs);
    return Math.max(100, longEnoughMs * (1 + wishJitter * this.#parts.random()));
  }

  /** Full jitter, so that the nodes of a site do not come back all at once. */
  #pause(capMs: number): number {
    return Math.max(100, this.#parts.random() * Math.min(longestPauseMs, capMs));
  }
}
