/** A jump of the clock must not make more than this part of what is kept too old. */
const mostGapPart = 0.25;

/**
 * How old files are, by when they were last written (Unix milliseconds, the newest first), in the same order. Clocks of
 * nodes are wrong now and then, by decades, after a boot: so a time in which nothing was written counts as a quarter of
 * `keepMs` at most, and a file of the future is one of now. So one jump never makes more than that part too old, while
 * files that are written more often than that have their true ages.
 */
export function agesOf(writtenWallMs: readonly number[], nowMs: number, keepMs: number): readonly number[] {
  const mostGapMs = keepMs * mostGapPart;
  let laterMs = nowMs;
  let ageMs = 0;
  return writtenWallMs.map((writtenMs) => {
    const atMs = Math.min(writtenMs, laterMs);
    ageMs += Math.min(laterMs - atMs, mostGapMs);
    laterMs = atMs;
    return ageMs;
  });
}
