import { followHeld, takePostures } from './postures.ts';
import { givable } from './release.ts';
import type { Decision, Memory, Policy, Seen } from './types.ts';

/**
 * What is left of a decision when nothing is to be done: the actions are withheld, and nothing is remembered of them.
 * What was only looked at is kept, so that the rules ripen as they would. What was taken from pilots before `dry_run`
 * was set is given back: it would stay taken for ever.
 */
export function onlyTold(policy: Policy, decision: Decision, before: Memory, seen: Seen): Decision {
  const { memory } = decision;
  const alive = givable(before.held, seen.sample);
  const free = before.held.map((one) => (Object.keys(one.rungs).length === 0 ? one : { ...one, rungs: {} }));
  const looked: Memory = {
    ...before,
    held: followHeld(free, seen.sample, alive),
    shortSinceMs: memory.shortSinceMs,
    cpu: memory.cpu,
    budget: memory.budget,
    senses: memory.senses,
    renewals: memory.renewals,
    ordersTaken: memory.ordersTaken,
    account: { ...memory.account, wastedMs: before.account.wastedMs },
  };
  const { actions, held } = takePostures(policy, seen, looked, alive);
  return { ...decision, actions, withheld: decision.actions, memory: { ...looked, held } };
}
