const secondsPerUnit: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
  ['w', 604_800],
]);
const bytesPerUnit: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['kB', 1e3],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
]);

const decimal = /^([+-]?)((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)$/;
/** Whole numbers with Python 2's mark of a long one, or of another base. */
const pythonWhole = /^([+-]?)(\d+|0[xX][\dA-Fa-f]+|0[oO][0-7]+|0[bB][01]+)[lL]?$/;

/**
 * A number as Python 2 would take it from text: `30`, ` 30 `, `-3`, `1.5`, `.5`, `2e9`, `5L`, `0x10`; also `2_000`. Null
 * for anything else. A leading 0 means nothing in text, as it meant nothing to Python's `int`.
 */
export function parseNumber(text: string): number | null {
  const plain = text.trim().replaceAll(/(?<=\d)_(?=\d)/g, '');
  const [, sign, digits] = decimal.exec(plain) ?? pythonWhole.exec(plain) ?? [];
  if (digits === undefined) return null;
  return sign === '-' ? -Number(digits) : Number(digits);
}

/** Seconds, from a number of them or a text such as `90s`, `15m`, `1.5h`, `2d`, `1w`. Null for anything else. */
export function parseSeconds(raw: number | string): number | null {
  return parseQuantity(raw, secondsPerUnit);
}

/** Whole bytes, from a number of them or a text such as `2GB` (1000) or `1.5GiB` (1024). Null for anything else. */
export function parseBytes(raw: number | string): number | null {
  const bytes = parseQuantity(raw, bytesPerUnit);
  return bytes === null ? null : Math.round(bytes);
}

function parseQuantity(raw: number | string, units: ReadonlyMap<string, number>): number | null {
  if (typeof raw === 'number') return raw;
  const bare = parseNumber(raw);
  if (bare !== null) return bare;
  const match = /^\s*(.*?[\d.])\s*([A-Za-z]*)\s*$/.exec(raw);
  const amount = parseNumber(match?.[1] ?? '');
  const unit = units.get(match?.[2] ?? '');
  return amount === null || unit === undefined ? null : amount * unit;
}
