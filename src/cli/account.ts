import { counted } from '../decide/numbers.ts';
import type { Places } from '../model/places.ts';
import {
  type Account,
  type AccountKey,
  accountKeys,
  accountOf,
  type AccountRow,
  type AccountSums,
} from '../record/account.ts';
import { UserFault } from './fault.ts';
import { type FilterOptions, filterOf, tellUnreadable } from './historyOptions.ts';
import { journalProgress } from './journalProgress.ts';
import { Output, writeOut } from './output.ts';
import { printable } from './printable.ts';

/** What `planctonctl account` is told, as the user wrote it. */
export interface AccountOptions extends FilterOptions {
  readonly by?: string;
  readonly csv?: boolean;
  readonly json?: boolean;
}

const hourMs = 3_600_000;
const usualKeys: readonly AccountKey[] = ['kind', 'outcome'];
const numberTitles = [
  'pilots',
  'wall_hours',
  'delivered_cpu_hours',
  'wasted_cpu_hours',
  'unknown_cpu',
] as const;
const shortTitles = ['PILOTS', 'WALL h', 'DELIVERED CPU h', 'WASTED CPU h'] as const;

/**
 * Prints what pilots that have ended had of the node, whether a daemon runs or not: a table, CSV (RFC 4180, a line of
 * titles first) or JSON. Resolves to the exit code. `write` is standard output.
 */
export function account(places: Places, options: AccountOptions, write = writeOut): number {
  if (options.csv === true && options.json === true)
    throw new UserFault('--csv and --json: one of them, not both');
  const by = keysOf(options.by);
  const { onRead, line } = journalProgress();
  const told = accountOf(places.logFolder, filterOf(options, Date.now()), by, onRead);
  line.end();
  const output = new Output(write);
  const lines =
    options.json === true ? [jsonOf(told)] : options.csv === true ? csvOf(told, by) : tableOf(told, by);
  for (const line of lines) output.line(line);
  output.end();
  tellUnreadable(told.told);
  return 0;
}

function keysOf(text: string | undefined): readonly AccountKey[] {
  if (text === undefined) return usualKeys;
  const names = text.split(',').map((name) => name.trim());
  const strange = names.find((name) => !accountKeys.some((key) => key === name));
  if (strange !== undefined)
    throw new UserFault(`--by: there is no ${JSON.stringify(strange)}; any of ${accountKeys.join(',')}`);
  return accountKeys.filter((key) => names.includes(key));
}

/** The account for a program; hours, and null for what it is not told by. */
function jsonOf({ rows, total, told }: Account): string {
  const all = rows.map((row) => ({ kind: row.kind, outcome: row.outcome, day: row.day, ...numbersOf(row) }));
  return JSON.stringify({ rows: all, total: numbersOf(total), unreadable: told.unreadable });
}

function csvOf({ rows }: Account, by: readonly AccountKey[]): readonly string[] {
  const titles = [...by, ...numberTitles].join(',');
  const lines = rows.map((row) =>
    [...by.map((key) => quoted(row[key] ?? '')), ...Object.values(numbersOf(row))].join(','),
  );
  return [titles, ...lines];
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** In hours to the second, under the names of `numberTitles`. */
function numbersOf(sums: AccountSums): Record<(typeof numberTitles)[number], number> {
  const hours = (ms: number): number => Number((ms / hourMs).toFixed(4));
  return {
    pilots: sums.pilots,
    wall_hours: hours(sums.wallMs),
    delivered_cpu_hours: hours(sums.deliveredCpuMs),
    wasted_cpu_hours: hours(sums.wastedCpuMs),
    unknown_cpu: sums.unknownCpu,
  };
}

function tableOf({ rows, total }: Account, by: readonly AccountKey[]): readonly string[] {
  const titles = [...by.map((key) => key.toUpperCase()), ...shortTitles];
  const body = rows.map((row) => [...by.map((key) => nameOf(row, key)), ...cellsOf(row)]);
  const last = by.map((_, index) => (index === 0 ? 'total' : ''));
  const all = [titles, ...body, [...last, ...cellsOf(total)]];
  const widths = titles.map((_, index) => Math.max(...all.map((cells) => cells[index]?.length ?? 0)));
  const lines = all.map((cells) =>
    cells
      .map((cell, index) =>
        index < by.length ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const unknown =
    total.unknownCpu === 0 ? [] : [`${counted(total.unknownCpu, 'pilot')} ran whose CPU time was never read`];
  return [...lines, 'Wasted is the CPU time of pilots that were evicted or lost', ...unknown];
}

function nameOf(row: AccountRow, key: AccountKey): string {
  return printable(row[key] || '-');
}

function cellsOf(sums: AccountSums): readonly string[] {
  const hours = (ms: number): string => (ms / hourMs).toFixed(2);
  return [String(sums.pilots), hours(sums.wallMs), hours(sums.deliveredCpuMs), hours(sums.wastedCpuMs)];
}
