import type { NodeFacts, PilotLimit } from '../model/settings.ts';
import type { Expression } from './expression.ts';

/** The limit that an expression stands for: its value cut to a whole number, 0 where it is below. */
export function toPilotLimit(expression: Expression, isDefault: boolean): PilotLimit {
  return {
    text: expression.text,
    isDefault,
    evaluate: (node: NodeFacts) => wholeLimit(expression, node),
  };
}

function wholeLimit(expression: Expression, node: NodeFacts): number {
  const limit = Math.trunc(expression.evaluate(node));
  if (!Number.isSafeInteger(limit))
    throw new Error(`"${expression.text}" gives ${limit}, which is too large`);
  return Math.max(0, limit);
}
