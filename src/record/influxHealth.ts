import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { SinkState } from '../model/point.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { printableTarget } from './influxRequest.ts';
import { errorLine } from './oneLine.ts';

/** Counts what became of the points of one target, and logs when that changes: a line per change, not per attempt. */
export class InfluxHealth {
  #target: InfluxTarget;
  readonly #name: string;
  readonly #log: Log;
  readonly #clock: Clock;
  #state: SinkState['state'] = 'idle';
  #error = '';
  #sent = 0;
  #dropped = 0;
  #refusalTold = false;
  #overflowTold = false;
  #spoolTold = false;
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

  /** The same database, reached otherwise. */
  useTarget(target: InfluxTarget): void {
    this.#target = target;
  }

  /** Points went without being sent: there was nothing in them to write. */
  lost(count: number): void {
    this.#dropped += count;
  }

  /** The oldest points went for new ones, as there was no room for more. Told once, until all is sent. */
  overflowed(count: number): void {
    this.#dropped += count;
    if (count === 0 || this.#overflowTold) return;
    this.#overflowTold = true;
    this.#log.warn(`too many points wait for InfluxDB ${this.#name}: the oldest are given up for new ones`);
  }

  /** The disk does not take points. Told once, until all is sent. */
  cannotSpool(error: unknown): void {
    if (this.#spoolTold) return;
    this.#spoolTold = true;
    this.#log.warn(
      `points for InfluxDB ${this.#name} wait in memory, as the disk does not take them: ${errorLine(error)}`,
    );
  }

  /** The server has stored these: whatever was wrong is over. */
  stored(count: number, waiting: number): void {
    this.#sent += count;
    this.#error = '';
    if (waiting === 0) {
      this.#overflowTold = false;
      this.#spoolTold = false;
    }
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

  /** The end of the daemon came before these could be sent, and they are nowhere else. */
  abandoned(count: number): void {
    if (count === 0) return;
    this.#dropped += count;
    this.#log.warn(
      `InfluxDB ${this.#name} did not get the last points: ${this.#error || 'there was no time'}`,
      { dropped: count },
    );
  }

  /** The end of the daemon came before these could be sent: they are on the disk. */
  kept(count: number): void {
    if (count === 0) return;
    const why = this.#error || 'there was no time';
    this.#log.info(
      `InfluxDB ${this.#name} did not get the last points: ${why}; they are kept for the next start`,
      {
        waiting: count,
      },
    );
  }

  /** What a server says may hold the password or the token; the user is in every configuration that is shown. */
  #withoutSecrets(text: string): string {
    const { password, token } = this.#target;
    const kept = password?.hideIn(text) ?? text;
    return token?.hideIn(kept) ?? kept;
  }
}
