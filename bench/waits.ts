import { setTimeout as wait } from 'node:timers/promises';

const lookEveryMs = 50;

/** Waits this long; rejects at once when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal });
}

/** Looks until a condition holds; rejects naming it after the deadline, and when the signal aborts. */
export async function waitFor(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`waited ${deadlineMs / 1000} s in vain for: ${what}`);
    await pause(lookEveryMs, signal);
  }
}
