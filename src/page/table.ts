import { el, setText } from './elements.ts';

/** A column of a table. */
export interface Column<T> {
  readonly title: string;
  /** What is shown. */
  readonly text: (row: T) => string;
  /** What rows are sorted by; columns without it are not sorted by. Null goes last. */
  readonly by?: (row: T) => string | number | null;
  readonly isNumber?: boolean;
  /** Makes what the text stands in: a button, a name; the text is put into it. */
  readonly within?: (row: T) => HTMLElement;
  /** A class of the cell, for its colour. */
  readonly mark?: (row: T) => string;
}

/** What a table is. */
export interface TablePlan<T> {
  /** For who listens. */
  readonly caption: string;
  /** The first one names the row. */
  readonly columns: readonly Column<T>[];
  readonly key: (row: T) => string;
  /** Said in place of a table without rows. */
  readonly empty: string;
  /** The column that it is sorted by at first, and whether downwards; as they come without it. */
  readonly sorted?: { readonly title: string; readonly isDown: boolean };
  /** Rows shown at first, and that each `Show more` adds. */
  readonly pageRows?: number;
}

/** A table on the page. */
export interface Table<T> {
  readonly element: HTMLElement;
  show(rows: readonly T[]): void;
}

interface Row {
  readonly element: HTMLTableRowElement;
  readonly cells: readonly HTMLElement[];
}

/** Makes a table whose rows stay the same elements while their texts change: nobody loses his place in it. */
export function createTable<T>(plan: TablePlan<T>): Table<T> {
  const { caption, columns, key, empty, pageRows = 50 } = plan;
  const known = new Map<string, Row>();
  const body = el('tbody');
  const nothing = el('p', { class: 'quiet' }, empty);
  const more = el('button', { type: 'button', class: 'more' });
  let sorted = plan.sorted ?? null;
  let rows: readonly T[] = [];
  let most = pageRows;

  const heads = columns.map(({ title, by, isNumber }) => {
    const head = el('th', { scope: 'col', ...(isNumber === true ? { class: 'number' } : {}) });
    if (by === undefined) head.append(title);
    else {
      const button = el('button', { type: 'button', class: 'sort' }, title);
      button.addEventListener('click', () => {
        const isSame = sorted?.title === title;
        sorted = { title, isDown: isSame ? sorted?.isDown !== true : isNumber === true };
        draw();
      });
      head.append(button);
    }
    return head;
  });
  const scroll = el(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    el(
      'table',
      {},
      el('caption', { class: 'hidden' }, caption),
      el('thead', {}, el('tr', {}, ...heads)),
      body,
    ),
  );
  const element = el('div', { class: 'table' }, nothing, scroll, more);
  more.addEventListener('click', () => {
    most += pageRows;
    draw();
  });

  const rowFor = (row: T): Row => {
    const cells = columns.map(({ within }) => within?.(row) ?? null);
    const outer = columns.map(({ isNumber }, index) =>
      index === 0 ? el('th', { scope: 'row' }) : el('td', isNumber === true ? { class: 'number' } : {}),
    );
    const inner = outer.map((cell, index) => {
      const inside = cells[index] ?? null;
      if (inside !== null) cell.append(inside);
      return inside ?? cell;
    });
    return { element: el('tr', {}, ...outer), cells: inner };
  };

  const draw = (): void => {
    for (const [index, head] of heads.entries()) {
      const isBy = columns[index]?.title === sorted?.title;
      if (isBy) head.setAttribute('aria-sort', sorted?.isDown === true ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    }
    const by = columns.find(({ title }) => title === sorted?.title)?.by;
    const all = by === undefined ? rows : sortedBy(rows, by, sorted?.isDown === true);
    const shown = all.slice(0, most);
    const keys = new Set(shown.map(key));
    for (const [one, { element }] of known)
      if (!keys.has(one)) {
        element.remove();
        known.delete(one);
      }
    for (const [place, row] of shown.entries()) {
      const existing = known.get(key(row)) ?? rowFor(row);
      known.set(key(row), existing);
      for (const [index, { text, mark }] of columns.entries()) {
        const cell = existing.cells[index];
        if (cell === undefined) continue;
        setText(cell, text(row));
        if (mark !== undefined && cell.dataset['mark'] !== mark(row)) cell.dataset['mark'] = mark(row);
      }
      if (body.children[place] !== existing.element)
        body.insertBefore(existing.element, body.children[place] ?? null);
    }
    nothing.hidden = rows.length > 0;
    scroll.hidden = rows.length === 0;
    more.hidden = all.length <= most;
    setText(more, `Show more: ${all.length - shown.length} are not shown`);
  };
  draw();
  return {
    element,
    show(next) {
      rows = next;
      draw();
    },
  };
}

function sortedBy<T>(
  rows: readonly T[],
  by: (row: T) => string | number | null,
  isDown: boolean,
): readonly T[] {
  return rows.toSorted((one, other) => {
    const [a, b] = [by(one), by(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const order = a < b ? -1 : Number(a > b);
    return isDown ? -order : order;
  });
}
