/**
 * A number as Python 2 has it: `/` of two integers floors, so an integer must be told from a float of the same value.
 * Truth values are the integers 1 and 0, as they are there.
 */
export interface PythonNumber {
  readonly value: number;
  readonly isInteger: boolean;
}

/** Operators that take two numbers and always look at both. */
export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** An integer; an Error where it is beyond 2^53, from where on a double would silently round. */
export function integer(value: number): PythonNumber {
  if (!Number.isSafeInteger(value)) throw new Error('the result is too large (beyond 2^53)');
  return { value, isInteger: true };
}

/** A float; an Error where it is not finite. */
export function float(value: number): PythonNumber {
  if (!Number.isFinite(value)) throw new Error('the result is too large');
  return { value, isInteger: false };
}

/** An integer where the value is whole, else a float. */
export function wholeOrFloat(value: number): PythonNumber {
  return Number.isInteger(value) ? integer(value) : float(value);
}

/** A number as it is written in Python 2: `010` is octal, `5L` is 5. An Error where it is none, or too large. */
export function pythonNumber(written: string): PythonNumber {
  const plain = written.replace(/[lL]$/, '');
  if (/^0\d+$/.test(plain)) {
    if (/[89]/.test(plain)) throw new Error(`${written} begins with 0, as octal numbers do: leave it out`);
    return integer(Number.parseInt(plain, 8));
  }
  return /^(\d+|0[xXoObB].*)$/.test(plain) ? integer(Number(plain)) : float(Number(plain));
}

/** The integer 1 or 0. */
export function truth(value: boolean): PythonNumber {
  return { value: value ? 1 : 0, isInteger: true };
}

/** Carries out one operator. Errors: division by zero, a result that is too large or not real. */
export function calculate(operator: BinaryOperator, a: PythonNumber, b: PythonNumber): PythonNumber {
  const like = a.isInteger && b.isInteger ? integer : float;
  switch (operator) {
    case '+':
      return like(a.value + b.value);
    case '-':
      return like(a.value - b.value);
    case '*':
      return like(a.value * b.value);
    case '/':
      return like(a.isInteger && b.isInteger ? floorDivide(a.value, b.value) : divide(a.value, b.value));
    case '//':
      return like(floorDivide(a.value, b.value));
    case '%':
      return like(modulo(a.value, b.value));
    case '**':
      return power(a, b);
  }
}

/** Compares two numbers by value. */
export function compare(operator: Comparison, a: PythonNumber, b: PythonNumber): boolean {
  switch (operator) {
    case '<':
      return a.value < b.value;
    case '<=':
      return a.value <= b.value;
    case '>':
      return a.value > b.value;
    case '>=':
      return a.value >= b.value;
    case '==':
      return a.value === b.value;
    case '!=':
      return a.value !== b.value;
  }
}

function divide(a: number, b: number): number {
  if (b === 0) throw new Error('division by zero');
  return a / b;
}

/** The remainder with the divisor's sign; JavaScript's has the dividend's. Exact, as IEEE 754's remainder is. */
function modulo(a: number, b: number): number {
  if (b === 0) throw new Error('division by zero');
  const rest = a % b;
  if (rest === 0) return 0;
  return rest < 0 === b < 0 ? rest : rest + b;
}

/** The quotient rounded down, from the exact remainder: `Math.floor(a / b)` errs where `a / b` is rounded up to a whole number. */
function floorDivide(a: number, b: number): number {
  if (b === 0) throw new Error('division by zero');
  const rest = a % b;
  const towardsZero = Math.round((a - rest) / b);
  const quotient = rest !== 0 && rest < 0 !== b < 0 ? towardsZero - 1 : towardsZero;
  return quotient === 0 ? 0 : quotient;
}

function power(base: PythonNumber, exponent: PythonNumber): PythonNumber {
  if (base.isInteger && exponent.isInteger && exponent.value >= 0) {
    return wholePower(base.value, exponent.value);
  }
  if (base.value === 0 && exponent.value < 0) throw new Error('zero to a negative power');
  if (base.value < 0 && !Number.isInteger(exponent.value)) {
    throw new Error('a negative number to a fractional power');
  }
  return float(base.value ** exponent.value);
}

/** Exact, and at most 53 rounds: whatever needs more is too large. */
function wholePower(base: number, exponent: number): PythonNumber {
  if (Math.abs(base) <= 1) return integer(exponent === 0 ? 1 : exponent % 2 === 0 ? base * base : base);
  let result = integer(1);
  for (let round = 0; round < exponent; round += 1) result = integer(result.value * base);
  return result;
}
