import { styleText } from 'node:util';
import { counted, spanText } from '../decide/numbers.ts';
import type { Status } from '../model/status.ts';
import { printable } from './printable.ts';
import { statusRows } from './statusText.ts';

/** The terminal that a frame is made for. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** A piece of a line; its text is printed as it is, so that a line can be cut before it is coloured. */
interface Piece {
  readonly text: string;
  readonly style?: Style;
}

const labelWidth = 9;
const help = 'q or Ctrl-C leaves';

/** One frame: at most `rows` lines of at most `columns` characters, cut rather than wrapped. `nowMs` is wall time. */
export function frame(status: Status, nowMs: number, canvas: Canvas): string[] {
  const head = headLines(status, nowMs, canvas.columns).slice(0, canvas.rows);
  const roomForPilots = canvas.rows - head.length - 2;
  const pilots = roomForPilots >= 2 ? pilotLines(status, roomForPilots) : [];
  const lines = [...head, ...pilots].slice(0, Math.max(1, canvas.rows - 1));
  if (canvas.rows > lines.length) lines.push([{ text: help, style: 'dim' }]);
  return lines.map((line) => cut(line, canvas));
}

/** The frame for when there is nothing to tell but one sentence. */
export function noteFrame(note: string, canvas: Canvas): string[] {
  return [[{ text: note }], [{ text: help, style: 'dim' } as const]]
    .slice(0, canvas.rows)
    .map((line) => cut(line, canvas));
}

function headLines(status: Status, nowMs: number, columns: number): Piece[][] {
  return statusRows(status, nowMs).flatMap(([name, text]): Piece[][] => {
    const label: Piece = { text: `${name.padEnd(labelWidth)} `, style: 'bold' };
    if (name === 'Node') return [cpuLine(status, columns), memoryLine(status, columns)];
    if (name === 'State') return [[label, { text, style: stateStyle(status) }]];
    if (name === 'Config' && status.config.state === 'bad') return [[label, { text, style: 'red' }]];
    if (name === 'Engine' && !status.engine.answering) return [[label, { text, style: 'red' }]];
    return [[label, { text }]];
  });
}

function stateStyle(status: Status): Style {
  return status.state === 'active' ? 'green' : status.state === 'draining' ? 'yellow' : 'red';
}

/** CPUs as a bar: what the owner uses, what pilots use, what is idle. */
function cpuLine({ node }: Status, columns: number): Piece[] {
  const label: Piece = { text: 'CPU'.padEnd(labelWidth + 1), style: 'bold' };
  const { ownerCpus, pilotsCpus, cpus } = node;
  if (ownerCpus === null || pilotsCpus === null || cpus === 0) {
    return [label, { text: `${counted(cpus, 'CPU')}, use unknown until it has been read twice` }];
  }
  const idle = Math.max(0, cpus - ownerCpus - pilotsCpus);
  const width = barWidth(columns);
  const owner = share(ownerCpus, cpus, width);
  const pilots = Math.min(width - owner, share(pilotsCpus, cpus, width));
  return [
    label,
    { text: '[' },
    { text: 'o'.repeat(owner), style: 'yellow' },
    { text: 'P'.repeat(pilots), style: 'green' },
    { text: `${'.'.repeat(width - owner - pilots)}] ` },
    { text: `owner ${ownerCpus.toFixed(2)}`, style: 'yellow' },
    { text: '  ' },
    { text: `pilots ${pilotsCpus.toFixed(2)}`, style: 'green' },
    { text: `  idle ${idle.toFixed(2)} of ${cpus}` },
  ];
}

function memoryLine({ node }: Status, columns: number): Piece[] {
  const label: Piece = { text: 'Memory'.padEnd(labelWidth + 1), style: 'bold' };
  const { memoryTotalBytes: total, memoryAvailableBytes: available } = node;
  if (total === null || available === null) return [label, { text: 'unknown' }];
  const width = barWidth(columns);
  const used = share(total - available, total, width);
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
  return [
    label,
    { text: `[${'#'.repeat(used)}${'.'.repeat(width - used)}] ` },
    {
      text: `used ${gigabytes(total - available)}  available ${gigabytes(available)} of ${gigabytes(total)} GB`,
    },
  ];
}

function barWidth(columns: number): number {
  return Math.min(40, Math.max(5, columns - 60));
}

/** Cells for a part of a whole; what is there at all gets one. */
function share(part: number, whole: number, width: number): number {
  const cells = Math.round((part / whole) * width);
  return Math.min(width, part > 0.005 * whole ? Math.max(1, cells) : cells);
}

function pilotLines(status: Status, room: number): Piece[][] {
  const { list } = status.pilots;
  const kinds = kindColumn(status);
  const title = `${'PILOT'.padEnd(28)}${kinds('KIND')}${'STATE'.padEnd(12)}${'RUNNING FOR'.padEnd(14)}`;
  const shown = list.length <= room - 1 ? list : list.slice(0, Math.max(0, room - 2));
  const lines = shown.map((pilot): Piece[] => {
    const age = pilot.ageSeconds === null ? '' : spanText(pilot.ageSeconds * 1000);
    const whose = pilot.managed ? '' : 'no proof of being ours';
    return [
      { text: pilot.name.padEnd(28) },
      { text: kinds(pilot.kind ?? '-') },
      { text: pilot.state.padEnd(12), style: pilot.state === 'running' ? 'green' : 'yellow' },
      { text: age.padEnd(14) },
      { text: whose },
    ];
  });
  const hidden = list.length - shown.length;
  const rest: Piece[][] = hidden > 0 ? [[{ text: `and ${hidden} more`, style: 'dim' }]] : [];
  return [[{ text: title, style: 'underline' }], ...lines, ...rest];
}

/** Makes cells of the column that tells kinds; empty ones where all pilots are of one. */
function kindColumn({ images, pilots }: Status): (text: string) => string {
  const names = new Set([
    ...images.flatMap(({ kinds }) => kinds),
    ...pilots.list.flatMap(({ kind }) => kind ?? []),
  ]);
  const width = Math.max('KIND'.length, ...[...names].map((name) => name.length)) + 2;
  return names.size < 2 ? () => '' : (text) => text.padEnd(width);
}

/** Cuts a line to the canvas, then colours it. */
function cut(line: readonly Piece[], { columns, colour }: Canvas): string {
  let left = columns;
  return line
    .map(({ text, style }) => {
      const shown = Array.from(printable(text)).slice(0, left).join('');
      left -= Array.from(shown).length;
      return colour && style !== undefined && shown !== ''
        ? styleText(style, shown, { validateStream: false })
        : shown;
    })
    .join('')
    .trimEnd();
}
