import type { Rule } from '../model/reason.ts';

/** What happened in the span of the record; of the other numbers it has the mean, or the level at its end. */
const counts = [
  'started',
  'startsFailed',
  'finished',
  'failed',
  'noWork',
  'expired',
  'evicted',
  'neverStarted',
  'lost',
] as const;

/** The numbers of a record, in the order in which they are written: append, and never take one away. */
export const ringNumbers = [
  'cpus',
  'ownerCpus',
  'pilotsCpus',
  'memoryTotalBytes',
  'memoryAvailableBytes',
  'ownerMemoryBytes',
  'pilotsMemoryBytes',
  'waitCpu',
  'waitMemory',
  'waitMemoryFull',
  'waitIo',
  'running',
  'paused',
  'limit',
  'unmanaged',
  ...counts,
  'daemonCpus',
  'daemonBytes',
] as const;

/** One of them. */
export type RingNumber = (typeof ringNumbers)[number];

/** Those that count. */
export const ringCounts: ReadonlySet<RingNumber> = new Set(counts);

/** What a node was and did in a span that ends at a time. */
export interface RingRecord {
  /** Its end, in seconds since 1970. */
  readonly atSeconds: number;
  /** Null is unknown. Pressures are shares of time. */
  readonly numbers: Readonly<Record<RingNumber, number | null>>;
  readonly answering: boolean;
  readonly draining: boolean;
  readonly dryRun: boolean;
  /** What kept one more pilot from starting at its end. */
  readonly refusal: Rule | null;
}

/** Rules by the number that stands for them: append only. */
const rules: readonly Rule[] = [
  'starting-up',
  'engine',
  'image',
  'drain',
  'force-stop',
  'limit',
  'cpu',
  'memory',
  'disk',
  'io',
  'pressure',
  'user',
  'battery',
  'program',
  'temperature',
  'window',
  'pause',
  'profile',
  'grace-spawn',
  'growth',
  'back-off',
  'kind',
  'renew',
  'engine-restart',
  'ttl',
  'log',
  'in-flight',
];

/**
 * Bytes of a record: a power of two, so that none lies across two sectors of a disk, which writes a sector whole. In it,
 * little-endian: a check (4 bytes), the time (4), version, flags, rule and a zero (1 each), then numbers as 4-byte floats,
 * NaN for what is unknown.
 */
export const ringRecordBytes = 128;
const version = 1;
const headBytes = 12;
const mostNumbers = (ringRecordBytes - headBytes) / 4;

/** A record as bytes. */
export function packRecord(record: RingRecord): Uint8Array {
  const bytes = new Uint8Array(ringRecordBytes);
  const view = new DataView(bytes.buffer);
  const flags = Number(record.answering) + 2 * Number(record.draining) + 4 * Number(record.dryRun);
  view.setUint32(4, record.atSeconds, true);
  view.setUint8(8, version);
  view.setUint8(9, flags);
  view.setUint8(10, record.refusal === null ? 0 : rules.indexOf(record.refusal) + 1);
  for (let index = 0; index < mostNumbers; index += 1) {
    const name = ringNumbers[index];
    const value = name === undefined ? null : record.numbers[name];
    view.setFloat32(headBytes + index * 4, value ?? Number.NaN, true);
  }
  view.setUint32(0, checkOf(view), true);
  return bytes;
}

/** When the record in these bytes was; null where they are none, or a torn one. */
export function recordTime(view: DataView): number | null {
  if (view.getUint8(8) !== version || view.getUint32(0, true) !== checkOf(view)) return null;
  return view.getUint32(4, true);
}

/** Number `index` of a record, in the order of `ringNumbers`; `NaN` where it is unknown. */
export function recordNumber(view: DataView, index: number): number {
  return view.getFloat32(headBytes + index * 4, true);
}

/** What of a record is no number. */
export function recordState(
  view: DataView,
): Pick<RingRecord, 'answering' | 'draining' | 'dryRun' | 'refusal'> {
  const flags = view.getUint8(9);
  return {
    answering: (flags & 1) !== 0,
    draining: (flags & 2) !== 0,
    dryRun: (flags & 4) !== 0,
    refusal: rules[view.getUint8(10) - 1] ?? null,
  };
}

/** FNV-1a by words instead of bytes, over all but the check itself: cheap where nothing compiles. */
function checkOf(view: DataView): number {
  let hash = 0x811c9dc5;
  for (let at = 4; at < ringRecordBytes; at += 4)
    hash = Math.imul(hash ^ view.getUint32(at, true), 0x01000193);
  return hash >>> 0;
}
