import { counted } from '../decide/numbers.ts';
import { isAlive } from '../decide/slots.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Tick } from './tick.ts';

/** What was taken at the engine before is given back within this time, or not at all: it may not answer any more. */
export const movePatienceMs = 10_000;

/** What leaving an engine for another one takes. */
export interface EngineMoveParts {
  readonly log: Log;
  readonly clock: Clock;
  /** Where the engine is that is used now. */
  readonly endpoint: () => string;
  /** Lets go of it, for the one that is configured. */
  readonly leave: () => void;
}

/** The way from one engine to another one. */
export interface EngineMove {
  /** The configuration names another engine now. */
  begin(): void;
  /** Whether what was taken at the engine before is still being given back. */
  isUnderWay(): boolean;
  /** To be called with each tick: leaves the engine when nothing is left to do there. */
  look(tick: Tick): void;
}

/**
 * Leaves an engine as the end of the daemon does: pilots that are paused or shrunk get back what was taken from them, for
 * nobody would do it later. They run on there; nobody looks after them until that engine is configured again.
 */
export function createEngineMove({ log, clock, endpoint, leave }: EngineMoveParts): EngineMove {
  let sinceMs: number | null = null;

  return {
    begin() {
      sinceMs ??= clock.nowMs();
    },
    isUnderWay: () => sinceMs !== null,
    look(tick) {
      if (sinceMs === null) return;
      const isOver = !isWorthWaiting(tick) || clock.nowMs() - sinceMs >= movePatienceMs;
      if (!isOver) return;
      sinceMs = null;
      tellLeft(tick);
      leave();
    },
  };

  function tellLeft({ decision, sample }: Tick): void {
    const stays = sample.engine.pilots.filter((pilot) => pilot.managed && isAlive(pilot)).length;
    const held = decision.memory.held.map((one) => one.pilot).join(', ');
    if (held !== '')
      log.warn(`the engine at ${endpoint()} was left before it had given back what was taken from ${held}`);
    if (stays === 0) return;
    const what = `${counted(stays, 'pilot')} of ours run on at ${endpoint()}`;
    log.warn(`${what}: nobody looks after them until that engine is configured again`);
  }
}

/** Whether the engine answers, and something is under way there or not yet known to be done. */
function isWorthWaiting({ decision, sample }: Tick): boolean {
  if (sample.engine.state === 'waiting') return false;
  // A tick of before the change says nothing of what is to be given back.
  if (!sample.leavesEngine) return true;
  // A grace may be an hour, and a stop goes on by itself.
  const isAtWork = sample.inFlight.some(({ action }) => action.do !== 'pull' && action.do !== 'stop');
  return isAtWork || decision.actions.length > 0 || decision.memory.held.length > 0;
}
