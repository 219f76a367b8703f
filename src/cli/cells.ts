import { printable } from './printable.ts';
import type { Style } from './terminal.ts';

/** A piece of a line, all in one style. */
export interface Piece {
  readonly text: string;
  readonly style?: Style | undefined;
}

export type Line = readonly Piece[];

/** One place of a terminal; the second one of a wide character is empty. */
export interface Cell {
  readonly text: string;
  readonly style: Style | undefined;
}

const nothing = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const wide =
  /^[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]$/u;
const plain: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '~',
  '·': '.',
  '×': 'x',
  '≥': '>',
  '≤': '<',
};

/** How many places a text takes. */
export function widthOf(text: string): number {
  if (/^[\u0020-\u007E]*$/.test(text)) return text.length;
  return Array.from(text).reduce((sum, char) => sum + charWidth(char), 0);
}

function charWidth(char: string): number {
  return nothing.test(char) ? 0 : wide.test(char) ? 2 : 1;
}

/** A line as places, at most `columns` of them. Without `utf8` what is not ASCII has something plain in its place. */
export function cellsOf(line: Line, columns: number, utf8: boolean): readonly Cell[] {
  const cells: Cell[] = [];
  for (const { text, style } of line) {
    for (const char of printable(text)) {
      const shown = utf8 || char <= '~' ? char : (plain[char] ?? '?');
      const width = charWidth(shown);
      const last = cells.at(-1);
      if (width === 0) {
        if (last !== undefined) cells[cells.length - 1] = { ...last, text: last.text + shown };
        continue;
      }
      if (cells.length + width > columns) return trimmed(cells);
      cells.push({ text: shown, style });
      if (width === 2) cells.push({ text: '', style });
    }
  }
  return trimmed(cells);
}

/** Blanks at the end are none. */
function trimmed(cells: Cell[]): readonly Cell[] {
  while (cells.at(-1)?.text === ' ' && cells.at(-1)?.style !== 'underline') cells.pop();
  return cells;
}

/** Text that is as wide as this, at least. */
export function padded(text: string, width: number, toTheRight = false): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return toTheRight ? space + text : text + space;
}
