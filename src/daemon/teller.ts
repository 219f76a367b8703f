import { join } from 'node:path';
import type { ActionResult } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import type { PilotRecord } from '../model/history.ts';
import type { Log } from '../model/log.ts';
import type { Places } from '../model/places.ts';
import type { SinkState } from '../model/point.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { createSinks, type Sinks } from '../record/influxSinks.ts';
import type { NodeFacts } from '../record/nodeFacts.ts';
import type { PilotKeeper } from '../record/pilotKeeper.ts';
import { Narrator } from './narrate.ts';
import { kindTag, nodeFactsOf } from './nodeFacts.ts';
import type { RecentWords } from './recentWords.ts';
import { Reporter } from './report.ts';
import { Tally } from './tally.ts';
import type { Tick } from './tick.ts';
import { VanishedPilots } from './vanished.ts';

const flushMs = 3000;

/** What a teller is made of. */
export interface TellerParts {
  readonly log: Log;
  readonly clock: Clock;
  readonly hostname: string;
  readonly keep: PilotKeeper;
  readonly targets: readonly InfluxTarget[];
  /** Points that cannot be sent yet wait in a folder of the state folder. */
  readonly places: Pick<Places, 'stateFolder'>;
}

/** Tells the world: the log, and the databases. Never throws, never waits. */
export class Teller {
  /** What has happened since the daemon began. */
  readonly tally = new Tally();
  readonly #clock: Clock;
  readonly #hostname: string;
  readonly #startedMs: number;
  readonly #narrator: Narrator;
  readonly #reporter: Reporter;
  readonly #sinks: Sinks;
  readonly #vanished: VanishedPilots;
  #before: Tick | null = null;

  constructor({ log, clock, hostname, keep, targets, places }: TellerParts) {
    this.#clock = clock;
    this.#hostname = hostname;
    this.#startedMs = clock.nowMs();
    this.#narrator = new Narrator(log);
    this.#reporter = new Reporter(hostname, this.#startedMs);
    this.#sinks = createSinks(targets, { log, clock, spoolFolder: join(places.stateFolder, 'spool') });
    this.#vanished = new VanishedPilots(keep, clock, ({ report, how }) =>
      this.#narrator.vanished(report, how.text, clock.wallMs()),
    );
  }

  /** All that is told of the node as it was at the last tick; null before the first. */
  facts(): NodeFacts | null {
    return this.#before === null ? null : this.#factsOf(this.#before);
  }

  /** What was done and decided lately. */
  get words(): RecentWords {
    return this.#narrator.words;
  }

  sinks(): SinkState[] {
    return this.#sinks.states();
  }

  /** Other databases are to be written to; what waits to be sent to one that is kept goes on waiting. */
  useTargets(targets: readonly InfluxTarget[]): void {
    this.#sinks.useTargets(targets, flushMs);
  }

  result(result: ActionResult, imageIsThere: boolean): void {
    const wallMs = this.#clock.wallMs();
    const start = this.tally.started(result);
    if (start !== null) this.#reporter.started(start, this.#sinks, wallMs);
    this.#narrator.result(result, imageIsThere, wallMs);
  }

  /** Takes the record of a pilot's end, once for each pilot. */
  ended(record: PilotRecord): void {
    const kind = this.#before === null ? record.kind : kindTag(this.#before, record.kind);
    const told = this.tally.ended(kind, record.outcome, record.reason?.rule ?? null);
    this.#reporter.ended(record, told, this.#sinks, this.#clock.wallMs());
  }

  tick(tick: Tick): void {
    this.#vanished.look(tick);
    this.#before = tick;
    this.tally.tick(tick);
    this.#narrator.control(tick.sample.control, tick.sample.atMs, tick.policy.loopMs);
    this.#narrator.decided(tick.decision, tick.sample.atMs, this.#clock.wallMs());
    this.tally.ticked(this.#clock.nowMs() - tick.sample.atMs);
    if (!this.#reporter.isDue(tick)) return;
    this.#reporter.report(tick, this.#factsOf(tick), this.#sinks);
    this.#narrator.glance(tick);
  }

  #factsOf(tick: Tick): NodeFacts {
    const { user, system } = process.cpuUsage();
    return nodeFactsOf(tick, {
      hostname: this.#hostname,
      atWallMs: this.#clock.wallMs(),
      startedMs: this.#startedMs,
      tally: this.tally,
      sinks: this.#sinks.states(),
      cpuMs: (user + system) / 1000,
      residentBytes: process.memoryUsage.rss(),
    });
  }

  async close(): Promise<void> {
    await this.#sinks.close(flushMs);
  }
}
