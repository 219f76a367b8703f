/** Something with a beginning and an end, as it is drawn: in a lane, which nothing else has at that time. */
export interface Placed<T> {
  readonly what: T;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly lane: number;
}

/** Puts lives into as few lanes as hold them, each into the lowest that is free when it begins. */
export function placeInLanes<T>(
  lives: readonly { readonly what: T; readonly fromMs: number; readonly untilMs: number }[],
): { readonly placed: readonly Placed<T>[]; readonly lanes: number } {
  const freeFromMs: number[] = [];
  const placed = lives
    .toSorted((a, b) => a.fromMs - b.fromMs || a.untilMs - b.untilMs)
    .map((life) => {
      const free = freeFromMs.findIndex((ms) => ms <= life.fromMs);
      const lane = free < 0 ? freeFromMs.length : free;
      freeFromMs[lane] = life.untilMs;
      return { ...life, lane };
    });
  return { placed, lanes: freeFromMs.length };
}
