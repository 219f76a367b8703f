import { known, type Reading, unknown } from '../model/reading.ts';

/** A file as one look finds it. */
export interface FileLook {
  /** Its inode number: another one is another file. */
  readonly file: number;
  readonly sizeBytes: number;
  /** When it was last written, by the wall clock; only whether that changed is asked. */
  readonly writtenWallMs: number;
}

/** A log as one look finds it: the file that is written, and the one that was full before, where there is one. */
export interface LogLook {
  readonly atMs: number;
  readonly current: FileLook;
  readonly former: FileLook | null;
}

/** What was written to a log, as looks at it have shown: the last look, and how much it was at each of the last few. */
export interface LogTrace {
  readonly last: LogLook;
  /** How much the last look found to be new. */
  readonly grownBytes: number;
  readonly written: readonly { readonly atMs: number; readonly bytes: number }[];
}

/** A rate is told over at least, and at most, so long. */
const leastSpanMs = 2500;
const mostSpanMs = 4500;

/** The trace with one more look. `fullBytes` is the size at which the engine begins a new file. Pure. */
export function nextTrace(trace: LogTrace | null, look: LogLook, fullBytes: number): LogTrace {
  if (trace === null) return { last: look, grownBytes: 0, written: [{ atMs: look.atMs, bytes: 0 }] };
  const grownBytes = growth(trace.last, look, fullBytes);
  const bytes = (trace.written.at(-1)?.bytes ?? 0) + grownBytes;
  const recent = trace.written.filter(({ atMs }) => look.atMs - atMs <= mostSpanMs);
  return { last: look, grownBytes, written: [...recent, { atMs: look.atMs, bytes }] };
}

/** Bytes a second over the last seconds (2.5 to 4.5), at least: of two files that went by between two looks one is not seen. */
export function rateOf(trace: LogTrace): Reading<number> {
  const [oldest] = trace.written;
  const newest = trace.written.at(-1);
  if (oldest === undefined || newest === undefined || newest.atMs - oldest.atMs < leastSpanMs)
    return unknown('its log has not been watched for long enough');
  return known(((newest.bytes - oldest.bytes) * 1000) / (newest.atMs - oldest.atMs));
}

/**
 * How much was written between two looks, at least. A log that has grown full becomes the former one and another file
 * is begun: what it took to fill it is seen in the former file, or reckoned where that is gone. Inode numbers are used
 * again at once, so a file of the same number beside a former one that has just grown full is the second one since. A
 * log that somebody cut short (logrotate's copytruncate) tells only what it holds now.
 */
function growth(before: LogLook, now: LogLook, fullBytes: number): number {
  const { current, former } = now;
  const isFilledSince =
    former !== null &&
    former.file !== current.file &&
    former.writtenWallMs !== before.former?.writtenWallMs &&
    former.sizeBytes >= fullBytes;
  const filledSince = isFilledSince ? former.sizeBytes : 0;
  const grown = current.sizeBytes - before.current.sizeBytes;
  if (current.file === before.current.file)
    return isFilledSince || grown < 0 ? filledSince + current.sizeBytes : grown;
  if (former?.file === before.current.file)
    return Math.max(0, former.sizeBytes - before.current.sizeBytes) + current.sizeBytes;
  return Math.max(0, fullBytes - before.current.sizeBytes) + filledSince + current.sizeBytes;
}
