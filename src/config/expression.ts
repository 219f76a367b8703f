import type { NodeFacts } from '../model/settings.ts';
import { ExpressionParser } from './expressionParser.ts';

/*
 * A parser of our own, as a library for JavaScript's expressions (jsep) cannot say Python's: its unary operators bind
 * tighter than any binary one (`-2 ** 2`, `not a == b`), it forgets parentheses (`(a < b) < c` is not `a < b < c`),
 * has no `a if c else b`, and its nodes carry no position to name in an error.
 */

/** An expression, parsed once. */
export interface Expression {
  readonly text: string;
  /** Its value, not truncated. Errors: `ExpressionError` for what only this node shows, such as a division by zero. */
  evaluate(node: NodeFacts): number;
}

/** Parses an expression in Python 2's meaning. Errors: `ExpressionError`; nothing is ever executed as code. */
export function parseExpression(text: string): Expression {
  const compute = new ExpressionParser(text).parseAll();
  return { text, evaluate: (node) => compute(node).value };
}
