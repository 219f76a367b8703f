import { setMaxListeners } from 'node:events';
import type { Action, ActionResult } from '../model/action.ts';
import { type ContainerEvent, type Engine, EngineError, type EngineInfo } from '../model/engine.ts';
import type { EngineView } from '../model/view.ts';
import { ageOfContainer, inspectAll } from './inspection.ts';
import { listPilots } from './listing.ts';
import { lookForImages } from './imageLook.ts';
import { ListingTurns } from './listingTurns.ts';
import { instanceLabel, kindTold } from './ownership.ts';
import { endedBefore, firstEventOf, isOfAnotherBoot, lookAgainMs, Outage } from './outage.ts';
import { PilotTable } from './pilotTable.ts';
import { Standings, tellFound } from './standings.ts';
import type { WatchParts } from './watchParts.ts';

type Begun = Extract<Action, { readonly do: 'start' | 'prepare' }>;

/** Keeps an `EngineView` true: subscribes, then lists; lists again after bursts, after a reconnect, and now and then. */
export class EngineWatch {
  readonly #parts: WatchParts;
  #table: PilotTable;
  readonly #outage = new Outage();
  readonly #standings: Standings;
  readonly #closed = new AbortController();
  readonly #turns: ListingTurns;
  #connection = new AbortController();
  #engine: Engine | null = null;
  #info: EngineInfo | null = null;
  #state: EngineView['state'] = 'waiting';
  #reason = '';
  #listingAskedMs: number | null = null;
  /** Since when no listing has come; null while they do. */
  #awaySinceMs: number | null = null;
  #failedListing = '';
  #isFirstListing = true;
  #running: Promise<void> | null = null;
  #wake: () => void = () => {};

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#table = new PilotTable(parts.lastWordOf);
    const wasPilot = (id: string, imageId: string | null): boolean =>
      this.#table.has(id) || parts.images.isOurs(imageId);
    this.#standings = new Standings(parts.identity, parts.adoptUnlabelled, wasPilot, parts.log);
    this.#turns = new ListingTurns({
      connection: () =>
        this.#closed.signal.aborted || this.#connection.signal.aborted ? null : this.#connection,
      list: async (signal) => this.#list(signal),
      onFailed: (error) => {
        this.#failedListing = messageOf(error);
        this.#listingAskedMs = null;
      },
      nowMs: () => parts.clock.nowMs(),
    });
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
      images: this.#parts.images.views(),
    };
  }

  /** The engine to act on; rejects actions while there is none. */
  engine(): Engine {
    if (this.#engine === null) throw new EngineError('unreachable', `no container engine: ${this.#reason}`);
    return this.#engine;
  }

  /** The kind of the pilot of this name, and the CPUs that it was made with; null of what nothing tells. */
  madeAs(name: string): { readonly kind: string | null; readonly cpus: number | null } {
    return this.#table.madeAs(name);
  }

  /** What our own verbs brought about is known before the engine's events tell it. */
  noteResult(result: ActionResult): void {
    const { clock, images } = this.#parts;
    const { action, fact } = result;
    if (action.do === 'start' || action.do === 'prepare') this.#noteBegun(action, result);
    if (action.do === 'discard' && result.ok) this.#table.noteRemoved(action.name);
    if (action.do === 'stop' && result.ok) this.#table.noteStopped(action.name, clock.nowMs());
    if (fact?.of === 'end') this.#table.noteRemoved(fact.report.name);
    images.noteResult(result, clock.nowMs());
    if (images.unchecked().length > 0) this.listSoon();
    // A verb that failed may have done its work all the same; only the engine knows.
    if (!result.ok && action.do !== 'pull') this.listSoon();
  }

  #noteBegun({ name, kind }: Begun, { fact, fault }: ActionResult): void {
    const { clock, images } = this.#parts;
    const made = { name, kind, imageId: this.#imageIdOf(kind) };
    if (fact?.of === 'start') this.#table.noteStarted({ ...made, id: fact.id }, clock.nowMs());
    if (fact?.of === 'prepare') this.#table.noteMade({ ...made, id: fact.id }, clock.nowMs());
    const reference = this.#parts.imageOfKind(kind);
    if (fault === 'not-found' && reference !== null) images.doubt(reference);
  }

  /** The image that a pilot of this kind is made of now; empty where it is not known. */
  #imageIdOf(kind: string | null): string {
    const reference = this.#parts.imageOfKind(kind);
    return (reference === null ? null : this.#parts.images.idOf(reference)) ?? '';
  }

  /** Lets go of this engine, and of all that it had, for the one that the settings name now. */
  useAnother(): void {
    this.#table = new PilotTable(this.#parts.lastWordOf);
    this.#state = 'waiting';
    this.#reason = 'another engine is configured';
    this.#listingAskedMs = null;
    this.reconnect();
  }

  /** Drops the connection and finds the engine again. */
  reconnect(): void {
    this.#connection.abort();
    this.#awaySinceMs = null;
    this.#wake();
  }

  listNow(): void {
    this.#turns.now();
  }

  /** Asks the engine for a listing as soon as the present burst of events is over. */
  listSoon(): void {
    this.#turns.soon();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#connection.abort();
    this.#turns.close();
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
      if (!brokenByUs || this.#failedListing !== '')
        this.#table.noteEngineGone(this.#outage.begin(this.#parts.clock.nowMs()));
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
      () => this.#turns.now(),
      (event) => this.#take(event),
      signal,
    );
  }

  async #pause(): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    this.#awaySinceMs ??= nowMs;
    const pauseMs = lookAgainMs(nowMs - this.#awaySinceMs);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #take(event: ContainerEvent): void {
    const standing = this.#standings.of(event);
    if (standing === 'ignored') return;
    const nowMs = this.#parts.clock.nowMs();
    const changed = this.#table.applyEvent(event, {
      managed: standing === 'managed',
      imageId: this.#imageIdOf(kindTold(event.labels)),
      nowMs,
      engineWasAway: this.#outage.covers(this.#table.startOf(event.id), nowMs),
    });
    this.listSoon();
    if (changed) this.#parts.onChange();
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    const engine = this.engine();
    const askedMs = clock.nowMs();
    await lookForImages(this.#parts, engine, signal);
    const listed = await listPilots(engine, this.#parts.identity.instance, this.#standings, signal);
    const unseen = this.#table.needsInspection(listed.map((one) => one.container));
    const details = await inspectAll(engine, unseen, log, signal);
    const firstEventMs = this.#isFirstListing ? await firstEventOf(engine, details, signal) : null;
    signal.throwIfAborted();
    const isLocal = this.#info?.local === true;
    this.#table.applyListing(listed, {
      details,
      ageOf: (detail) => ageOfContainer(detail, isLocal, clock),
      engineWasAway: (detail) =>
        this.#outage.isOn || isOfAnotherBoot(detail, isLocal, clock) || endedBefore(detail, firstEventMs),
      endedWithEngine: (id) => this.#parts.endedWithEngine(id),
      askedMs,
      nowMs: clock.nowMs(),
    });
    this.#outage.end(clock.nowMs());
    this.#isFirstListing = false;
    this.#parts.onProcesses(this.#table.processes());
    if (this.#listingAskedMs === null) tellFound(this.#table.pilots(), log);
    this.#state = 'answering';
    this.#reason = '';
    this.#listingAskedMs = askedMs;
    this.#awaySinceMs = null;
    this.#parts.onChange();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
