import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExpression } from '../../src/config/expression.ts';
import type { NodeFacts } from '../../src/model/settings.ts';

/** Values as Python has them; null where it raises an error, or where a whole number on the way is beyond 2^53. */
const table = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../fixtures/config/python2-expressions.json'), 'utf8'),
) as { node: NodeFacts; rows: [string, number | null][] };
const { node } = table;
const evaluate = (text: string) => parseExpression(text).evaluate(node);

function outcomeOf(text: string): string {
  try {
    return Number.isFinite(evaluate(text)) ? 'finite' : 'not finite';
  } catch (error) {
    return String(error);
  }
}

describe('expressions mean what they mean in Python 2', () => {
  it.each(table.rows.filter((row) => Number.isInteger(row[1])))('%s is %s', (text, expected) => {
    expect(evaluate(text) + 0).toBe((expected ?? 0) + 0);
  });

  it.each(table.rows.filter((row) => row[1] !== null && !Number.isInteger(row[1])))(
    '%s is about %s',
    (text, expected) => {
      expect(Math.abs(evaluate(text) / (expected ?? 0) - 1)).toBeLessThan(1e-12);
    },
  );

  it.each(table.rows.filter((row) => row[1] === null))('%s is an error', (text) => {
    expect(() => evaluate(text)).toThrow(/column \d+/);
  });

  it.each([
    ['ncpus <> 2', 1],
    ['ncpus <> 6', 0],
    [' ncpus\n - 2 ', 4],
    ['010', 8],
    ['010 + 1', 9],
    ['010.5', 10.5],
    ['010e1', 100],
    ['07L', 7],
    ['0777', 511],
    ['00', 0],
    ['0x10', 16],
    ['0X1F', 31],
    ['0x10L', 16],
    ['0b101', 5],
    ['0o17', 15],
    ['5L', 5],
    ['ncpus * 2l', 12],
    ['ncpus - 0x2', 4],
    ['100000L / 3', 33_333],
  ])('%j is %s', (text, expected) => {
    expect(evaluate(text)).toBe(expected);
  });

  it('evaluates one parsed expression for many nodes', () => {
    const expression = parseExpression('ncpus - 2');
    expect([1, 2, 8].map((ncpus) => expression.evaluate({ ...node, ncpus }))).toEqual([-1, 0, 6]);
  });
});

describe('what no expression is', () => {
  it.each([
    ['ncpus +', 8, 'expected a number, a name or "(", found the end'],
    ['', 1, 'expected a number'],
    ['ncpus ncpus', 7, 'expected an operator or the end, found "ncpus"'],
    ['1 + foo', 5, 'foo is not known here; there is ncpus, ram_bytes'],
    ['1 + foo(2)', 5, 'there is no function foo; there is min, max'],
    ['min(1)', 1, 'min takes two values or more, found 1'],
    ['round(1, 2, 3)', 1, 'round takes one or two values, found 3'],
    ['int()', 1, 'int takes one value, found 0'],
    ['(1 + 2', 7, 'expected ")", found the end'],
    ['1 if 2', 7, 'expected "else", found the end'],
    ['1 + not 2', 5, 'expected a number'],
    ['1 & 2', 3, '"&" is not understood'],
    ['ncpus; 1', 6, '";" is not understood'],
    ['"a"', 1, 'is not understood'],
    ['1.2.3', 4, 'expected an operator'],
    ['08', 1, '08 begins with 0, as octal numbers do: leave it out'],
    ['1.5L', 4, 'expected an operator'],
    ['0b2', 2, 'expected an operator'],
    ['9007199254740993', 1, 'too large'],
    ['1e999', 1, 'too large'],
    [`${'('.repeat(60)}1${')'.repeat(60)}`, 52, 'nested too deeply'],
    [`${'-'.repeat(200)}1`, 52, 'nested too deeply'],
    [`1${' '.repeat(300)}`, 257, 'longer than 256 characters'],
  ])('%j: column %i, %s', (text, column, message) => {
    expect(() => parseExpression(text)).toThrow(
      expect.objectContaining({ name: 'ExpressionError', column, message: expect.stringContaining(message) }),
    );
  });

  it.each([
    'constructor',
    '__proto__',
    'toString()',
    'hasOwnProperty(1)',
    'ncpus.constructor',
    'ncpus[0]',
    'process',
    '(lambda: 1)()',
    'x := 1',
    'True()',
    'ncpus()',
  ])('%s reaches nothing', (text) => {
    expect(() => parseExpression(text)).toThrow(/in ".*", column \d+/);
  });

  it('names the operator that fails on this node only', () => {
    const expression = parseExpression('10 + ncpus / swap_bytes');
    expect(() => expression.evaluate({ ...node, swap_bytes: 0 })).toThrow(
      'in "10 + ncpus / swap_bytes", column 12: division by zero',
    );
    expect(expression.evaluate({ ...node, swap_bytes: 3 })).toBe(12);
  });

  it('refuses a fact that is not a number', () => {
    expect(() => parseExpression('ram_bytes').evaluate({ ...node, ram_bytes: Number.NaN })).toThrow(
      'column 1',
    );
  });
});

describe('properties', () => {
  const whole = fc.integer({ min: -1_000_000, max: 1_000_000 });
  const divisor = whole.filter((value) => value !== 0);

  it('quotient and remainder fit together, and the remainder has the sign of the divisor', () => {
    fc.assert(
      fc.property(whole, divisor, (a, b) => {
        const quotient = evaluate(`(${a}) // (${b})`);
        const rest = evaluate(`(${a}) % (${b})`);
        expect(quotient * b + rest).toBe(a);
        expect(rest === 0 || rest < 0 === b < 0).toBe(true);
        expect(Math.abs(rest)).toBeLessThan(Math.abs(b));
        expect(evaluate(`(${a}) / (${b})`)).toBe(quotient);
        expect(evaluate(`float(${a}) / (${b})`)).toBeCloseTo(a / b, 6);
      }),
    );
  });

  it('floors exactly up to 2^53, as big integers show', () => {
    const big = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(big, big, (a, b) => {
        expect(evaluate(`${a} / ${b}`)).toBe(Number(BigInt(a) / BigInt(b)));
        expect(evaluate(`-${a} % ${b}`)).toBe(Number((BigInt(b) - (BigInt(a) % BigInt(b))) % BigInt(b)));
      }),
    );
  });

  it('any text gives a finite number or an error that names the place', () => {
    const words = fc.constantFrom(
      ...'ncpus swap_bytes 0 1 2.5 ( ) + - * / // % ** < == and or not if else min( , $ \u0000'.split(' '),
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 20 }).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(outcomeOf(text)).toMatch(/^finite$|^ExpressionError: in .*, column \d+: /s);
      }),
      { numRuns: 2000 },
    );
  });
});
