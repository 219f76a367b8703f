import { type Action, type ActionResult, actionKey } from '../model/action.ts';
import type { EngineFault } from '../model/engine.ts';
import type { Pilot } from '../model/pilot.ts';
import type { InFlight } from '../decide/types.ts';
import { pilotOf } from './body.ts';
import { carryOut, landsAtMs, needsEngine, type Shop } from './verbs.ts';

/** A call that gets no answer is given up after this long. */
const deadlineMs = 10_000;
/** So long an engine may say nothing before it counts as one that does not answer. */
const patienceMs = 2000;

interface Flight {
  readonly action: Action;
  readonly sinceMs: number;
  /** When it is looked at again. */
  atMs: number;
}

/** How the engine is: it answers, is not there (each call fails at once), or takes calls and says nothing. */
export interface Weather {
  readonly engine: 'answers' | 'away' | 'hangs';
  readonly startsFail: boolean;
}

/** What the daemon knows of the engine at this instant. */
export interface Told {
  readonly answering: boolean;
  /** False until it has told which containers there are. */
  readonly listed: boolean;
  readonly reason: string;
  readonly pilots: readonly Pilot[];
  /** When each image was last pulled, by reference; one that is not in it was at the start. */
  readonly pulledAtMs: ReadonlyMap<string, number>;
}

/**
 * A model of the engine and of the hands that work it: actions take their time, one at a time for each key, and what has
 * just been done or has failed is held back for a while, as the daemon's actor does.
 */
export class ModelEngine {
  readonly shop: Shop;
  #flights = new Map<string, Flight>();
  readonly #heldBack = new Map<string, { untilMs: number; failures: number }>();
  #results: ActionResult[] = [];
  #hangsSinceMs: number | null = null;
  #lastTold: readonly Pilot[] | null = null;
  readonly #pulledAtMs = new Map<string, number>();
  readonly #startMs: number | undefined;

  constructor(shop: Shop, startMs?: number) {
    this.shop = shop;
    this.#startMs = startMs;
  }

  begin(action: Action, nowMs: number): void {
    const key = actionKey(action);
    if (this.#flights.has(key) || nowMs < (this.#heldBack.get(key)?.untilMs ?? 0)) return;
    this.#flights.set(key, { action, sinceMs: nowMs, atMs: landsAtMs(action, nowMs, this.#startMs) });
  }

  /** Lets all that is due by now happen. */
  advance(weather: Weather, nowMs: number): void {
    if (weather.engine === 'hangs') this.#hangsSinceMs ??= nowMs;
    else this.#hangsSinceMs = null;
    for (const [key, flight] of this.#flights) {
      if (flight.atMs > nowMs) continue;
      this.#land(key, flight, weather, nowMs);
      // What its answers to our own calls say is known, too.
      if (weather.engine === 'answers') this.#lastTold = this.#list();
    }
  }

  #land(key: string, flight: Flight, weather: Weather, nowMs: number): void {
    const { action } = flight;
    if (needsEngine(action) && weather.engine === 'away')
      return this.#settle(key, flight, 'unreachable', nowMs);
    if (needsEngine(action) && weather.engine === 'hangs') {
      if (nowMs - flight.sinceMs >= deadlineMs) this.#settle(key, flight, 'timeout', nowMs);
      return;
    }
    const landing = carryOut(this.shop, action, weather.startsFail, nowMs);
    if (action.do === 'pull') this.#pulledAtMs.set(action.reference, nowMs);
    if (typeof landing === 'object') flight.atMs = landing.laterMs;
    else this.#settle(key, flight, landing === 'done' ? null : landing, nowMs);
  }

  #settle(key: string, flight: Flight, fault: EngineFault | null, nowMs: number): void {
    this.#flights.delete(key);
    const failures = fault === null ? 0 : (this.#heldBack.get(key)?.failures ?? 0) + 1;
    const untilMs = nowMs + Math.min(60_000, 1000 * 2 ** Math.max(0, Math.min(failures - 1, 16)));
    this.#heldBack.set(key, { untilMs, failures });
    const error = fault === null ? '' : `the engine of the model says: ${fault}`;
    const { action, sinceMs } = flight;
    this.#results.push({ action, ok: fault === null, fact: null, error, fault, tookMs: nowMs - sinceMs });
    if (this.#heldBack.size > 1000) this.#forget(nowMs);
  }

  #forget(nowMs: number): void {
    for (const [key, { untilMs }] of this.#heldBack)
      if (untilMs < nowMs - 120_000) this.#heldBack.delete(key);
  }

  inFlight(): readonly InFlight[] {
    return [...this.#flights.values()].map(({ action, sinceMs }) => ({ action, sinceMs }));
  }

  takeResults(): readonly ActionResult[] {
    const results = this.#results;
    this.#results = [];
    return results;
  }

  #list(): readonly Pilot[] {
    return Array.from(this.shop.bodies.values(), pilotOf);
  }

  /** While it does not answer, what it told last is all that is known. */
  told(weather: Weather, nowMs: number): Told {
    if (weather.engine === 'answers') this.#lastTold = this.#list();
    const hangs = this.#hangsSinceMs !== null && nowMs - this.#hangsSinceMs >= patienceMs;
    const answering = weather.engine !== 'away' && !hangs;
    const reason = answering ? '' : 'it does not answer';
    const listed = answering && this.#lastTold !== null;
    return { answering, listed, reason, pilots: this.#lastTold ?? [], pulledAtMs: this.#pulledAtMs };
  }

  /** The daemon dies: what it had asked for has reached the engine, and nobody hears of it. */
  daemonDies(weather: Weather, nowMs: number): void {
    for (const { action } of this.#flights.values()) {
      if (weather.engine === 'answers') carryOut(this.shop, action, weather.startsFail, nowMs);
    }
    this.#flights = new Map();
    this.#lastTold = null;
    this.#results = [];
    this.#heldBack.clear();
  }
}
