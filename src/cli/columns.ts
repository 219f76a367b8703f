import { printable } from './printable.ts';

const gap = '  ';

/** Lines of a table for a terminal: the first row is the head, each column as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of cells)
    for (const [index, cell] of row.entries())
      widths[index] = Math.max(widths[index] ?? 0, Array.from(cell).length);
  return cells.map((row) =>
    row
      .map((cell, index) => cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - Array.from(cell).length)))
      .join(gap)
      .trimEnd(),
  );
}
