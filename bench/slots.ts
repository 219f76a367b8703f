/** A container's life in the engine's stamps, milliseconds; `endMs` is null while it runs. */
export interface Life {
  readonly startMs: number;
  readonly endMs: number | null;
}

/** Slot time, over all slots. */
export interface SlotTime {
  readonly filledMs: number;
  readonly spanMs: number;
}

/**
 * Puts lives into slots: each goes to the free slot that emptied last, so that a slot that nobody refills is seen to stay
 * empty. Throws when more run at a time than there are slots.
 */
export function intoSlots(lives: readonly Life[], slotCount: number): readonly (readonly Life[])[] {
  const slots: Life[][] = Array.from({ length: slotCount }, () => []);
  const freeSince = (slot: readonly Life[]): number => {
    const last = slot.at(-1);
    return last === undefined ? Number.NEGATIVE_INFINITY : (last.endMs ?? Number.POSITIVE_INFINITY);
  };
  for (const life of lives.toSorted((a, b) => a.startMs - b.startMs)) {
    const free = slots.filter((one) => freeSince(one) <= life.startMs);
    const slot = free.find((one) => freeSince(one) === Math.max(...free.map(freeSince)));
    if (slot === undefined) throw new Error(`more than ${slotCount} containers ran at a time`);
    slot.push(life);
  }
  return slots;
}

/**
 * How much of the slots' time was filled between two marks. Of each slot whole turns count, from its first start to its
 * last: so the wait for the very first start is nobody's, and a mark in the middle of a run favours nobody. A slot that
 * stands empty at the second mark counts up to there; one without any start, from mark to mark.
 */
export function slotTime(lives: readonly Life[], slotCount: number, fromMs: number, toMs: number): SlotTime {
  const seen = lives
    .filter((life) => life.startMs < toMs)
    .map((life) => ({ startMs: life.startMs, endMs: (life.endMs ?? toMs) < toMs ? life.endMs : null }));
  const turns = intoSlots(seen, slotCount).map((slot) => slotTurns(slot, fromMs, toMs));
  return {
    filledMs: turns.reduce((sum, one) => sum + one.filledMs, 0),
    spanMs: turns.reduce((sum, one) => sum + one.spanMs, 0),
  };
}

function slotTurns(slot: readonly Life[], fromMs: number, toMs: number): SlotTime {
  const [first, last] = [slot[0], slot.at(-1)];
  if (first === undefined || last === undefined) return { filledMs: 0, spanMs: toMs - fromMs };
  const untilMs = last.endMs === null ? last.startMs : toMs;
  const filledMs = slot.reduce(
    (sum, { startMs, endMs }) => sum + Math.min(endMs ?? untilMs, untilMs) - startMs,
    0,
  );
  return { filledMs, spanMs: untilMs - first.startMs };
}

/** The filled share of slot time, 0 to 1. Throws when no turn was whole: the time was too short to tell. */
export function filledShare(time: SlotTime): number {
  if (time.spanMs <= 0) throw new Error('no slot saw a whole turn: the window is too short');
  return time.filledMs / time.spanMs;
}

/** Times from each end to the next start, of containers that ran one after the other. Throws when two overlapped. */
export function gapsMs(lives: readonly Life[]): readonly number[] {
  const [slot = []] = intoSlots(lives, 1);
  return slot.slice(1).map((life, index) => life.startMs - (slot[index]?.endMs ?? Number.NaN));
}
