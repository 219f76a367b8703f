import Table from 'cli-table3';
import { median } from './numbers.ts';
import { type Row, verdict } from './row.ts';

const words = { met: 'met', missed: 'MISSED', unknown: 'NOT MEASURED' } as const;

function number(row: Row, value: number): string {
  return value.toFixed(row.decimals);
}

function barText(row: Row): string {
  const [sign, value] = 'atLeast' in row.bar ? ['≥', row.bar.atLeast] : ['≤', row.bar.atMost];
  return `${sign} ${number(row, value)}${row.unit}`;
}

/** Median, and the range of the rounds. */
export function measuredText(row: Row): string {
  if (row.unmeasured !== null || row.samples.length === 0) return row.unmeasured ?? 'no sample';
  const middle = number(row, median(row.samples));
  const range = `${number(row, Math.min(...row.samples))}–${number(row, Math.max(...row.samples))}`;
  return `${middle}${row.unit} (${range}, n=${row.samples.length})`;
}

/** All rows side by side. */
export function tableText(rows: readonly Row[]): string {
  const table = new Table({
    head: [
      'what',
      'must reach',
      'measured: median (min–max)',
      '',
      'measured beside it',
      'the original, as reported',
    ],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [34, 12, 28, 10, 42, 26],
  });
  for (const row of rows) {
    table.push([row.what, barText(row), measuredText(row), words[verdict(row)], row.beside, row.original]);
  }
  return table.toString();
}

/** The same for programs; `met` is null for what was not measured. */
export function tableJson(rows: readonly Row[]): string {
  const told = rows.map((row) => {
    const verdictNow = verdict(row);
    return {
      ...row,
      median: verdictNow === 'unknown' ? null : median(row.samples),
      met: verdictNow === 'unknown' ? null : verdictNow === 'met',
    };
  });
  return `${JSON.stringify(told, null, 2)}\n`;
}
