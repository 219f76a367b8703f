import type { Pressing } from './senses.ts';

/** The sense from a moment on of which nothing is concluded. */
export function stilled(before: Pressing | undefined, nowMs: number): Pressing | undefined {
  if (before === undefined || before.unseenSinceMs !== undefined) return before;
  const { overSinceMs, uselessSinceMs = null } = before;
  return overSinceMs === null && uselessSinceMs === null ? before : { ...before, unseenSinceMs: nowMs };
}

/** The sense when it is seen again: the time between counts neither as disturbed nor as a trial. */
export function resumed(before: Pressing, nowMs: number): Pressing {
  const { unseenSinceMs, ...rest } = before;
  if (unseenSinceMs === undefined) return before;
  const later = (ms: number | null): number | null => (ms === null ? null : ms + nowMs - unseenSinceMs);
  return {
    ...rest,
    overSinceMs: later(rest.overSinceMs),
    uselessSinceMs: later(rest.uselessSinceMs ?? null),
  };
}
