import { setMaxListeners } from 'node:events';
import type { ActionResult } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import { type ContainerEvent, type Engine, EngineError, type EngineInfo } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import type { EngineView } from '../model/view.ts';
import type { ImageKeeper } from './imageKeeper.ts';
import { ageOfContainer, inspectAll } from './inspection.ts';
import { listPilots } from './listing.ts';
import { type Identity, instanceLabel } from './ownership.ts';
import { PilotTable } from './pilotTable.ts';
import { Standings, tellFound } from './standings.ts';

/** With no event at all, the engine is still asked this often: events can be lost, and unlabelled pilots tell none. */
const listEveryMs = 30_000;
/** A listing follows this long after the last of a burst of events, and never longer after the first. */
const settleMs = 3000;
const settleAtMostMs = 15_000;
const firstPauseMs = 1000;
const longestPauseMs = 30_000;

/** What the watch is made of. */
export interface WatchParts {
  /** Finds the engine anew: its address may come from a context or a socket that is there only later. */
  openEngine(): Engine;
  readonly identity: Identity;
  readonly adoptUnlabelled: () => boolean;
  readonly images: ImageKeeper;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when something changed that a decision may rest on. */
  onChange(): void;
  onConnected(info: EngineInfo): void;
  /** Called after each listing with the first processes of those that were inspected. */
  onProcesses(processes: readonly { id: string; pid: number }[]): void;
}

/** Keeps an `EngineView` true: subscribes, then lists; lists again after bursts, after a reconnect, and now and then. */
export class EngineWatch {
  readonly #parts: WatchParts;
  readonly #table = new PilotTable();
  readonly #standings: Standings;
  readonly #closed = new AbortController();
  #connection = new AbortController();
  #engine: Engine | null = null;
  #info: EngineInfo | null = null;
  #state: EngineView['state'] = 'waiting';
  #reason = '';
  #listingAskedMs: number | null = null;
  #pauseMs = firstPauseMs;
  #timer: NodeJS.Timeout | null = null;
  #burstSinceMs: number | null = null;
  #listing = false;
  #listAgain = false;
  #failedListing = '';
  #running: Promise<void> | null = null;
  #wake: () => void = () => {};

  constructor(parts: WatchParts) {
    this.#parts = parts;
    const wasPilot = (id: string, imageId: string | null): boolean =>
      this.#table.has(id) || parts.images.isOurs(imageId);
    this.#standings = new Standings(parts.identity, parts.adoptUnlabelled, wasPilot, parts.log);
  }

  start(): void {
    this.#running = this.#run();
  }

  view(): EngineView {
    return {
      state: this.#state,
      reason: this.#reason,
      info: this.#info,
      listed: this.#listingAskedMs !== null,
      listingAskedMs: this.#listingAskedMs,
      pilots: this.#table.pilots(),
      image: this.#parts.images.view(),
    };
  }

