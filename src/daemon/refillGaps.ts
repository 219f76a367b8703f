import type { Slot } from '../decide/types.ts';
import type { Pilot } from '../model/pilot.ts';
import type { Rule } from '../model/reason.ts';
import { TimingSum } from '../record/timingSum.ts';
import type { Timings } from '../record/nodeFacts.ts';
import type { Tick } from './tick.ts';

/** Rules that refuse one more pilot, and hold back none that follows another. */
const harmless: ReadonlySet<Rule | undefined> = new Set([undefined, 'limit', 'growth', 'in-flight']);

/**
 * How long slots are empty between the end of a pilot and the start of the next one, where neither a rule nor a back-off
 * kept the slot waiting: that is what the daemon and the engine cost.
 */
export class RefillGaps {
  readonly #gaps = new TimingSum();
  #slots: readonly Slot[] = [];
  /** When the slot of the same index was left by its pilot; null where that is of no matter. */
  #freedMs: (number | null)[] = [];

  /** Looks at the slots of a tick beside those of the tick before. */
  note({ sample, decision }: Tick): void {
    const { slots } = decision.memory;
    // Where slots went, those behind them have other places.
    if (slots.length < this.#slots.length) this.#freedMs = [];
    if (slots !== this.#slots) this.#follow(slots, sample.engine.pilots, sample.atMs);
    const isHeldBack = !harmless.has(decision.refusals[0]?.rule);
    for (const [index, slot] of slots.entries())
      if (slot.pilot === null && (isHeldBack || slot.notBeforeMs > sample.atMs)) this.#freedMs[index] = null;
    this.#slots = slots;
    for (const { action, ok } of sample.results) {
      if (action.do === 'start') this.#began(action.name, ok, sample.atMs);
    }
  }

  read(): Timings {
    return this.#gaps.read();
  }

  #follow(slots: readonly Slot[], pilots: readonly Pilot[], nowMs: number): void {
    for (const [index, slot] of slots.entries()) {
      const before = this.#slots[index]?.pilot ?? null;
      if (before === null || before === slot.pilot) continue;
      const ended = pilots.find(({ name }) => name === before);
      this.#freedMs[index] = ended?.state === 'ended' ? ended.stateSinceMs : nowMs;
    }
  }

  #began(name: string, ok: boolean, nowMs: number): void {
    const index = this.#slots.findIndex(({ pilot }) => pilot === name);
    const freedMs = this.#freedMs[index] ?? null;
    if (index < 0 || freedMs === null) return;
    if (ok) this.#gaps.add(Math.max(0, nowMs - freedMs));
    this.#freedMs[index] = null;
  }
}
