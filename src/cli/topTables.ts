import type { PilotAnswer } from '../daemon/psAnswer.ts';
import { bytesText, percentText, spanText } from '../decide/numbers.ts';
import type { PilotRecord } from '../model/history.ts';
import { whyEnded } from './history.ts';
import { outcomeStyle } from './outcomeStyle.ts';
import type { Style } from './terminal.ts';
import type { Look } from './topLook.ts';
import { type Column, type Table, tableOf } from './topTable.ts';

/** The tables of `top`; one that has nothing to tell has no rows. */
export interface Tables {
  readonly kinds: Table;
  readonly pilots: Table;
  readonly ended: Table;
  readonly decisions: Table;
}

/** So wide a terminal has room for whole names. */
const wideColumns = 76;
const dayMs = 86_400_000;
/** `59 min`, `12.5 h`, `850 MB` */
const spanWidth = 6;

/** `nowMs` is wall time. */
export function tablesOf(look: Look, columns: number, nowMs: number): Tables {
  const name = (whole: string): string => shortName(whole, columns);
  const kinds = new Set([
    ...(look.kinds ?? []).map((kind) => kind.name),
    ...pilotsOf(look).map(({ kind }) => kind),
  ]);
  const kindOf = (kind: string | null): string => (kinds.size < 2 ? '' : (kind ?? '-'));
  return {
    kinds: kindTable(look),
    pilots: pilotTable(look, name, kindOf),
    ended: endedTable(look.ended, columns, nowMs, kindOf),
    decisions: tableOf(
      look.decisions,
      [
        { head: 'AT', text: ({ at }) => timeText(Date.parse(at), nowMs), style: () => 'dim', goes: 0 },
        { head: 'DECISION', text: ({ text }) => text, goes: 0 },
      ],
      false,
    ),
  };
}

function shortName(whole: string, columns: number): string {
  return columns >= wideColumns ? whole : whole.replace(/^plancton-worker-/, '');
}

/** The pilots as `ps` is told of them, or what the status says of them. */
export function pilotsOf({ pilots, status }: Pick<Look, 'pilots' | 'status'>): readonly PilotAnswer[] {
  if (pilots !== null) return pilots;
  return status.pilots.list.map((one) => ({
    ...one,
    id: '',
    cpus: null,
    cpuSeconds: null,
    memoryBytes: null,
    ttlLeftSeconds: null,
    toRenew: false,
  }));
}

/** States of an only kind that the line above the tables tells as well. */
const untold: ReadonlySet<string> = new Set(['ready', 'full', 'held-back']);

/** Worth its lines where there are several, or the only one waits for a reason of its own. */
function kindTable({ kinds }: Look): Table {
  const all = kinds ?? [];
  const isTelling = all.length > 1 || all.some(({ state }) => !untold.has(state));
  const rows = isTelling ? all : [];
  type Row = (typeof all)[number];
  const shares = (row: Row, which: 'wantedShare' | 'gotShare'): string => {
    const value = row.state === 'gone' ? null : row[which];
    return value === null ? '-' : percentText(value);
  };
  const columns: readonly Column<Row>[] = [
    { head: 'KIND', text: (row) => row.name ?? '-', goes: 0 },
    { head: 'STATE', text: ({ state }) => state, style: ({ state }) => kindStyle(state), goes: 0 },
    {
      head: 'RUNNING',
      text: (row) =>
        row.state === 'gone' || row.max === null ? String(row.running) : `${row.running} of ${row.max}`,
      goes: 1,
      toTheRight: true,
    },
    { head: 'WANTED', text: (row) => shares(row, 'wantedShare'), goes: 4, toTheRight: true },
    { head: 'GOT', text: (row) => shares(row, 'gotShare'), goes: 3, toTheRight: true },
    { head: 'WHY', text: (row) => (row.state === 'gone' ? 'not in the configuration' : row.reason), goes: 2 },
  ];
  return tableOf(rows, columns, true);
}

