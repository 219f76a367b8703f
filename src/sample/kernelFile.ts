import { closeSync, openSync, readdirSync, readFileSync, readSync, statfsSync } from 'node:fs';
import { known, type Reading, unknown } from '../model/reading.ts';

const buffer = Buffer.allocUnsafe(16 * 1024);

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

/** File systems whose files are asked of the kernel at each read (statfs(2)): proc, sysfs, cgroup v1 and v2. */
const asked: ReadonlySet<number> = new Set([0x9fa0, 0x62656572, 0x27e0eb, 0x63677270]);
/** Files that are kept open at most: those of a node with many daemons, or many pilots of the original. */
const mostOpen = 128;
const open = new Map<string, number>();

/**
 * The same for a file that is read at each tick: it is kept open, which halves the cost (measured: opening and closing
 * a cgroup's file cost more than reading it). A group that is gone answers ENODEV and is looked for anew.
 */
export function readOften(path: string): Reading<string> {
  const kept = open.get(path);
  if (kept !== undefined) {
    try {
      return known(textOf(kept));
    } catch {
      open.delete(path);
      closeSync(kept);
    }
  }
  const text = readKernelFile(path);
  if (text.known) keepOpen(path);
  return text;
}

function keepOpen(path: string): void {
  try {
    if (!asked.has(statfsSync(path).type)) return;
    open.set(path, openSync(path, 'r'));
  } catch {
    // Gone meanwhile: the next read tells.
  }
  const [oldest] = open;
  if (open.size <= mostOpen || oldest === undefined) return;
  open.delete(oldest[0]);
  closeSync(oldest[1]);
}

function textOf(file: number): string {
  return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
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
