import { printable } from './printable.ts';

const gap = '  ';

/**
 * Lines of a table for a terminal: the first row is the head, each column as wide as its widest cell. `toTheRight` are the
 * columns, counted from 0, whose cells end below each other.
 */
export function columns(
  rows: readonly (readonly string[])[],
  toTheRight: ReadonlySet<number> = new Set(),
): readonly string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of cells)
    for (const [index, cell] of row.entries())
      widths[index] = Math.max(widths[index] ?? 0, Array.from(cell).length);
  return cells.map((row) =>
    row
      .map((cell, index) => {
        const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - Array.from(cell).length));
        return toTheRight.has(index) ? space + cell : cell + space;
      })
      .join(gap)
      .trimEnd(),
  );
}
