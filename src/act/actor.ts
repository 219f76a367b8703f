import { type Action, type ActionResult, actionKey, type Fact } from '../model/action.ts';
import type { Clock } from '../model/clock.ts';
import { EngineError } from '../model/engine.ts';
import { perform, type Tools } from './perform.ts';

const firstPauseMs = 1000;
const longestPauseMs = 60_000;

interface Pause {
  readonly failures: number;
  readonly untilMs: number;
}

/** Carries actions out beside the tick, each once at a time; one that failed is held back for a growing while. */
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
  let results: ActionResult[] = [];
  let idle: (() => void) | null = null;

  const land = (action: Action, result: ActionResult): void => {
    const key = actionKey(action);
    flights.delete(key);
    // Done or not, the same thing is not begun again at once: what it changed may not have been told yet.
    if (result.ok) pauses.set(key, { failures: 0, untilMs: clock.nowMs() + firstPauseMs });
    else pauses.set(key, nextPause(pauses.get(key), clock.nowMs()));
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

function nextPause(before: Pause | undefined, nowMs: number): Pause {
  const failures = (before?.failures ?? 0) + 1;
  return {
    failures,
    untilMs: nowMs + Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 16)),
  };
}

/** Pauses of actions that nobody asks for any more must not pile up. */
function forgetOld(pauses: Map<string, Pause>, nowMs: number): void {
  for (const [key, pause] of pauses) if (nowMs - pause.untilMs > 2 * longestPauseMs) pauses.delete(key);
}
