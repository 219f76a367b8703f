import { type Line, padded, type Piece, widthOf } from './cells.ts';
import type { Style } from './terminal.ts';

/** A column of a table in `top`. */
export interface Column<Row> {
  readonly head: string;
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
  /** Those with the highest number go first where there is no room for all; 0 stays. */
  readonly goes: number;
  /** So wide at least, lest the columns behind it move with each second. */
  readonly least?: number;
  /** Numbers end below each other. */
  readonly toTheRight?: boolean;
}

/** Rows below a head. */
export interface Table {
  readonly rows: number;
  /** At most so many lines, the head among them; `more` says how many rows are not shown. */
  lines(most: number, columns: number): readonly Line[];
}

const gap = 2;
/** A last column, which is cut rather than dropped, is worth having from here on. */
const leastLast = 12;

/** A table of these rows; with `telling`, rows that have no room are counted in a last line. */
export function tableOf<Row>(rows: readonly Row[], all: readonly Column<Row>[], telling: boolean): Table {
  return {
    rows: rows.length,
    lines(most, columns) {
      const widths = new Map(
        all.map((column) => [
          column,
          Math.max(column.least ?? 0, widthOf(column.head), ...rows.map((row) => widthOf(column.text(row)))),
        ]),
      );
      const told = all.filter((column) => rows.some((row) => column.text(row) !== ''));
      const shown = fitting(told, widths, columns);
      const room = most - 1;
      // One row tells more than that there are some.
      const isTelling = telling && room > 1;
      const count = rows.length <= room ? rows.length : Math.max(0, isTelling ? room - 1 : room);
      const line = (cell: (column: Column<Row>) => Piece): Line =>
        shown.flatMap((column, index): Piece[] => {
          const { text, style } = cell(column);
          const isLast = index === shown.length - 1;
          const whole =
            isLast && column.toTheRight !== true
              ? text
              : padded(text, widths.get(column) ?? 0, column.toTheRight);
          return [{ text: index === 0 ? '' : ' '.repeat(gap) }, { text: whole, style }];
        });
      const head = line(({ head: text }) => ({ text, style: 'bold' }));
      const body = rows
        .slice(0, count)
        .map((row) => line((column) => ({ text: column.text(row), style: column.style?.(row) })));
      const hidden = rows.length - count;
      const rest: Line[] = isTelling && hidden > 0 ? [[{ text: `and ${hidden} more`, style: 'dim' }]] : [];
      return [head, ...body, ...rest].slice(0, most);
    },
  };
}

/** The columns that there is room for. */
function fitting<Row>(
  all: readonly Column<Row>[],
  widths: ReadonlyMap<Column<Row>, number>,
  columns: number,
): readonly Column<Row>[] {
  const shown = [...all];
  const takes = (): number =>
    shown.reduce((sum, column, index) => {
      const width = widths.get(column) ?? 0;
      const isLast = index === shown.length - 1 && column.goes > 0;
      return sum + (isLast ? Math.min(width, leastLast) : width) + (index === 0 ? 0 : gap);
    }, 0);
  while (takes() > columns) {
    const going = shown.reduce((worst, column) => (column.goes > worst.goes ? column : worst));
    if (going.goes === 0) break;
    shown.splice(shown.indexOf(going), 1);
  }
  return shown;
}
