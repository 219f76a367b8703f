import { el } from './elements.ts';
import { spread, type Values } from './shape.ts';
import { clockText } from './words.ts';

/** More rows than this are nothing to listen to. */
const mostRows = 24;

/** A chart’s values as a table, which is made only when somebody opens it. */
export function dataTable(
  title: string,
  labels: readonly string[],
  text: (value: number) => string,
): { readonly details: HTMLElement; readonly use: (values: Values) => void } {
  const body = el('tbody');
  const details = el(
    'details',
    {},
    el('summary', {}, 'As a table'),
    el(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${title}, as a table` },
      el(
        'table',
        {},
        el('caption', { class: 'hidden' }, title),
        el(
          'thead',
          {},
          el('tr', {}, ...['Time', ...labels].map((label) => el('th', { scope: 'col' }, label))),
        ),
        body,
      ),
    ),
  );
  let values: Values = { seconds: [], of: [] };
  const fill = (): void => {
    if (!details.open) return;
    const rows = spread(values.seconds.length, mostRows).toReversed();
    body.replaceChildren(
      ...rows.map((index) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, clockText((values.seconds[index] ?? 0) * 1000, Date.now())),
          ...values.of.map((line) => {
            const value = line[index] ?? null;
            return el('td', { class: 'number' }, value === null ? 'unknown' : text(value));
          }),
        ),
      ),
    );
  };
  details.addEventListener('toggle', fill);
  return {
    details,
    use(next) {
      values = next;
      fill();
    },
  };
}
