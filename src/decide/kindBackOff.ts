import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { hashShare } from './hash.ts';
import type { KindBackOff } from './kindMemory.ts';
import { type KindPolicy, rulesOf } from './kindPolicy.ts';
import { counted, spanText } from './numbers.ts';
import { atOnceMs } from './outcome.ts';
import { isAlive } from './slots.ts';
import type { Slot } from './types.ts';

/** The least part of a wait that the jitter leaves. */
const leastShare = 0.5;

/**
 * How long a kind waits after so many fruitless pilots in a row: its first wait, doubling up to the longest, times a
 * number between a half and one that differs from node to node, so that a fleet does not ask all at once.
 */
export function kindWaitMs({ name, backOff }: KindPolicy, fruitless: number, seed: number): number {
  const wholeMs = Math.min(backOff.mostMs, backOff.firstMs * 2 ** Math.min(fruitless - 1, 32));
  return wholeMs * (leastShare + (1 - leastShare) * hashShare(`${seed} ${name} ${fruitless}`));
}

/** When a pilot has shown that there was something to do for it: it has lived for longer than a `fizzle`. */
function provenAtMs(kind: KindPolicy, pilot: Pilot): number | null {
  const { fizzleMs } = rulesOf({ kinds: [kind] }, pilot);
  return pilot.startedAtMs.known ? pilot.startedAtMs.value + Math.max(fizzleMs, atOnceMs) : null;
}

/** Whether a pilot has shown since the wait began that there is work. */
export function endsBackOff(kind: KindPolicy, backOff: KindBackOff, pilot: Pilot, nowMs: number): boolean {
  if (!pilot.managed || pilot.kind !== kind.name || !isAlive(pilot)) return false;
  const atMs = provenAtMs(kind, pilot);
  return atMs !== null && atMs > backOff.sinceMs && atMs <= nowMs;
}

/** The back-off after a fruitless pilot. One that was begun before the wait says nothing that was not known. */
export function backedOff(
  kind: KindPolicy,
  before: KindBackOff | null,
  { slot, hasFailed }: { readonly slot: Slot; readonly hasFailed: boolean },
  seed: number,
  nowMs: number,
): KindBackOff {
  if (before !== null && (slot.sinceMs ?? before.sinceMs - 1) < before.sinceMs) return before;
  const fruitless = (before?.fruitless ?? 0) + 1;
  const wait = { fruitless, sinceMs: nowMs, untilMs: nowMs + kindWaitMs(kind, fruitless, seed) };
  return hasFailed ? { ...wait, hasFailed } : wait;
}

/** The pilot that tries, while its kind backs off, whether there is work again; null when none is under way. */
export function probeOf(kind: KindPolicy, { sinceMs }: KindBackOff, slots: readonly Slot[]): Slot | null {
  const isProbe = (slot: Slot): boolean =>
    slot.pilot !== null && slot.kind === kind.name && (slot.sinceMs ?? Number.NEGATIVE_INFINITY) >= sinceMs;
  return slots.find(isProbe) ?? null;
}

/** Why a kind that backs off has no start now; null when its next probe may begin. */
export function backOffBlocker(
  kind: KindPolicy,
  backOff: KindBackOff,
  slots: readonly Slot[],
  nowMs: number,
): Reason | null {
  const after = afterWhat(backOff);
  if (nowMs < backOff.untilMs)
    return { rule: 'back-off', text: `backs off for another ${spanText(backOff.untilMs - nowMs)} ${after}` };
  const probe = probeOf(kind, backOff, slots);
  if (probe === null) return null;
  return { rule: 'back-off', text: `${probe.pilot} tries whether there is work again, ${after}` };
}

function afterWhat({ fruitless, hasFailed }: KindBackOff): string {
  if (hasFailed === true && fruitless === 1) return 'after a pilot that failed';
  const pilots = `after ${counted(fruitless, 'pilot')} without work`;
  return hasFailed === true ? `${pilots}, the last of which failed` : pilots;
}
