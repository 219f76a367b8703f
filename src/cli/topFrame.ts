import { percentText } from '../decide/numbers.ts';
import { type Cell, cellsOf, type Line } from './cells.ts';
import { rowStyle, statusRows, troublesOf } from './statusText.ts';
import type { Style } from './terminal.ts';
import { type Canvas, cpuLine, label, memoryLine, slotsLine } from './topBars.ts';
import type { Look } from './topLook.ts';
import type { Table } from './topTable.ts';
import { tablesOf } from './topTables.ts';

const help: Line = [{ text: 'q or Ctrl-C leaves', style: 'dim' }];
/** From so many rows on there is room for all that `status` says, and for blank lines. */
const tallRows = 44;
/** Below it, what is least needed goes. */
const shortRows = 16;

/** One frame: at most `rows` lines of at most `columns` places, cut rather than wrapped. `nowMs` is wall time. */
export function frame(look: Look, nowMs: number, canvas: Canvas): readonly (readonly Cell[])[] {
  const head = headLines(look, nowMs, canvas).slice(0, canvas.rows);
  const room = canvas.rows - head.length - 1;
  const { kinds, pilots, ended, decisions } = tablesOf(look, canvas.columns, nowMs);
  const body = laidOut([kinds, pilots, ended, decisions], room, canvas);
  const lines = [...head, ...body].slice(0, Math.max(1, canvas.rows - 1));
  if (canvas.rows > lines.length) lines.push(help);
  return lines.map((line) => cellsOf(line, canvas.columns, canvas.utf8));
}

/** The frame for when there is no daemon to tell: why, and what is known from files. */
export function noteFrame(note: string, ended: Table, canvas: Canvas): readonly (readonly Cell[])[] {
  const words: Line[] = folded(note, canvas.columns).map((text) => [{ text, style: 'yellow' }]);
  const lines = [...words, ...laidOut([ended], canvas.rows - words.length - 1, canvas), help];
  return lines.slice(0, canvas.rows).map((line) => cellsOf(line, canvas.columns, canvas.utf8));
}

/** A sentence in lines: a note is read, not glanced at. */
function folded(text: string, columns: number): readonly string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + word.length >= columns) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

function headLines(look: Look, nowMs: number, canvas: Canvas): readonly Line[] {
  const { status } = look;
  const rows = statusRows(status, nowMs);
  const textOf = (name: string): string => rows.find(([one]) => one === name)?.[1] ?? '';
  const why = status.refusals[0]?.text ?? 'one more may start';
  const lines: Line[] = [
    [
      label('Plancton'),
      { text: textOf('State'), style: rowStyle(status, 'State') },
      { text: `  ${textOf('Plancton')}` },
    ],
    cpuLine(look, canvas),
    memoryLine(look, canvas),
    slotsLine(look, canvas),
    [label('Why'), { text: why }],
    ...troubleLines(look, textOf),
  ];
  if (canvas.rows >= shortRows) lines.push(pressureLine(look));
  if (canvas.rows < tallRows) return lines;
  const told = new Set(['Plancton', 'State', 'Pilots', 'Why', 'Node', 'Last', 'Trouble']);
  const more = rows.filter(([name]) => name !== '' && !told.has(name));
  return [...lines, ...more.map(([name, text]): Line => [label(name), { text }])];
}

/** What is not as it should be, each in a line. */
function troubleLines({ status }: Look, textOf: (name: string) => string): readonly Line[] {
  const failed = status.images.find(({ error }) => error !== '');
  const sinks = status.influxdb.filter(({ state }) => state === 'failing');
  const [trouble] = troublesOf(status);
  // An image that is there goes on being run.
  const imageStyle = failed?.id === null ? 'red' : 'yellow';
  const faults: readonly (readonly [boolean, string, string, Style])[] = [
    [!status.engine.answering, 'Engine', textOf('Engine'), 'red'],
    [status.config.state === 'bad', 'Config', textOf('Config'), 'red'],
    [failed !== undefined, 'Image', failed?.error ?? '', imageStyle],
    [trouble !== undefined, 'Trouble', trouble ?? '', 'red'],
    [
      sinks.length > 0,
      'InfluxDB',
      sinks.map(({ target, error }) => `${target} failing: ${error}`).join('; '),
      'red',
    ],
  ];
  return faults.flatMap(([is, name, text, style]): Line[] => (is ? [[label(name), { text, style }]] : []));
}

/** How long the owner's tasks wait. */
function pressureLine({ pressure }: Look): Line {
  const names = { cpu: 'CPU', memory: 'memory', io: 'I/O' } as const;
  const told = Object.entries(names).map(([key, name]) => {
    const value = pressure?.[key as keyof typeof names] ?? null;
    return `${name} ${value === null ? 'not told' : percentText(value)}`;
  });
  return [label('Waiting'), { text: `the owner for ${told.join(', ')}` }];
}

/** What share of the rows that are left each table has, in their order. */
const weights = [1, 3, 1, 1];

/**
 * The tables in so many lines: each that has room for its head and a row, then more in turn to who has more to tell. Where
 * there are few lines, the first one has what it wants before any other.
 */
function laidOut(tables: readonly Table[], room: number, { columns, rows }: Canvas): readonly Line[] {
  const space = rows >= tallRows ? 1 : 0;
  const has = tables.map(() => 0);
  let left = room;
  // Running pilots are what most is wanted of.
  for (const index of [1, 0, 3, 2]
    .filter((one) => one < tables.length)
    .concat(tables.length === 1 ? [0] : [])) {
    if ((tables[index]?.rows ?? 0) === 0 || left < 2 + space || (has[index] ?? 0) > 0) continue;
    const first = rows < shortRows ? Math.min(left, (tables[index]?.rows ?? 0) + 1) : 2;
    has[index] = first;
    left -= first + space;
  }
  for (let given = -1; given !== 0; ) {
    given = 0;
    for (const [index, table] of tables.entries()) {
      const wants = (has[index] ?? 0) === 0 ? 0 : table.rows + 1 - (has[index] ?? 0);
      const more = Math.min(wants, weights[index] ?? 1, left);
      has[index] = (has[index] ?? 0) + more;
      left -= more;
      given += more;
    }
  }
  return tables.flatMap((table, index) => {
    const lines = has[index] === 0 ? [] : table.lines(has[index] ?? 0, columns);
    return lines.length > 0 && space > 0 ? [[], ...lines] : lines;
  });
}
