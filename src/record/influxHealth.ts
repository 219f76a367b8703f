import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { SinkState } from '../model/point.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { printableTarget } from './influxRequest.ts';

/** Counts what became of the points of one target, and logs when that changes: a line per change, not per attempt. */
export class InfluxHealth {
  readonly #target: InfluxTarget;
  readonly #name: string;
  readonly #log: Log;
  readonly #clock: Clock;
  #state: SinkState['state'] = 'idle';
  #error = '';
  #sent = 0;
  #dropped = 0;
  #refusalTold = false;
  #failingSince = { atMs: 0, sent: 0, dropped: 0 };

  constructor(target: InfluxTarget, log: Log, clock: Clock) {
    this.#target = target;
    this.#name = printableTarget(target);
    this.#log = log;
    this.#clock = clock;
  }

  /** What `status` shows. */
  stateWith(waitingPoints: number): SinkState {
    return {
      target: this.#name,
      state: this.#state,
      error: this.#error,
      sentPoints: this.#sent,
      waitingPoints,
      droppedPoints: this.#dropped,
    };
  }

  /** Points went without being sent: the buffer was full, or there was nothing in them to write. */
  lost(count: number): void {
    this.#dropped += count;
  }

  /** The server has stored these: whatever was wrong is over. */
  stored(count: number, waiting: number): void {
    this.#sent += count;
    this.#error = '';
    if (this.#state === 'failing') {
      const { atMs, sent, dropped } = this.#failingSince;
      this.#log.info(`InfluxDB ${this.#name} takes points again`, {
        afterSeconds: Math.round((this.#clock.nowMs() - atMs) / 1000),
        sent: this.#sent - sent,
        dropped: this.#dropped - dropped,
        waiting,
      });
    }
    this.#state = 'ok';
  }

  /** The server will never take these. Told once, until it takes everything again. */
  refused(count: number, why: string): void {
    this.#dropped += count;
    if (this.#refusalTold) return;
    this.#refusalTold = true;
    this.#log.warn(`InfluxDB ${this.#name} refuses points for good: ${this.#withoutSecrets(why)}`, {
      dropped: count,
    });
  }

  /** Nothing was refused this time. */
  refusedNothing(): void {
    this.#refusalTold = false;
  }

  /** An attempt came to nothing, and there will be another. */
  failed(why: string, waiting: number): void {
    this.#error = this.#withoutSecrets(why);
    if (this.#state === 'failing') return;
    this.#state = 'failing';
    this.#failingSince = { atMs: this.#clock.nowMs(), sent: this.#sent, dropped: this.#dropped };
    this.#log.warn(
      `InfluxDB ${this.#name} takes no points: ${this.#error}; they are kept and it is tried again`,
      { waiting },
    );
  }

  /** The end of the daemon came before these could be sent. */
  abandoned(count: number): void {
    this.#dropped += count;
    this.#log.warn(
      `InfluxDB ${this.#name} did not get the last points: ${this.#error || 'there was no time'}`,
      { dropped: count },
    );
  }

  /** What a server says may hold the password; the user is in every configuration that is shown. */
  #withoutSecrets(text: string): string {
    return this.#target.password?.hideIn(text) ?? text;
  }
}
