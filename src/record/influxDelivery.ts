import type { InfluxTarget } from '../model/settings.ts';
import { judgeCreate, judgeWrite, type Verdict } from './influxAnswer.ts';
import {
  createRequest,
  type InfluxReply,
  type InfluxRequest,
  type Post,
  writeRequest,
} from './influxRequest.ts';
import { errorLine } from './oneLine.ts';
import type { Timers } from './timers.ts';

const requestDeadlineMs = 10_000;
/** A body that fits into one packet gains nothing from being smaller. */
const leastToCompressBytes = 1400;

/** Brings batches to one InfluxDB, one at a time, each request with a deadline. */
export class InfluxDelivery {
  readonly #timers: Timers;
  readonly #post: Post;
  #target: InfluxTarget;
  /** Not every proxy, and not everything that speaks like InfluxDB, takes what is compressed. */
  #takesGzip: boolean | null = null;
  #abort = new AbortController();
  #isOver = false;

  constructor(target: InfluxTarget, timers: Timers, post: Post) {
    this.#target = target;
    this.#timers = timers;
    this.#post = post;
  }

  /** From now on it is to be brought there. */
  useTarget(target: InfluxTarget): void {
    this.#target = target;
    this.#takesGzip = null;
  }

  /** Gives up what is on its way, and all that follows. */
  end(): void {
    this.#isOver = true;
    this.#abort.abort(new Error('there was no time'));
  }

  /** Writes first, and makes the database only when it is missing: a user who may only write must work. Never rejects. */
  async deliver(batch: readonly string[]): Promise<Verdict> {
    const target = this.#target;
    try {
      const verdict = await this.#write(target, batch);
      if (verdict.say !== 'no-database') return verdict;
      if (target.api !== 1) return { say: 'denied', why: 'the database does not exist' };
      const made = await this.#send(target, createRequest(target));
      const whyNot = judgeCreate(made);
      if (whyNot !== null) return { say: 'denied', why: `the database does not exist ${whyNot}` };
      return await this.#write(target, batch);
    } catch (error) {
      return { say: 'later', why: errorLine(error) + adviceFor(target, error), afterMs: null };
    }
  }

  async #write(target: InfluxTarget, batch: readonly string[]): Promise<Verdict> {
    const credential = target.token === null ? 'user' : 'token';
    const plain = writeRequest(target, batch);
    const isWorth = Buffer.byteLength(plain.body) > leastToCompressBytes;
    if (!isWorth || this.#takesGzip === false) return judgeWrite(await this.#send(target, plain), credential);
    const packed = judgeWrite(await this.#send(target, { ...plain, gzip: true }), credential);
    if (packed.say === 'taken' || packed.say === 'partly') this.#takesGzip = true;
    if (packed.say !== 'refused' || this.#takesGzip === true) return packed;
    // Nobody knows yet what was refused: the points, or that they were compressed.
    const verdict = judgeWrite(await this.#send(target, plain), credential);
    if (verdict.say === 'taken' || verdict.say === 'partly') this.#takesGzip = false;
    return verdict;
  }

  async #send(target: InfluxTarget, request: InfluxRequest): Promise<InfluxReply> {
    if (this.#isOver) throw new Error('there was no time');
    const abort = new AbortController();
    this.#abort = abort;
    const late = new Error(`no answer within ${requestDeadlineMs / 1000} s`);
    const deadline = this.#timers.set(() => abort.abort(late), requestDeadlineMs);
    try {
      return await this.#post(target, request, abort.signal);
    } catch (error) {
      throw abort.signal.aborted ? (abort.signal.reason as Error) : error;
    } finally {
      this.#timers.clear(deadline);
    }
  }
}

function adviceFor({ key }: InfluxTarget, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/CERT|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code)) return '';
  return key === 'influxdb_url'
    ? ' (insecure_https:// in influxdb_url would accept it)'
    : ' (tls.ca in influxdb may name whom it is signed by, tls.insecure would accept it)';
}
