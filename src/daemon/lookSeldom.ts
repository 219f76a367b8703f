/** Files that a watch tells of are looked at by themselves only now and then, for what the watch missed. */
const everyMs = 5000;

/** Gives what the last look found. */
export interface SeldomLook<T> {
  (): T;
  /** Something may have changed: the next call looks. */
  again(): void;
}

/**
 * Looks when it is told to, and else each five seconds: a look at the run folder each second was a tenth of what the
 * daemon takes of a CPU (measured). `nowMs` is `Clock.nowMs`.
 */
export function lookSeldom<T>(look: () => T, nowMs: () => number): SeldomLook<T> {
  let last: { readonly found: T; readonly atMs: number } | null = null;
  const latest = (): T => {
    if (last === null || nowMs() - last.atMs >= everyMs) last = { found: look(), atMs: nowMs() };
    return last.found;
  };
  return Object.assign(latest, {
    again: () => {
      last = null;
    },
  });
}
