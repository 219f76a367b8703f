import type { Kind } from '../model/kind.ts';
import type { NodeFacts, PilotLimit } from '../model/settings.ts';
import type { Expression } from './expression.ts';

/**
 * The limit that an expression stands for: its value cut to a whole number, 0 where it is below. Its `max_dock_mem` and
 * `max_dock_swap` are those of `pilot`, the keys of the file, whatever a kind has instead of them.
 */
export function toPilotLimit(
  expression: Expression,
  isDefault: boolean,
  pilot: Pick<Kind, 'memoryBytes' | 'swapBytes'>,
): PilotLimit {
  const ofPilot = { max_dock_mem: pilot.memoryBytes, max_dock_swap: pilot.swapBytes };
  return {
    text: expression.text,
    isDefault,
    evaluate: (node: NodeFacts) => wholeLimit(expression, { ...node, ...ofPilot }),
  };
}

function wholeLimit(expression: Expression, node: NodeFacts): number {
  const limit = Math.trunc(expression.evaluate(node));
  if (!Number.isSafeInteger(limit))
    throw new Error(`"${expression.text}" gives ${limit}, which is too large`);
  return Math.max(0, limit);
}
