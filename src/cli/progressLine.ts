import { spanText } from '../decide/numbers.ts';
import { cellsOf } from './cells.ts';
import { canDraw, type Environment, knowsUtf8, type Outlet } from './terminal.ts';
import { styled } from './topPaint.ts';

/** Terminals are told so often; what is done within a second needs no progress. */
const everyMs = 250;
const firstAfterMs = 1000;
const usualColumns = 80;

/** Where progress is told: standard error. */
export interface ProgressOutlet extends Outlet {
  readonly columns?: number;
  write(text: string): unknown;
}

/** One line on a terminal that says how far something is, over and over, and then goes. Elsewhere it says nothing. */
export class ProgressLine {
  readonly #to: ProgressOutlet;
  readonly #nowMs: () => number;
  readonly #isWanted: boolean;
  readonly #utf8: boolean;
  readonly #sinceMs: number;
  #toldMs = Number.NEGATIVE_INFINITY;
  #isShown = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    to: ProgressOutlet = process.stderr,
    nowMs: () => number = () => performance.now(),
    env: Environment = process.env,
  ) {
    this.#to = to;
    this.#nowMs = nowMs;
    this.#isWanted = canDraw(to, env);
    this.#utf8 = knowsUtf8(env);
    this.#sinceMs = nowMs();
  }

  /** Whether there is anybody to be told: progress that costs something to know need not be asked for otherwise. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** For how long it has gone on. */
  get span(): string {
    return spanText(this.#nowMs() - this.#sinceMs);
  }

  /** Says how far it is, unless that was said just now. */
  show(text: () => string): void {
    const nowMs = this.#nowMs();
    if (!this.#isWanted || nowMs - this.#sinceMs < firstAfterMs || nowMs - this.#toldMs < everyMs) return;
    this.#toldMs = nowMs;
    this.#isShown = true;
    // One place is left free: a cursor behind the last one wraps on some terminals.
    const line = styled(
      cellsOf([{ text: text() }], (this.#to.columns ?? usualColumns) - 1, this.#utf8),
      false,
    );
    this.#to.write(`\r\u001B[K${line}`);
  }

  /** Says how far it is until its end, as time goes by. */
  follow(text: () => string): void {
    if (!this.#isWanted || this.#timer !== null) return;
    this.#timer = setInterval(() => this.show(text), everyMs);
    this.#timer.unref();
  }

  /** Makes room for a line of another kind; the next progress comes below it. */
  clear(): void {
    if (this.#isShown) this.#to.write('\r\u001B[K');
    this.#isShown = false;
  }

  /** Takes the line away for good. */
  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.clear();
  }
}
