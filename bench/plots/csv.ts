/** A recording: one line of numbers for each look, all with the same names. */
export type Line = Readonly<Record<string, number>>;

/** Writes a recording for programs and people: names first, numbers with three decimals at most. */
export function toCsv<T extends Line>(lines: readonly T[], names: readonly (keyof T & string)[]): string {
  const rows = lines.map((line) => names.map((name) => String(rounded(line[name]))));
  return [names, ...rows].map((row) => `${row.join(',')}\n`).join('');
}

/** Reads what `toCsv` wrote. Throws on anything else. */
export function fromCsv<T extends Line>(text: string, names: readonly (keyof T & string)[]): readonly T[] {
  const [head = '', ...rows] = text.trim().split('\n');
  if (head !== names.join(',')) throw new Error(`a recording of other things: ${head.slice(0, 80)}`);
  return rows.map((row) => {
    const values = row.split(',').map(Number);
    if (values.length !== names.length || values.some((value) => !Number.isFinite(value))) {
      throw new Error(`not a line of a recording: ${row.slice(0, 80)}`);
    }
    return Object.fromEntries(names.map((name, index) => [name, values[index]])) as T;
  });
}

function rounded(value: number | undefined): number {
  if (value === undefined) throw new Error('a line of a recording lacks a number');
  return Math.round(value * 1000) / 1000;
}
