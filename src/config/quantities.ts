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

/** A number as Python 2 would take it from text: `30`, ` 30 `, `-3`, `1.5`, `.5`, `2e9`. Null for anything else. */
export function parseNumber(text: string): number | null {
  const trimmed = text.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(trimmed) ? Number(trimmed) : null;
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
  const match = /^\s*(.*?[\d.])\s*([A-Za-z]*)\s*$/.exec(raw);
  const amount = parseNumber(match?.[1] ?? '');
  const unit = units.get(match?.[2] ?? '');
  return amount === null || unit === undefined ? null : amount * unit;
}
