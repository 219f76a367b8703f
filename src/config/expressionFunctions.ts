import { float, integer, type PythonNumber } from './arithmetic.ts';

/** A function that an expression may call. */
export interface ExpressionFunction {
  readonly least: number;
  readonly most: number;
  /** How many values it takes, in words. */
  readonly takes: string;
  call(first: PythonNumber, ...rest: readonly PythonNumber[]): PythonNumber;
}

/** Every function there is; a Map, so that no name of an object's prototype can be reached. */
export const expressionFunctions: ReadonlyMap<string, ExpressionFunction> = new Map([
  ['min', { least: 2, most: Number.POSITIVE_INFINITY, takes: 'two values or more', call: smallest }],
  ['max', { least: 2, most: Number.POSITIVE_INFINITY, takes: 'two values or more', call: largest }],
  ['int', { least: 1, most: 1, takes: 'one value', call: (x) => integer(Math.trunc(x.value)) }],
  ['float', { least: 1, most: 1, takes: 'one value', call: (x) => float(x.value) }],
  ['abs', { least: 1, most: 1, takes: 'one value', call: (x) => ({ ...x, value: Math.abs(x.value) }) }],
  ['round', { least: 1, most: 2, takes: 'one or two values', call: round }],
] satisfies [string, ExpressionFunction][]);

/** The first of the smallest, which keeps its own type: `min(1, 1.0)` is the integer. */
function smallest(first: PythonNumber, ...rest: readonly PythonNumber[]): PythonNumber {
  return rest.reduce((least, next) => (next.value < least.value ? next : least), first);
}

function largest(first: PythonNumber, ...rest: readonly PythonNumber[]): PythonNumber {
  return rest.reduce((most, next) => (next.value > most.value ? next : most), first);
}

/** Half away from zero, and always a float, as in Python 2; digits may be negative. */
function round(x: PythonNumber, digits?: PythonNumber): PythonNumber {
  const places = digits?.value ?? 0;
  if (digits !== undefined && (!digits.isInteger || Math.abs(places) > 15)) {
    throw new Error('round takes a whole number of digits from -15 to 15');
  }
  // toFixed looks at the exact value and takes the larger of two equally near, where adding 0.5 would round twice
  if (places >= 0) return float(Number(Math.abs(x.value).toFixed(places)) * Math.sign(x.value));
  const unit = 10 ** -places;
  return float(Math.floor(Math.abs(x.value) / unit + 0.5) * unit * Math.sign(x.value));
}
