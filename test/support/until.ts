import { setTimeout as wait } from 'node:timers/promises';

/** Waits until `condition` gives something else than false, null or undefined, looking often; rejects naming `what` after `deadlineMs`. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = 60_000,
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) {
      return value as Exclude<T, false | null | undefined>;
    }
    if (performance.now() > end) {
      throw new Error(`waited ${deadlineMs} ms in vain for: ${what}`);
    }
    await wait(20);
  }
}
