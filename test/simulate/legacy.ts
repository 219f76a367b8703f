import { createHash } from 'node:crypto';
import { why } from '../../src/decide/why.ts';
import type { Policy } from '../../src/decide/types.ts';
import type { Action } from '../../src/model/action.ts';
import type { Frame } from './node.ts';

/** So many frames lie between two at which it is asked why. */
const whyEvery = 25;

/** All that decisions were in a tale, slots, refusals and sentences included, in one short name. */
export function digestOf(policy: Policy, frames: readonly Frame[]): string {
  const hash = createHash('sha256');
  for (const line of linesOf(policy, frames)) hash.update(`${line}\n`);
  return hash.digest('hex').slice(0, 16);
}

/** The same, line by line, to look for where two differ. */
export function linesOf(policy: Policy, frames: readonly Frame[]): string[] {
  return frames.flatMap(({ seen, decision }, index) => {
    const { slots, growth, shortSinceMs, lastEvictionMs } = decision.memory;
    const told = index % whyEvery === 0 ? why(policy, seen, decision) : null;
    return [
      `${index} ${decision.actions.map(actionText).join('; ')}`,
      slots.map(({ pilot, failures, notBeforeMs }) => `${pilot} ${failures} ${notBeforeMs}`).join('; '),
      JSON.stringify([growth, shortSinceMs, lastEvictionMs, decision.refusals, decision.clear, told]),
    ];
  });
}

function actionText(action: Action): string {
  const reason = 'why' in action ? (typeof action.why === 'string' ? action.why : action.why.text) : '';
  const name = 'name' in action ? action.name : '';
  const more =
    action.do === 'stop'
      ? [action.outcome, action.graceMs, action.byUs !== undefined ? true : undefined]
      : [];
  const cpus = action.do === 'shrink' ? action.cpus : '';
  return [action.do, name, reason, ...more, cpus].join(' ');
}
