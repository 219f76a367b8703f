import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import { memoryOf } from './claims.ts';
import { rulesOf } from './kindPolicy.ts';
import type { Held } from './ladder.ts';
import { isShort, isTight } from './memoryRelief.ts';
import { bytesText } from './numbers.ts';
import { memoryReserve } from './room.ts';
import type { Policy, Seen } from './types.ts';

/** What one pilot gives back is not asked for again before this: its memory is read in turn with the others'. */
const restMs = 30_000;
/** Less than this is not worth the kernel's work. */
const leastBytes = 16e6;
/** Swap is the owner's too: at most this share of what is free of it is filled at once. */
const swapShare = 0.5;

/**
 * Memory that is tight but not short: what paused pilots hold is moved to swap, where the kernel can do that and swap is
 * free and each may have some (`memory.swap.max`). They use nothing of it meanwhile, and nobody loses any work.
 */
export function reclaims(
  policy: Policy,
  seen: Seen,
  held: readonly Held[],
  staying: readonly Pilot[],
): { actions: readonly Action[]; held: readonly Held[] } {
  const none = { actions: [], held };
  if (!policy.means.canReclaim || !seen.memory.known || !isTight(policy, seen) || isShort(policy, seen))
    return none;
  const { availableBytes, swapFreeBytes } = seen.memory.value;
  let wantedBytes = 1.5 * memoryReserve(policy, seen) - availableBytes;
  let swapBytes = swapFreeBytes * swapShare;
  const actions: Action[] = [];
  const text = `${bytesText(availableBytes)} of memory available, close to the owner's reserve of ${bytesText(memoryReserve(policy, seen))}`;
  const nowMs = seen.sample.atMs;
  const after = held.map((one) => {
    const pilot = staying.find(({ name, state }) => name === one.pilot && state === 'paused');
    if (pilot === undefined || (one.reclaimedMs !== null && nowMs - one.reclaimedMs < restMs)) return one;
    const use = memoryOf(seen, pilot);
    const ownSwapBytes = rulesOf(policy, pilot).swapBytes;
    const bytes = Math.floor(Math.min(use.known ? use.value : 0, wantedBytes, swapBytes, ownSwapBytes));
    if (bytes < leastBytes) return one;
    wantedBytes -= bytes;
    swapBytes -= bytes;
    actions.push({ do: 'reclaim', id: pilot.id, name: pilot.name, bytes, why: { rule: 'memory', text } });
    return { ...one, reclaimedMs: nowMs };
  });
  return actions.length === 0 ? none : { actions, held: after };
}
