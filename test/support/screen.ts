/** A terminal that knows what `top` tells one: where to write, to clear a line's end or everything, and which modes are on. */
export class Screen {
  #rows: string[][] = [];
  readonly #modes = new Set<string>();

  /** Takes all that was written since the last call. */
  take(text: string): this {
    let [row, column] = [0, 0];
    const parts =
      // oxlint-disable-next-line no-control-regex -- escape sequences are what this is about
      /\u001B\[(\d+);(\d+)H|\u001B\[(K|2J)|\u001B\[[\d;]*m|\u001B\[\?(\d+)([hl])|([\r\n])|(\P{Cc})/gu;
    for (const [, toRow, toColumn, clear, mode, on, newline, char] of text.matchAll(parts)) {
      const line = (this.#rows[row] ??= []);
      if (toRow !== undefined) [row, column] = [Number(toRow) - 1, Number(toColumn) - 1];
      else if (clear === 'K') line.length = Math.min(line.length, column);
      else if (clear === '2J') this.#rows = [];
      else if (newline === '\n') row += 1;
      else if (newline !== undefined) column = 0;
      else if (mode !== undefined && on === 'h') this.#modes.add(mode);
      else if (mode !== undefined) this.#modes.delete(mode);
      else if (char !== undefined) column = put(line, column, char);
    }
    return this;
  }

  /** What can be read on it. */
  lines(): string[] {
    const lines = Array.from(this.#rows, (line) => (line ?? []).join('').trimEnd());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** Whether this private mode (1049: the other screen, 25: the cursor, 7: wrapping) was switched on last. */
  has(mode: string): boolean {
    return this.#modes.has(mode);
  }
}

/** Gives the next column. */
function put(line: string[], column: number, char: string): number {
  if (/\p{Mn}/u.test(char)) {
    line[column - 1] += char;
    return column;
  }
  while (line.length < column) line.push(' ');
  line[column] = char;
  if (!/[\u4E00-\u9FFF]/.test(char)) return column + 1;
  line[column + 1] = '';
  return column + 2;
}