  /** The engine to act on; rejects actions while there is none. */
  engine(): Engine {
    if (this.#engine === null) throw new EngineError('unreachable', `no container engine: ${this.#reason}`);
    return this.#engine;
  }

  /** What our own verbs brought about is known before the engine's events tell it. */
  noteResult(result: ActionResult): void {
    const { clock, images } = this.#parts;
    const { action, fact } = result;
    if (fact?.of === 'start' && action.do === 'start')
      this.#table.noteStarted(fact.id, action.name, images.view().id ?? '', clock.nowMs());
    if (fact?.of === 'prepare' && action.do === 'prepare')
      this.#table.noteMade(fact.id, action.name, images.view().id ?? '', clock.nowMs());
    if (action.do === 'discard' && result.ok) this.#table.noteRemoved(action.name);
    if (action.do === 'stop' && result.ok) this.#table.noteStopped(action.name, clock.nowMs());
    if (fact?.of === 'end') this.#table.noteRemoved(fact.report.name);
    images.noteResult(result, clock.nowMs());
    if (!images.view().checked) this.listSoon();
    // A verb that failed may have done its work all the same; only the engine knows.
    if (!result.ok && action.do !== 'pull') this.listSoon();
  }

  /** Drops the connection and finds the engine again: its settings have changed. */
  reconnect(): void {
    this.#connection.abort();
    this.#pauseMs = firstPauseMs;
    this.#wake();
  }

  listNow(): void {
    this.#list();
  }

  /** Asks the engine for a listing as soon as the present burst of events is over. */
  listSoon(): void {
    const nowMs = this.#parts.clock.nowMs();
    this.#burstSinceMs ??= nowMs;
    this.#schedule(Math.max(0, Math.min(settleMs, this.#burstSinceMs + settleAtMostMs - nowMs)));
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#connection.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      this.#connection = new AbortController();
      setMaxListeners(0, this.#connection.signal);
      const { signal } = this.#connection;
      const reason = await this.#connectAndFollow(signal).then(
        () => 'the engine ended its stream of events',
        (error: unknown) => messageOf(error),
      );
      const brokenByUs = signal.aborted;
      this.#connection.abort();
      if (this.#closed.signal.aborted) return;
      this.#state = 'waiting';
      this.#reason = brokenByUs && this.#failedListing !== '' ? this.#failedListing : reason;
      this.#failedListing = '';
      this.#listingAskedMs = null;
      this.#parts.onChange();
      await this.#pause();
    }
  }

  async #connectAndFollow(signal: AbortSignal): Promise<void> {
    this.#engine = this.#parts.openEngine();
    this.#info = await this.#engine.connect(signal);
    this.#parts.onConnected(this.#info);
    this.#parts.images.doubt();
    const label = `${instanceLabel}=${this.#parts.identity.instance}`;
    await this.#engine.follow(
      label,
      () => this.#list(),
      (event) => this.#take(event),
      signal,
    );
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#pauseMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
  }

  #take(event: ContainerEvent): void {
    const standing = this.#standings.of(event);
    if (standing === 'ignored') return;
    const { clock, images } = this.#parts;
    const imageId = images.view().id ?? '';
    const changed = this.#table.applyEvent(event, standing === 'managed', imageId, clock.nowMs());
    this.listSoon();
    if (changed) this.#parts.onChange();
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#list(), delayMs);
  }

  /** Lists now, or right after the listing that is under way. */
  #list(): void {
    if (this.#closed.signal.aborted || this.#connection.signal.aborted) return;
    if (this.#listing) {
      this.#listAgain = true;
      return;
    }
    this.#listing = true;
    this.#burstSinceMs = null;
    const connection = this.#connection;
    void this.#listOnce(connection.signal)
      // Whatever kept the listing from us, the connection is not to be trusted: it is made anew.
      .catch((error: unknown) => {
        if (connection.signal.aborted) return;
        this.#failedListing = messageOf(error);
        this.#listingAskedMs = null;
        connection.abort();
      })
      .finally(() => {
        this.#listing = false;
        if (this.#closed.signal.aborted || this.#connection.signal.aborted) return;
        const again = this.#listAgain;
        this.#listAgain = false;
        if (connection !== this.#connection) this.#list();
        else if (again) this.listSoon();
        else if (this.#burstSinceMs === null) this.#schedule(listEveryMs);
      });
  }

  async #listOnce(signal: AbortSignal): Promise<void> {
    const { clock, images, log } = this.#parts;
    const engine = this.engine();
    const askedMs = clock.nowMs();
    const { reference } = images.view();
    if (!images.view().checked) images.noteFound(reference, await engine.findImage(reference, signal));
    const listed = await listPilots(engine, this.#parts.identity.instance, this.#standings, signal);
    const unseen = this.#table.needsInspection(listed.map((one) => one.container));
    const details = await inspectAll(engine, unseen, log, signal);
    signal.throwIfAborted();
    this.#table.applyListing(
      listed,
      details,
      (detail) => ageOfContainer(detail, this.#info?.local === true, clock),
      askedMs,
      clock.nowMs(),
    );
    this.#parts.onProcesses(this.#table.processes());
    if (this.#listingAskedMs === null) tellFound(this.#table.pilots(), log);
    this.#state = 'answering';
    this.#reason = '';
    this.#listingAskedMs = askedMs;
    this.#pauseMs = firstPauseMs;
    this.#parts.onChange();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
