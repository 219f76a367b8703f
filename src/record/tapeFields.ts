import type { CpuClass, KernelMeans } from '../model/means.ts';
import type { Rule } from '../model/reason.ts';
import type { TapeFrame } from '../model/tape.ts';

/** A frame as whole numbers, in the order of `tapeNumbers`, and texts: what the tape's records tell the changes of. */
export interface RawFrame {
  readonly numbers: readonly number[];
  /** Names of programs, each ended by a newline, and the rule of the refusal. */
  readonly texts: readonly [programs: string, refusal: string];
}

/** Raw numbers: what cannot be read, what nobody asked for, and the least value that there is, 0. */
const unread = 0;
const unasked = 1;
const zero = 2;

const mebibyte = 2 ** 20;
/** Beyond this many seconds (ten years) nobody is at the node. */
const foreverSeconds = 315_360_000;

type NumberKey = {
  [Key in keyof TapeFrame]-?: NonNullable<TapeFrame[Key]> extends number ? Key : never;
}[keyof TapeFrame];

/**
 * The numbers of a frame in the order in which records have them, and the unit that each is kept in. New ones are added
 * at the end: who knows fewer passes over them.
 */
const measured: readonly (readonly [key: NumberKey, unit: number])[] = [
  ['wallMs', 1],
  ['atMs', 1],
  ['spanMs', 1],
  ['cpuCount', 1],
  ['ownerCpus', 0.001],
  ['stealCpus', 0.001],
  ['pilotsCpus', 0.001],
  ['memoryTotalBytes', mebibyte],
  ['memoryAvailableBytes', mebibyte],
  ['ownerMemoryBytes', mebibyte],
  ['ownerPeakBytes', mebibyte],
  ['pilotsMemoryBytes', mebibyte],
  ['swapTotalBytes', mebibyte],
  ['swapFreeBytes', mebibyte],
  ['diskTotalBytes', 16 * mebibyte],
  ['diskFreeBytes', 16 * mebibyte],
  ['cpuStall', 0.001],
  ['memoryStall', 0.001],
  ['memoryFullStall', 0.001],
  ['ioStall', 0.001],
  ['userIdleMs', 1000],
  ['temperatureC', 0.5],
  ['running', 0.01],
  ['paused', 0.01],
  ['takenCpus', 0.01],
];
const batteryAt = measured.length;
const flagsAt = batteryAt + 1;

/** How many numbers a raw frame has. */
export const numberCount = flagsAt + 1;

const classes: readonly CpuClass[] = ['normal', 'low', 'idle'];
const programBytes = 60;

/** A frame as it is kept: rounded to its units. */
export function rawOf(frame: TapeFrame): RawFrame {
  const numbers = measured.map(([key, unit]) => rawNumber(frame[key], unit));
  const { onBattery, programs } = frame;
  numbers.push(rawNumber(typeof onBattery === 'boolean' ? Number(onBattery) : onBattery, 1));
  numbers.push(flagsOf(frame, programs === null));
  return { numbers, texts: [programsText(programs ?? []), frame.refusal ?? ''] };
}

function rawNumber(value: number | null | undefined, unit: number): number {
  if (value === undefined) return unasked;
  if (value === null || Number.isNaN(value)) return unread;
  return zero + Math.max(0, Math.round(Math.min(value / unit, Number.MAX_SAFE_INTEGER / 4)));
}

/** Of parts of one by division: 0.118 is 118 / 1000 and not 118 · 0.001. */
function amountOf(count: number, unit: number): number {
  return unit < 1 ? count / Math.round(1 / unit) : count * unit;
}

/** Names longer than there is room for are left out: they are there to be told, that there are some is what counts. */
function programsText(programs: readonly string[]): string {
  let text = '';
  for (const name of programs)
    if (Buffer.byteLength(text) + Buffer.byteLength(name) < programBytes) text += `${name}\n`;
  return text === '' && programs.length > 0 ? '?\n' : text;
}

function flagsOf(frame: TapeFrame, programsUnread: boolean): number {
  const { means } = frame;
  const bits = [
    frame.ownerIsExact,
    frame.isDraining,
    frame.isAnswering,
    means.canThrottle,
    means.canPause,
    means.canReclaim,
    means.ownKill,
    frame.programs !== undefined,
    programsUnread,
  ];
  return bits.reduce((sum, bit, index) => sum + (bit ? 4 << index : 0), classes.indexOf(means.cpuClass));
}

/** The frame that these numbers and texts tell. */
export function frameOf({ numbers, texts }: RawFrame): TapeFrame {
  const at = (index: number): number => numbers[index] ?? unread;
  const frame: Record<string, unknown> = {};
  for (const [index, [key, unit]] of measured.entries()) {
    const raw = at(index);
    if (raw !== unasked) frame[key] = raw === unread ? null : amountOf(raw - zero, unit);
  }
  const idle = frame['userIdleMs'];
  if (typeof idle === 'number' && idle >= foreverSeconds * 1000)
    frame['userIdleMs'] = Number.POSITIVE_INFINITY;
  if (at(batteryAt) !== unasked) frame['onBattery'] = at(batteryAt) === unread ? null : at(batteryAt) > zero;
  const flags = at(flagsAt);
  const has = (bit: number): boolean => (flags & (4 << bit)) !== 0;
  const means: KernelMeans = {
    cpuClass: classes[flags & 3] ?? 'normal',
    canThrottle: has(3),
    canPause: has(4),
    canReclaim: has(5),
    ownKill: has(6),
  };
  if (has(7)) frame['programs'] = has(8) ? null : texts[0].split('\n').slice(0, -1);
  return {
    ...(frame as unknown as TapeFrame),
    means,
    ownerIsExact: has(0),
    isDraining: has(1),
    isAnswering: has(2),
    refusal: texts[1] === '' ? null : (texts[1] as Rule),
  };
}
