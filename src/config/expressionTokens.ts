import type { NodeFacts } from '../model/settings.ts';
import type { Comparison } from './arithmetic.ts';

/** The names that stand for facts of the node. */
export const expressionNames = [
  'ncpus',
  'ram_bytes',
  'swap_bytes',
  'max_dock_mem',
  'max_dock_swap',
] as const satisfies readonly (keyof NodeFacts)[];

/** The signs that compare; `<>` is Python 2's older `!=`. */
export const comparisons: Readonly<Record<string, Comparison>> = {
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '==': '==',
  '!=': '!=',
  '<>': '!=',
};

/** Words that cannot be names. */
export const keywords = new Set(['and', 'or', 'not', 'if', 'else', 'is', 'in', 'lambda', 'for']);

/** One word of an expression; `at` is where it begins, counted from 0. */
export interface Token {
  readonly kind: 'number' | 'name' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

/** What is wrong with an expression: one line that names it and the column (from 1). */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly column: number;

  constructor(expression: string, at: number, what: string) {
    super(`in "${expression}", column ${at + 1}: ${what}`);
    this.column = at + 1;
  }
}

/** The longest expression that is looked at, in characters. */
export const longestExpression = 256;

/** Python 2 also has whole numbers of other bases, and marks long ones by an L. */
const word =
  /\s*(?:(0[xX][\dA-Fa-f]+[lL]?|0[oO][0-7]+[lL]?|0[bB][01]+[lL]?|\d+[lL]|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|\/\/|<=|>=|==|!=|<>|[-+*/%<>(),]))/y;

/** Cuts an expression into words. Errors: `ExpressionError` for a character that no expression has. */
export function tokensOf(expression: string): Token[] {
  if (expression.length > longestExpression) {
    const beginning = `${expression.slice(0, 40)}…`;
    throw new ExpressionError(beginning, longestExpression, `longer than ${longestExpression} characters`);
  }
  const tokens: Token[] = [];
  let position = 0;
  for (;;) {
    word.lastIndex = position;
    const match = word.exec(expression);
    if (match === null) break;
    const [whole, number, name, sign] = match;
    const text = number ?? name ?? sign ?? '';
    const at = position + whole.length - text.length;
    tokens.push({ kind: number !== undefined ? 'number' : name !== undefined ? 'name' : 'sign', text, at });
    position += whole.length;
  }
  const rest = expression.slice(position);
  const at = position + rest.length - rest.trimStart().length;
  if (rest.trim() !== '') {
    const [strange = ''] = rest.trimStart();
    throw new ExpressionError(expression, at, `${JSON.stringify(strange)} is not understood`);
  }
  return [...tokens, { kind: 'end', text: '', at: expression.trimEnd().length }];
}
