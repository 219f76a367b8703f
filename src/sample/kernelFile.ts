import { closeSync, openSync, readdirSync, readFileSync, readvSync, statfsSync } from 'node:fs';
import { known, type Reading, unknown } from '../model/reading.ts';

const buffer = Buffer.allocUnsafe(16 * 1024);
const buffers = [buffer];

/** Its start, into the buffer: `readv` because it examines fewer arguments than `readSync`, which cost more than the reading. */
const readStart = (file: number): number => readvSync(file, buffers, 0);

/** Reads the start (16 kB at most) of a kernel file, synchronously: for `/proc` that is several times cheaper. */
export function readKernelFile(path: string): Reading<string> {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    return known(textOf(file));
  } catch (error) {
    return failed(path, error);
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** The same of a file of any length, for what is seldom read. */
export function readWholeFile(path: string): Reading<string> {
  try {
    return known(readFileSync(path, 'latin1'));
  } catch (error) {
    return failed(path, error);
  }
}

/** What the text of a kernel file says; `path` is for the reason where it says nothing. */
export type Parse<T> = (text: string, path: string) => Reading<T>;

/** How a file is read and understood: `readOften` where that is at each tick, `readOnce` where it is not. */
export type ReadParsed = <T>(path: string, parse: Parse<T>) => Reading<T>;

/** Opens a kernel file, reads and closes it. */
export const readOnce: ReadParsed = (path, parse) => {
  const text = readKernelFile(path);
  return text.known ? parse(text.value, path) : text;
};

/** File systems whose files are asked of the kernel at each read (statfs(2)): proc, sysfs, cgroup v1 and v2. */
const asked: ReadonlySet<number> = new Set([0x9fa0, 0x62656572, 0x27e0eb, 0x63677270]);
/** Files that are kept open at most: those of a node with many daemons, or many pilots of the original. */
const mostOpen = 128;
const open = new Map<string, KeptFile>();

/** A file that is open, and what it said when it was last read. */
interface KeptFile {
  readonly file: number;
  /** A copy of what was read, and the same piece of the buffer that is read into. */
  bytes: Buffer;
  place: Buffer;
  said: { readonly parse: Parse<unknown>; readonly reading: Reading<unknown> } | null;
}

/**
 * The same for a file that is read at each tick: it is kept open, which halves the cost (measured: opening and closing
 * a cgroup's file cost more than reading it). A group that is gone answers ENODEV and is looked for anew. While the
 * file says the same, byte for byte, the very same reading is given: nothing is parsed then, and who asks may see by
 * it that nothing moved. `parse` must be the same function each time for that.
 */
export const readOften: ReadParsed = (path, parse) => {
  const kept = open.get(path);
  const length = kept === undefined ? null : readAgain(path, kept.file);
  if (kept !== undefined && length !== null) return whatItSays(kept, length, path, parse);
  const reading = readOnce(path, parse);
  if (reading.known) keepOpen(path);
  return reading;
};

/** Reads it into the buffer; the number of bytes, null when it is no more. */
function readAgain(path: string, file: number): number | null {
  try {
    return readStart(file);
  } catch {
    open.delete(path);
    closeSync(file);
    return null;
  }
}

function whatItSays<T>(kept: KeptFile, length: number, path: string, parse: Parse<T>): Reading<T> {
  const isSame = kept.bytes.length === length && kept.place.equals(kept.bytes);
  if (isSame && kept.said?.parse === parse) return kept.said.reading as Reading<T>;
  if (kept.bytes.length !== length) {
    kept.bytes = Buffer.alloc(length);
    kept.place = buffer.subarray(0, length);
  }
  kept.bytes.set(kept.place);
  const reading = parse(buffer.toString('latin1', 0, length), path);
  kept.said = { parse, reading };
  return reading;
}

function keepOpen(path: string): void {
  try {
    if (!asked.has(statfsSync(path).type)) return;
    open.set(path, {
      file: openSync(path, 'r'),
      bytes: Buffer.alloc(0),
      place: buffer.subarray(0, 0),
      said: null,
    });
  } catch {
    // Gone meanwhile: the next read tells.
  }
  const [oldest] = open;
  if (open.size <= mostOpen || oldest === undefined) return;
  open.delete(oldest[0]);
  closeSync(oldest[1].file);
}

function textOf(file: number): string {
  return buffer.toString('latin1', 0, readStart(file));
}

/** The names in a folder of the kernel's. */
export function listFolder(path: string): Reading<readonly string[]> {
  try {
    return known(readdirSync(path));
  } catch (error) {
    return failed(path, error);
  }
}

/** Whether a reading failed because the file is not there. */
export function isAbsent(reading: Reading<unknown>): boolean {
  return !reading.known && reading.reason.endsWith(': ENOENT');
}

/** The reading of a path that could not be made, with the kernel's own word for why. */
export function failed(path: string, error: unknown): Reading<never> {
  return unknown(`${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
}
