import { counted } from '../decide/numbers.ts';
import { type Line, padded, type Piece } from './cells.ts';
import type { Look } from './topLook.ts';
import type { Style } from './terminal.ts';

/** The terminal that a frame is made for. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  /** Whether it knows UTF-8. */
  readonly utf8: boolean;
}

const labelWidth = 9;
/** Below it there is room for numbers, not for words. */
const wordyColumns = 64;

/** The name of a line, before what it tells. */
export function label(name: string): Piece {
  return { text: `${padded(name, labelWidth)} `, style: 'bold' };
}

/** A part of a bar. */
interface Part {
  readonly amount: number;
  readonly mark: string;
  readonly style?: Style;
}

/** What marks parts of a bar, so that they can be told apart without colours too. */
function marksFor({ utf8 }: Canvas): {
  readonly owner: string;
  readonly pilots: string;
  readonly paused: string;
  readonly free: string;
} {
  return utf8
    ? { owner: '█', pilots: '▒', paused: '░', free: '·' }
    : { owner: 'o', pilots: 'P', paused: 'p', free: '.' };
}

/** CPUs: what the owner uses, what pilots use, what is idle. */
export function cpuLine({ status: { node } }: Look, canvas: Canvas): Line {
  const { ownerCpus: owner, pilotsCpus: pilots, cpus } = node;
  if (owner === null || cpus === 0)
    return [label('CPU'), { text: `${counted(cpus, 'CPU')}, use unknown until it has been read twice` }];
  if (pilots === null) {
    // Those of an engine on another machine are not on this one.
    const { owner: mark, free } = marksFor(canvas);
    const parts = [{ amount: owner, mark, style: 'yellow' }] as const;
    const text = `owner ${owner.toFixed(2)} of ${cpus}, pilots unknown`;
    return [label('CPU'), ...bar(parts, cpus, free, canvas), { text }];
  }
  const idle = Math.max(0, cpus - owner - pilots);
  return shared(
    'CPU',
    owner,
    pilots,
    cpus,
    canvas,
    [`idle ${idle.toFixed(2)} of ${cpus}`, `of ${cpus}`],
    (value) => value.toFixed(2),
  );
}

/** Memory in the same way; where it cannot be told whose it is, what is used of it. */
export function memoryLine({ status, node: facts }: Look, canvas: Canvas): Line {
  const { memoryTotalBytes: total, memoryAvailableBytes: available } = status.node;
  if (total === null || available === null) return [label('Memory'), { text: 'unknown' }];
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
  const left = [
    `left ${gigabytes(available)} of ${gigabytes(total)} GB`,
    `of ${gigabytes(total)} GB`,
  ] as const;
  const pilots = facts?.pilotsMemoryBytes ?? null;
  const used = total - available;
  if (pilots === null) {
    const { owner: mark, free } = marksFor(canvas);
    const text =
      canvas.columns < wordyColumns ? `${gigabytes(used)} ${left[1]}` : `used ${gigabytes(used)}  ${left[0]}`;
    return [label('Memory'), ...bar([{ amount: used, mark }], total, free, canvas), { text }];
  }
  return shared('Memory', Math.max(0, used - pilots), pilots, total, canvas, left, gigabytes);
}

function shared(
  name: string,
  owner: number,
  pilots: number,
  whole: number,
  canvas: Canvas,
  [left, shortLeft]: readonly [string, string],
  text: (value: number) => string,
): Line {
  const marks = marksFor(canvas);
  const isWordy = canvas.columns >= wordyColumns;
  const parts: Part[] = [
    { amount: owner, mark: marks.owner, style: 'yellow' },
    { amount: pilots, mark: marks.pilots, style: 'green' },
  ];
  const legend = (mark: string, word: string): string =>
    !isWordy ? `${mark} ` : canvas.utf8 ? `${mark} ${word} ` : `${word} `;
  return [
    label(name),
    ...bar(parts, whole, marks.free, canvas),
    { text: `${legend(marks.owner, 'owner')}${text(owner)}`, style: 'yellow' },
    { text: '  ' },
    { text: `${legend(marks.pilots, 'pilots')}${text(pilots)}`, style: 'green' },
    { text: `  ${isWordy ? left : shortLeft}` },
  ];
}

/** The slots: those that run, those that are paused, and the room for more. */
export function slotsLine({ status: { pilots } }: Look, canvas: Canvas): Line {
  const { running, paused, limit, unmanaged } = pilots;
  const marks = marksFor(canvas);
  const whole = Math.max(limit, running);
  const parts: Part[] = [
    { amount: running - paused, mark: marks.pilots, style: 'green' },
    { amount: paused, mark: marks.paused, style: 'yellow' },
  ];
  const others = unmanaged === 0 ? '' : `, ${counted(unmanaged, 'container')} not ours`;
  const count = `${running} of at most ${limit}${paused === 0 ? '' : `, ${paused} paused`}${others}`;
  return [label('Pilots'), ...bar(parts, whole, marks.free, canvas), { text: count }];
}

/** A bar in brackets; what is there at all gets one place. */
function bar(parts: readonly Part[], whole: number, free: string, { columns }: Canvas): Piece[] {
  const width = Math.min(60, Math.max(6, columns < wordyColumns ? columns - 34 : columns - 64));
  let left = width;
  const pieces = parts.map(({ amount, mark, style }): Piece => {
    const places = whole === 0 ? 0 : Math.round((amount / whole) * width);
    const shown = Math.min(left, amount > 0.005 * whole ? Math.max(1, places) : places);
    left -= shown;
    return { text: mark.repeat(shown), style };
  });
  return [{ text: '[' }, ...pieces, { text: free.repeat(left), style: 'dim' }, { text: '] ' }];
}