/** The colour of a kind's state. */
export function kindStyle(state: string): Style | undefined {
  if (state === 'ready' || state === 'full') return 'green';
  return state === 'no-image' ? 'red' : state === 'disabled' || state === 'gone' ? 'dim' : 'yellow';
}

function pilotTable(
  look: Look,
  name: (whole: string) => string,
  kindOf: (kind: string | null) => string,
): Table {
  const rows = pilotsOf(look).toSorted(
    (a, b) => (b.ageSeconds ?? -1) - (a.ageSeconds ?? -1) || (a.name < b.name ? -1 : 1),
  );
  const span = (seconds: number | null): string => (seconds === null ? '-' : spanText(seconds * 1000));
  const columns: readonly Column<PilotAnswer>[] = [
    { head: 'PILOT', text: (row) => name(row.name), goes: 0 },
    { head: 'KIND', text: (row) => kindOf(row.kind), goes: 4 },
    { head: 'STATE', text: ({ state }) => state, style: ({ state }) => pilotStyle(state), goes: 0 },
    { head: 'AGE', least: spanWidth, text: ({ ageSeconds }) => span(ageSeconds), goes: 0, toTheRight: true },
    { head: 'CPUS', text: ({ cpus }) => cpus?.toFixed(2) ?? '-', goes: 1, toTheRight: true },
    {
      head: 'MEMORY',
      least: spanWidth,
      text: ({ memoryBytes: memory }) => (memory === null ? '-' : bytesText(memory)),
      goes: 2,
      toTheRight: true,
    },
    {
      head: 'LEFT',
      least: spanWidth,
      text: ({ ttlLeftSeconds }) => span(ttlLeftSeconds),
      goes: 5,
      toTheRight: true,
    },
    { head: '', text: remarkOf, style: () => 'yellow', goes: 3 },
  ];
  return tableOf(rows, columns, true);
}

/** What is to be known of a pilot beside its numbers. */
export function remarkOf(pilot: PilotAnswer): string {
  return [
    ...(pilot.managed ? [] : ['no proof of being ours']),
    ...(pilot.toRenew ? ['to be renewed'] : []),
    ...(pilot.trouble === undefined ? [] : [pilot.trouble]),
  ].join('; ');
}

/** The colour of what a pilot does. */
export function pilotStyle(state: string): Style {
  return state === 'running' ? 'green' : state === 'paused' ? 'yellow' : 'dim';
}

/** The pilots that have ended. `nowMs` is wall time. */
export function endedTable(
  rows: readonly PilotRecord[],
  columnsThere: number,
  nowMs: number,
  kindOf: (kind: string | null) => string = (kind) => kind ?? '-',
): Table {
  const name = (whole: string): string => shortName(whole, columnsThere);
  const ran = ({ startedAtWallMs: start, endedAtWallMs: end }: PilotRecord): string =>
    start === null ? '-' : spanText(end - start);
  const columns: readonly Column<PilotRecord>[] = [
    {
      head: 'ENDED',
      text: ({ endedAtWallMs }) => timeText(endedAtWallMs, nowMs),
      style: () => 'dim',
      goes: 0,
    },
    { head: 'PILOT', text: (row) => name(row.name), goes: 0 },
    { head: 'KIND', text: (row) => kindOf(row.kind), goes: 4 },
    {
      head: 'OUTCOME',
      text: ({ outcome }) => outcome,
      style: ({ outcome }) => outcomeStyle(outcome),
      goes: 0,
    },
    { head: 'RAN', least: spanWidth, text: ran, goes: 1, toTheRight: true },
    {
      head: 'CPU',
      least: spanWidth,
      text: ({ cpuMs }) => (cpuMs === null ? '-' : spanText(cpuMs)),
      goes: 3,
      toTheRight: true,
    },
    { head: 'WHY', text: whyEnded, goes: 2 },
  ];
  return tableOf(rows, columns, false);
}

/** The time of a day by this node's clock, or the day where it is long past. */
export function timeText(wallMs: number, nowMs: number): string {
  const at = new Date(wallMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (Math.abs(nowMs - wallMs) >= dayMs)
    return `${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}h`.padEnd(8);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
}
