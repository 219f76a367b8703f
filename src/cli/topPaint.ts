import { styleText } from 'node:util';
import type { Cell } from './cells.ts';

export type Cells = readonly (readonly Cell[])[];

/**
 * What a terminal has to be told so that it shows `next` instead of `before`: of each line only what lies between its first
 * and its last change, so that little goes over the network and nothing flickers.
 */
export function changes(before: Cells, next: Cells, colour: boolean): string {
  const rows = Math.max(before.length, next.length);
  return Array.from({ length: rows }, (_, row) =>
    lineChanges(row, before[row] ?? [], next[row] ?? [], colour),
  ).join('');
}

function lineChanges(row: number, before: readonly Cell[], next: readonly Cell[], colour: boolean): string {
  const isSame = (column: number): boolean => sameCell(before[column], next[column]);
  const width = Math.max(before.length, next.length);
  let first = 0;
  while (first < width && isSame(first)) first += 1;
  if (first === width) return '';
  let last = width - 1;
  while (isSame(last)) last -= 1;
  // A wide character goes whole.
  while (first > 0 && (next[first]?.text === '' || before[first]?.text === '')) first -= 1;
  const clear = last >= next.length ? '\u001B[K' : '';
  return `\u001B[${row + 1};${first + 1}H${styled(next.slice(first, last + 1), colour)}${clear}`;
}

const blank: Cell = { text: ' ', style: undefined };

function sameCell(one: Cell = blank, other: Cell = blank): boolean {
  return one.text === other.text && one.style === other.style;
}

/** Places as text, those of one style together. */
export function styled(cells: readonly Cell[], colour: boolean): string {
  if (!colour) return cells.map(({ text }) => text).join('');
  let all = '';
  for (let from = 0; from < cells.length; ) {
    const style = cells[from]?.style;
    let to = from + 1;
    while (to < cells.length && cells[to]?.style === style) to += 1;
    const text = cells
      .slice(from, to)
      .map((cell) => cell.text)
      .join('');
    all += style === undefined ? text : styleText(style, text, { validateStream: false });
    from = to;
  }
  return all;
}
