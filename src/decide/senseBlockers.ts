import type { Reason } from '../model/reason.ts';
import { isHolding } from './ladder.ts';
import { percentText, spanText } from './numbers.ts';
import { isDeaf } from './deafness.ts';
import { isPressing, type Pressing, type Sense, senseRules, senses } from './senses.ts';
import { signalOf } from './signs.ts';
import type { Memory, Policy, Seen } from './types.ts';

/** The owner's tasks wait for memory more than this share of the time: nothing is added. */
const memoryStallLimit = 0.1;

/**
 * Why nothing starts on the senses' account: the owner is disturbed, something was taken from a pilot on his account,
 * it has not been calm for long enough since, or what was asked for cannot be seen.
 */
export function senseBlockers(policy: Policy, seen: Seen, memory: Memory): Reason[] {
  const reasons = senses.map((sense) => senseBlocker(sense, policy, seen, memory));
  return [...reasons, memoryStalls(policy, seen)].filter((reason) => reason !== null);
}

/** Why nothing is added on the senses' account, where a refill would be allowed. */
export function stirs(policy: Policy, seen: Seen, memory: Memory): Reason[] {
  return senses.flatMap((sense) => {
    const pressing = memory.senses[sense];
    // What is not the pilots' doing is no reason to have fewer of them.
    if (senseRules[sense].isAskedFor || (pressing !== undefined && isDeaf(pressing, seen.sample.atMs)))
      return [];
    const signal = signalOf(sense, policy, seen, memory);
    return signal.is === 'over' ? [{ rule: sense, text: signal.text }] : [];
  });
}

function senseBlocker(sense: Sense, policy: Policy, seen: Seen, memory: Memory): Reason | null {
  const signal = signalOf(sense, policy, seen, memory);
  if (signal.is === 'off') return null;
  const nowMs = seen.sample.atMs;
  const pressing = memory.senses[sense];
  const isAwake = pressing !== undefined && pressing.dormantSinceMs === undefined;
  const wasRelieved = isHolding(memory.held, sense) || (isAwake && pressing.lastStep !== null);
  // The start of a pilot may itself stir storage and CPUs: that keeps from growing, and not from refilling.
  if (!senseRules[sense].isAskedFor && !wasRelieved) return null;
  if (pressing !== undefined && isDeaf(pressing, nowMs)) return null;
  if (signal.is === 'over' || signal.is === 'unknown') return { rule: sense, text: signal.text };
  if (!isHolding(memory.held, sense) && !isPressing(pressing, nowMs)) return null;
  return { rule: sense, text: `${signal.text}; ${calmText(pressing, nowMs)}` };
}

function calmText(pressing: Pressing | undefined, nowMs: number): string {
  if (pressing === undefined) return 'pilots are given back what was taken from them';
  if (pressing.calmSinceMs === null) return 'not calm enough yet';
  return `calm for ${spanText(nowMs - pressing.calmSinceMs)}, which must last ${spanText(pressing.patienceMs)}`;
}

function memoryStalls(policy: Policy, seen: Seen): Reason | null {
  const { memory } = seen.ownerPressure;
  if (!policy.nodeIsEngines || !memory.known || memory.value < memoryStallLimit) return null;
  const text = `the owner waits for memory ${percentText(memory.value)} of the time (limit ${percentText(memoryStallLimit)})`;
  return { rule: 'pressure', text };
}
