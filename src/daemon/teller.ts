import type { ActionResult } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { SinkState } from '../model/point.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { createSinks, type Sinks } from '../record/influxSinks.ts';
import { Narrator } from './narrate.ts';
import { Reporter } from './report.ts';
import type { Tick } from './tick.ts';

const flushMs = 3000;

/** Tells the world: the log, and the databases. Never throws, never waits. */
export class Teller {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #narrator: Narrator;
  readonly #reporter: Reporter;
  #targets: readonly InfluxTarget[];
  #sinks: Sinks;

  constructor(log: Log, clock: Clock, hostname: string, targets: readonly InfluxTarget[]) {
    this.#log = log;
    this.#clock = clock;
    this.#narrator = new Narrator(log);
    this.#reporter = new Reporter(hostname, clock.nowMs());
    this.#targets = targets;
    this.#sinks = createSinks(targets, { log, clock });
  }

  /** What was last done, for `status`. */
  get last(): { text: string; atWallMs: number } | null {
    return this.#narrator.last;
  }

  sinks(): SinkState[] {
    return this.#sinks.states();
  }

  /** Other databases are to be written to; where they are the same, what waits to be sent to them goes on waiting. */
  useTargets(targets: readonly InfluxTarget[]): void {
    if (sameTargets(this.#targets, targets)) return;
    void this.#sinks.close(flushMs);
    this.#targets = targets;
    this.#sinks = createSinks(targets, { log: this.#log, clock: this.#clock });
  }

  result(result: ActionResult, imageIsThere: boolean): void {
    this.#narrator.result(result, imageIsThere, this.#clock.wallMs());
    if (result.fact?.of === 'end')
      this.#reporter.ended(result.fact.report, this.#sinks, this.#clock.wallMs());
  }

  tick(tick: Tick): void {
    this.#narrator.control(tick.sample.control, tick.sample.atMs, tick.policy.loopMs);
    this.#narrator.decided(tick.decision, tick.sample.atMs, this.#clock.wallMs());
    if (!this.#reporter.isDue(tick)) return;
    this.#reporter.report(tick, this.#sinks, this.#clock.wallMs());
    this.#narrator.glance(tick);
  }

  async close(): Promise<void> {
    await this.#sinks.close(flushMs);
  }
}

/** Passwords are compared too, though nothing prints them. */
function sameTargets(a: readonly InfluxTarget[], b: readonly InfluxTarget[]): boolean {
  const whole = (targets: readonly InfluxTarget[]): string =>
    JSON.stringify(targets.map((target) => ({ ...target, password: target.password?.reveal() })));
  return whole(a) === whole(b);
}
