import { bytesText, tookText } from '../decide/numbers.ts';
import type { PilotRecord } from '../model/history.ts';
import type { Places } from '../model/places.ts';
import { type HistoryQuery, queryHistory } from '../record/history.ts';
import { UserFault } from './fault.ts';
import { type FilterOptions, filterOf, localTime, tellUnreadable } from './historyOptions.ts';
import { journalProgress } from './journalProgress.ts';
import { Output, writeOut } from './output.ts';
import { printable } from './printable.ts';
import { outcomeStyle } from './outcomeStyle.ts';
import { type Paint, painter, plain } from './terminal.ts';

/** What `planctonctl history` is told, as the user wrote it. */
export interface HistoryOptions extends FilterOptions {
  readonly limit?: string;
  readonly json?: boolean;
}

/** So many are shown to who asks for none in particular. */
const plainLimit = 50;
const widths = [19, 23, 12, 13, 8, 8, 8, 4] as const;
const titles = ['ENDED', 'PILOT', 'KIND', 'OUTCOME', 'RAN', 'CPU', 'MEMORY', 'EXIT', 'WHY'];

/**
 * Prints the pilots that have ended, the newest first, whether a daemon runs or not: a table, or the journal's own lines
 * (JSON) for programs. Resolves to the exit code. `write` is standard output.
 */
export function history(places: Places, options: HistoryOptions, write = writeOut): number {
  const filter = filterOf(options, Date.now());
  const query: HistoryQuery = { ...filter, order: 'newest', limit: limitOf(options) };
  const { onRead, line } = journalProgress();
  const output = new Output((bytes) => {
    line.clear();
    write(bytes);
  });
  const asJson = options.json === true;
  const paint = painter(process.stdout);
  const told = queryHistory(
    places.logFolder,
    query,
    (match) => {
      if (asJson) return output.line(match.bytes());
      const record = match.record();
      if (record === null) return true;
      if (output.isEmpty) output.line(row(titles));
      return output.line(rowOf(record, paint));
    },
    onRead,
  );
  line.end();
  output.end();
  if (told.matches === 0) process.stderr.write(`No such pilot is in the journal in ${places.logFolder}\n`);
  if (!told.complete && !output.isClosed && options.limit === undefined)
    process.stderr.write(`These are the last ${told.matches}; --limit and --since show more\n`);
  tellUnreadable(told);
  return 0;
}

/** As many as are wanted; all of them for a program, or for who says since when. */
function limitOf({ limit, json, since }: HistoryOptions): number {
  if (limit === undefined)
    return json === true || since !== undefined ? Number.POSITIVE_INFINITY : plainLimit;
  const count = Number(limit);
  if (!/^\d+$/.test(limit) || !Number.isSafeInteger(count))
    throw new UserFault(`--limit: expected a whole number, not ${JSON.stringify(limit)}`);
  return count;
}

/** One pilot in a line for a person. */
export function rowOf(record: PilotRecord, paint: Paint = plain): string {
  const { startedAtWallMs, endedAtWallMs, cpuMs, peakMemoryBytes, exitCode } = record;
  return row(
    [
      localTime(endedAtWallMs),
      record.name,
      record.kind ?? '-',
      record.outcome,
      startedAtWallMs === null ? '-' : tookText(endedAtWallMs - startedAtWallMs),
      cpuMs === null ? '-' : tookText(cpuMs),
      peakMemoryBytes === null ? '-' : bytesText(peakMemoryBytes),
      exitCode === null ? '-' : String(exitCode),
      whyEnded(record),
    ],
    (cell, index) => {
      const style = index === 3 ? outcomeStyle(record.outcome) : undefined;
      return style === undefined ? cell : paint(style, cell);
    },
  );
}

/** What is known of why a pilot ended. */
export function whyEnded({ outOfMemory, signal, reason, said }: PilotRecord): string {
  return [
    ...(outOfMemory ? ['out of memory'] : []),
    ...(signal === null ? [] : [signal]),
    ...(reason === null ? [] : [reason.text]),
    ...(said === '' ? [] : [said]),
  ].join('; ');
}

function row(
  cells: readonly string[],
  paint: (cell: string, index: number) => string = (cell) => cell,
): string {
  const padded = cells.map((cell, index) => paint(printable(cell).padEnd(widths[index] ?? 0), index));
  return padded.join(' ').trimEnd();
}
