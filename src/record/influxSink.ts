import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Point, Sink, SinkState } from '../model/point.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { unreachable } from '../model/unreachable.ts';
import { judgeCreate, judgeWrite, type Verdict } from './influxAnswer.ts';
import { InfluxBuffer } from './influxBuffer.ts';
import { InfluxHealth } from './influxHealth.ts';
import { toLine } from './influxLine.ts';
import {
  createRequest,
  type InfluxReply,
  type InfluxRequest,
  type Post,
  postToInflux,
  writeRequest,
} from './influxRequest.ts';
import { errorLine } from './oneLine.ts';
import { SeriesClock } from './seriesClock.ts';
import { nodeTimers, type Timers } from './timers.ts';

/** What a sink needs; all but the first three have defaults that suit a daemon. */
export interface InfluxSinkParts {
  readonly target: InfluxTarget;
  readonly log: Log;
  readonly clock: Clock;
  readonly timers?: Timers;
  /** 0 up to 1, as `Math.random`. */
  readonly random?: () => number;
  readonly post?: Post;
  /** How long a point may wait for others to travel with. */
  readonly lingerMs?: number;
}

const mostWaiting = { points: 10_000, bytes: 4_000_000 };
const mostBatchLines = 5_000;
/** A little under the 1 MiB that proxies let through by default. */
const mostBatchBytes = 1_000_000;
const requestDeadlineMs = 10_000;
const defaultLingerMs = 1_000;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

/**
 * Writes points to one InfluxDB 1.x database, in order, one request at a time. What cannot be sent yet waits in a
 * bounded buffer; what the server refuses for good is counted and forgotten. Idle, it costs nothing.
 */
export class InfluxSink implements Sink {
  readonly #parts: Required<InfluxSinkParts>;
  readonly #health: InfluxHealth;
  readonly #buffer = new InfluxBuffer(mostWaiting);
  readonly #seriesClock = new SeriesClock();
  #batchLines = mostBatchLines;
  /** Attempts in a row that stored nothing. */
  #fruitless = 0;
  #timer: unknown = null;
  #sending: Promise<void> | null = null;
  #abort = new AbortController();
  #closing = false;
  #closed = false;

  constructor(parts: InfluxSinkParts) {
    const defaults = {
      timers: nodeTimers,
      random: Math.random,
      post: postToInflux,
      lingerMs: defaultLingerMs,
    };
    this.#parts = { ...defaults, ...parts };
    this.#health = new InfluxHealth(parts.target, parts.log, parts.clock);
  }

  write(points: readonly Point[]): void {
    if (this.#closed) return;
    for (const point of points) {
      const line = toLine(point, this.#seriesClock.stampMicros(point));
      this.#health.lost(line === null ? 1 : this.#buffer.push(line));
    }
    if (!this.#closing) this.#sendIn(this.#parts.lingerMs);
  }

  state(): SinkState {
    return this.#health.stateWith(this.#buffer.length);
  }

  async close(deadlineMs: number): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#timer !== null) this.#parts.timers.clear(this.#timer);
    const deadline = this.#parts.timers.set(() => {
      this.#closed = true;
      this.#abort.abort(new Error('there was no time'));
    }, deadlineMs);
    await (this.#sending ?? this.#sendAll());
    this.#parts.timers.clear(deadline);
    this.#closed = true;
    const rest = this.#buffer.clear();
    if (rest > 0) this.#health.abandoned(rest);
  }

  #sendIn(delayMs: number): void {
    if (this.#timer !== null || this.#sending !== null || this.#buffer.length === 0) return;
    this.#timer = this.#parts.timers.set(() => {
      this.#timer = null;
      this.#sending = this.#sendAll();
    }, delayMs);
  }

  /** Sends until nothing waits, or until there is a reason to pause. Never rejects. */
  async #sendAll(): Promise<void> {
    let pauseMs = 0;
    while (pauseMs === 0 && this.#buffer.length > 0 && !this.#closed) pauseMs = await this.#sendBatch();
    this.#sending = null;
    if (!this.#closing) this.#sendIn(pauseMs);
  }

  /** Sends one batch; gives the pause before the next. */
  async #sendBatch(): Promise<number> {
    const batch = this.#buffer.take(this.#batchLines, mostBatchBytes);
    const verdict = await this.#deliver(batch);
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
        return this.#fail(verdict.why, firstPauseMs * 2 ** this.#fruitless);
      default:
        return unreachable(verdict);
    }
  }

  /** Writes first, and makes the database only when it is missing: a user who may only write must work. */
  async #deliver(batch: readonly string[]): Promise<Verdict> {
    const { target } = this.#parts;
    try {
      const first = await this.#post(writeRequest(target, batch));
      const verdict = judgeWrite(first.status, first.body);
      if (verdict.say !== 'no-database') return verdict;
      const made = await this.#post(createRequest(target));
      const whyNot = judgeCreate(made.status, made.body);
      if (whyNot !== null) return { say: 'denied', why: `the database does not exist ${whyNot}` };
      const second = await this.#post(writeRequest(target, batch));
      return judgeWrite(second.status, second.body);
    } catch (error) {
      return { say: 'later', why: errorLine(error) + adviceFor(error) };
    }
  }

  async #post(request: InfluxRequest): Promise<InfluxReply> {
    if (this.#closed) throw new Error('there was no time');
    const abort = new AbortController();
    this.#abort = abort;
    const late = new Error(`no answer within ${requestDeadlineMs / 1000} s`);
    const deadline = this.#parts.timers.set(() => abort.abort(late), requestDeadlineMs);
    try {
      return await this.#parts.post(this.#parts.target, request, abort.signal);
    } catch (error) {
      throw abort.signal.aborted ? (abort.signal.reason as Error) : error;
    } finally {
      this.#parts.timers.clear(deadline);
    }
  }

  /** The batch is over: these are stored, and the rest of it never will be. */
  #settle(stored: number): number {
    this.#buffer.confirm();
    this.#fruitless = 0;
    this.#batchLines = Math.min(mostBatchLines, this.#batchLines * 2);
    this.#health.stored(stored, this.#buffer.length);
    return 0;
  }

  /** Halves a batch that was refused as a whole, down to the one point that is to blame, which goes. */
  #divide(lines: number, why: string): number {
    if (lines > 1) {
      this.#buffer.release();
      this.#batchLines = Math.ceil(lines / 2);
      return 0;
    }
    this.#buffer.confirm();
    this.#health.refused(1, why);
    this.#fruitless += 1;
    // Where every point is refused there is no hurry: each costs a request.
    return this.#fruitless < 3 ? 0 : this.#pause(firstPauseMs * 2 ** this.#fruitless);
  }

  #fail(why: string, capMs: number): number {
    this.#buffer.release();
    this.#fruitless += 1;
    this.#health.failed(why, this.#buffer.length);
    return this.#pause(capMs);
  }

  /** Full jitter, so that the nodes of a site do not come back all at once. */
  #pause(capMs: number): number {
    return Math.max(100, this.#parts.random() * Math.min(longestPauseMs, capMs));
  }
}

function adviceFor(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const mistrusted = /CERT|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code);
  return mistrusted ? ' (insecure_https:// in influxdb_url would accept it)' : '';
}
