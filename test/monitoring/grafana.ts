import type { Board } from './boards.ts';

/** What Grafana knows as it draws a dashboard. */
export interface View {
  readonly board: Board;
  /** What is chosen of each variable; several values for one of which several may be. */
  readonly chosen: Readonly<Record<string, string | readonly string[]>>;
  readonly fromMs: number;
  readonly toMs: number;
  readonly intervalMs: number;
}

/** What stands for all values of a variable, as in an address of Grafana's. */
export const all = '$__all';

/** A span as Grafana writes intervals. */
const span = (ms: number): string => `${ms / 1000}s`;

/**
 * Puts what is chosen into a query, as Grafana does: what it knows itself, then its variables, in the way of the data source
 * where the query names none (https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/). Throws for
 * what it would leave as it is.
 */
export function interpolate(text: string, view: View): string {
  const { board, fromMs, toMs, intervalMs } = view;
  const known: Readonly<Record<string, string>> = {
    __interval_ms: String(intervalMs),
    __interval: span(intervalMs),
    // Four times as long as from one scrape to the next, of which there is one each second here.
    __rate_interval: span(Math.max(intervalMs + 1000, 4000)),
    __range: span(Math.round((toMs - fromMs) / 1000) * 1000),
    timeFilter: `time >= ${fromMs}ms and time <= ${toMs}ms`,
  };
  return text.replaceAll(/\$(?:(\w+)|\{(\w+)(?::(\w+))?\})/g, (whole, plain, braced, format) => {
    const name = String(plain ?? braced);
    if (name in known) return known[name] ?? '';
    const variable = board.templating.list.find((one) => one.name === name);
    const value = view.chosen[name];
    if (variable === undefined || value === undefined) throw new Error(`${whole} means nothing in: ${text}`);
    if (value === all) return variable.allValue ?? all;
    const values = typeof value === 'string' ? [value] : value;
    const isSeveral = variable.multi || variable.includeAll;
    if (format === 'regex') return oneOf(values.map(escapeRegex));
    if (board.database === 'prometheus' && isSeveral)
      return oneOf(values.map((one) => escapeRegex(one).replaceAll('\\', '\\\\')));
    if (values.length > 1 || isSeveral) throw new Error(`${whole} may be several in: ${text}`);
    return values[0] ?? '';
  });
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? '') : `(${values.join('|')})`;
}

function escapeRegex(value: string): string {
  return value.replaceAll(/[\\^$*+?.()|[\]{}/]/g, String.raw`\$&`);
}
