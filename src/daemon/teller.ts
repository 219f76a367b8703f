import type { ActionResult } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { SinkState } from '../model/point.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { createSinks, type Sinks } from '../record/influxSinks.ts';
import type { PilotKeeper } from '../record/pilotKeeper.ts';
import { Narrator } from './narrate.ts';
import { Reporter } from './report.ts';
import type { Tick } from './tick.ts';
import { VanishedPilots } from './vanished.ts';

const flushMs = 3000;

/** Tells the world: the log, and the databases. Never throws, never waits. */
export class Teller {
  readonly #clock: Clock;
  readonly #narrator: Narrator;
  readonly #reporter: Reporter;
  readonly #sinks: Sinks;
  readonly #vanished: VanishedPilots;

  constructor(log: Log, clock: Clock, hostname: string, keep: PilotKeeper, targets: readonly InfluxTarget[]) {
    this.#clock = clock;
    this.#narrator = new Narrator(log);
    this.#reporter = new Reporter(hostname, clock.nowMs());
    this.#sinks = createSinks(targets, { log, clock });
    this.#vanished = new VanishedPilots(keep, clock, ({ report, how }) => {
      const wallMs = clock.wallMs();
      this.#narrator.vanished(report, how.text, wallMs);
      this.#reporter.ended(report, this.#sinks, wallMs);
    });
  }

  /** What was last done, for `status`. */
  get last(): { text: string; atWallMs: number } | null {
    return this.#narrator.last;
  }

  sinks(): SinkState[] {
    return this.#sinks.states();
  }

  /** Other databases are to be written to; what waits to be sent to one that is kept goes on waiting. */
  useTargets(targets: readonly InfluxTarget[]): void {
    this.#sinks.useTargets(targets, flushMs);
  }

  result(result: ActionResult, imageIsThere: boolean): void {
    this.#narrator.result(result, imageIsThere, this.#clock.wallMs());
    if (result.fact?.of === 'end')
      this.#reporter.ended(result.fact.report, this.#sinks, this.#clock.wallMs());
  }

  tick(tick: Tick): void {
    this.#vanished.look(tick);
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
