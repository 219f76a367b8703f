import { setMaxListeners } from 'node:events';
import { type Action, type ActionResult, actionKey, type Fact } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import { EngineError } from '../model/engine.ts';
import { perform, type Tools } from './perform.ts';

const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** The owner is waiting for the room that these make, or a pilot for what was taken from it. */
const urgent: ReadonlySet<Action['do']> = new Set(['stop', 'pause', 'thaw', 'kill', 'shrink']);
const longestUrgentPauseMs = 5000;

interface Pause {
  readonly action: Action;
  readonly failures: number;
  readonly untilMs: number;
}

/**
 * Carries actions out beside the tick, each once at a time. One that failed is held back for a growing while: up to a
 * minute, or 5 s where somebody is waiting for it.
 */
export interface Actor {
  /** Begins an action unless the same one is under way or held back. */
  begin(action: Action): void;
  inFlight(): { action: Action; sinceMs: number }[];
  /** What became of actions since this was last asked. */
  takeResults(): ActionResult[];
  /** Waits for what is in flight, pulls excepted, for at most this long, then cuts off the rest. */
  settle(deadlineMs: number): Promise<void>;
}

/** Makes an actor; `onSettled` is called after each action, when its result can be taken. */
export function createActor(tools: () => Tools, clock: Clock, onSettled: () => void): Actor {
  const flights = new Map<string, { action: Action; sinceMs: number }>();
  const pauses = new Map<string, Pause>();
  const abort = new AbortController();
  // As many verbs as there are pilots listen to it at a time; Node would take more than ten for a leak.
  setMaxListeners(0, abort.signal);
  let results: ActionResult[] = [];
  let idle: (() => void) | null = null;

  const land = (action: Action, result: ActionResult): void => {
    const key = actionKey(action);
    flights.delete(key);
    // Done or not, the same thing is not begun again at once: what it changed may not have been told yet.
    if (result.ok) {
      forgetOpposite(pauses, action);
      pauses.set(key, { action, failures: 0, untilMs: clock.nowMs() + firstPauseMs });
    } else pauses.set(key, nextPause(action, pauses.get(key), clock.nowMs()));
    results.push(result);
    if (!worthWaiting()) idle?.();
    onSettled();
  };

  /** A pull may take an hour, and the next daemon begins it again where the engine left off. */
  const worthWaiting = (): boolean => [...flights.values()].some(({ action }) => action.do !== 'pull');

  const isHeldBack = (key: string): boolean => {
    const pause = pauses.get(key);
    return pause !== undefined && clock.nowMs() < pause.untilMs;
  };

  return {
    begin(action) {
      const key = actionKey(action);
      if (flights.has(key) || isHeldBack(key)) return;
      forgetOld(pauses, clock.nowMs());
      const sinceMs = clock.nowMs();
      flights.set(key, { action, sinceMs });
      const tookMs = (): number => clock.nowMs() - sinceMs;
      void attempt(() => perform(action, tools(), abort.signal)).then(
        (fact) => land(action, { action, ok: true, fact, error: '', fault: null, tookMs: tookMs() }),
        (error: unknown) =>
          land(action, { action, ok: false, fact: null, ...described(error), tookMs: tookMs() }),
      );
    },
    inFlight: () => [...flights.values()],
    takeResults() {
      const taken = results;
      results = [];
      return taken;
    },
    async settle(deadlineMs) {
      if (!worthWaiting()) {
        abort.abort();
        return;
      }
      let timer: NodeJS.Timeout | undefined;
      const quiet = new Promise<void>((resolve) => {
        idle = resolve;
        timer = setTimeout(resolve, deadlineMs);
      });
      await quiet;
      clearTimeout(timer);
      abort.abort();
    },
  };
}

/** Turns a synchronous throw (no engine yet) into a rejection like any other. */
async function attempt(act: () => Promise<Fact | null>): Promise<Fact | null> {
  return act();
}

function described(error: unknown): { error: string; fault: ActionResult['fault'] } {
  if (error instanceof EngineError) return { error: error.message, fault: error.fault };
  return { error: error instanceof Error ? error.message : String(error), fault: 'failed' };
}

function nextPause(action: Action, before: Pause | undefined, nowMs: number): Pause {
  const failures = (before?.failures ?? 0) + 1;
  const longestMs = urgent.has(action.do) ? longestUrgentPauseMs : longestPauseMs;
  const pauseMs = Math.min(longestMs, firstPauseMs * 2 ** Math.min(failures - 1, 16));
  return { action, failures, untilMs: nowMs + pauseMs };
}

/** What was done is not done any more once its opposite is: it may be begun again at once. */
function forgetOpposite(pauses: Map<string, Pause>, done: Action): void {
  const subject = reversible(done);
  if (subject === null) return;
  for (const [key, { action, failures }] of pauses)
    if (failures === 0 && reversible(action) === subject) pauses.delete(key);
}

/** What an action can take and give back, as one name for both ways; null for one that is for good. */
function reversible(action: Action): string | null {
  if (action.do === 'shrink') return `CPUs of ${action.name}`;
  return action.do === 'pause' || action.do === 'thaw' ? `time of ${action.name}` : null;
}

/** Pauses of actions that nobody asks for any more must not pile up. */
function forgetOld(pauses: Map<string, Pause>, nowMs: number): void {
  for (const [key, pause] of pauses) if (nowMs - pause.untilMs > 2 * longestPauseMs) pauses.delete(key);
}
