import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime } from '../model/isoTime.ts';
import type { TapeFrame } from '../model/tape.ts';
import { framesIn } from './tapeCodec.ts';

/** Where a daemon's tape is: beside what else it knows of its node's owner, for nobody else's eyes. */
export function tapeFolder(stateFolder: string): string {
  return join(stateFolder, 'tape');
}

/** The file that holds what was at this time, by the day in UTC. */
export function tapeFile(folder: string, wallMs: number): string {
  return join(folder, `${isoTime(wallMs).slice(0, 10)}.tape`);
}

/** The files of a tape, the oldest first. None where there is no folder. */
export function tapeFiles(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => /^\d{4}-\d\d-\d\d\.tape$/.test(name));
    return names.toSorted().map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A stretch of a tape that ends at or after, and before, these Unix milliseconds. */
export interface TapeRange {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** A tape that can be gone through more than once; it is as it was when it was opened. */
export interface TapeReading {
  /** Its frames in the order in which they were written; each going through begins anew. */
  frames(range: TapeRange): Iterable<TapeFrame>;
  /** From when to when there is something of it in a range; null where there is nothing. */
  extent(range: TapeRange): TapeRange | null;
}

/** Opens the tape in `folder`, a few megabytes, whether or not a daemon writes it. Throws what the file system throws. */
export function readTape(folder: string): TapeReading {
  const files = tapeFiles(folder).map(bytesOf);
  const frames = (range: TapeRange): Iterable<TapeFrame> => ({
    [Symbol.iterator]: () => framesOf(files, range),
  });
  return {
    frames,
    extent(range) {
      let [sinceMs, untilMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const { wallMs, spanMs } of frames(range)) {
        sinceMs = Math.min(sinceMs, wallMs - spanMs);
        untilMs = Math.max(untilMs, wallMs);
      }
      return sinceMs <= untilMs ? { sinceMs, untilMs } : null;
    },
  };
}

/** No day takes a hundredth of this: what is beyond it is none of ours. */
const mostBytes = 64_000_000;

/** What is in a file; nothing where it is none: of a FIFO nobody would ever see the end, nor of a device. */
function bytesOf(file: string): Uint8Array {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    const bytes = Buffer.alloc(stat.isFile() ? Math.min(stat.size, mostBytes) : 0);
    let read = 0;
    for (let more = -1; more !== 0 && read < bytes.length; read += more)
      more = readSync(fd, bytes, read, bytes.length - read, read);
    return bytes.subarray(0, read);
  } finally {
    closeSync(fd);
  }
}

function* framesOf(files: readonly Uint8Array[], { sinceMs, untilMs }: TapeRange): Generator<TapeFrame> {
  for (const bytes of files)
    for (const frame of framesIn(bytes)) if (frame.wallMs >= sinceMs && frame.wallMs < untilMs) yield frame;
}
