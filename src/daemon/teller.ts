import type { ActionResult } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import type { PilotKeep } from '../model/keep.ts';
import type { Log } from '../model/log.ts';
import type { SinkState } from '../model/point.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { createSinks, type Sinks } from '../record/influxSinks.ts';
import { Narrator } from './narrate.ts';
import { Reporter } from './report.ts';
import type { Tick } from './tick.ts';
import { recordOfVanished, vanished } from './vanished.ts';

const flushMs = 3000;

/** Tells the world: the log, and the databases. Never throws, never waits. */
export class Teller {
  readonly #clock: Clock;
  readonly #narrator: Narrator;
  readonly #reporter: Reporter;
  readonly #sinks: Sinks;
  readonly #keep: PilotKeep;
  /** What the tick before saw, for what has vanished since. */
  #before: Tick['sample'] | null = null;

  constructor(log: Log, clock: Clock, hostname: string, keep: PilotKeep, targets: readonly InfluxTarget[]) {
    this.#clock = clock;
    this.#keep = keep;
    this.#narrator = new Narrator(log);
    this.#reporter = new Reporter(hostname, clock.nowMs());
    this.#sinks = createSinks(targets, { log, clock });
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
    const wallMs = this.#clock.wallMs();
    for (const one of vanished(this.#before, tick.sample, tick.policy)) {
      this.#narrator.vanished(one.report, wallMs);
      this.#reporter.ended(one.report, this.#sinks, wallMs);
      const surroundings = this.#keep.surroundingsOf(one.pilot.id, one.pilot.imageId);
      this.#keep.record(recordOfVanished(one, surroundings, wallMs));
    }
    this.#before = tick.sample;
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
