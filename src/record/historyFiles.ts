import { closeSync, constants, fstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What the journal is called; older files of it have `.1` and so on behind that, `.1` being the newest. */
export const historyName = 'history.jsonl';

/** A file of the journal, open for reading. */
export interface HistoryFile {
  readonly path: string;
  readonly fd: number;
  readonly bytes: number;
  /** When it was last written, Unix milliseconds. */
  readonly writtenWallMs: number;
}

/** The numbers of the files of a journal in a folder, ascending; 0 is the one that is written. None where there is no folder. */
export function historyNumbers(folder: string): readonly number[] {
  return namesIn(folder)
    .flatMap((name) => {
      if (name === historyName) return [0];
      const number = name.startsWith(`${historyName}.`) ? name.slice(historyName.length + 1) : '';
      return /^[1-9]\d{0,5}$/.test(number) ? [Number(number)] : [];
    })
    .toSorted((a, b) => a - b);
}

/** Where the file of this number is. */
export function historyPath(folder: string, number: number): string {
  return join(folder, number === 0 ? historyName : `${historyName}.${number}`);
}

/**
 * Runs `work` with the files of a journal, the newest first, and closes them. They are opened before anything is read,
 * in this order, so that a rotation meanwhile neither hides one nor shows one twice. Throws where one may not be read.
 */
export function withHistoryFiles<T>(folder: string, work: (files: readonly HistoryFile[]) => T): T {
  const files: HistoryFile[] = [];
  try {
    const seen = new Set<string>();
    for (const number of historyNumbers(folder)) {
      const file = openFile(historyPath(folder, number), seen);
      if (file !== null) files.push(file);
    }
    return work(files);
  } finally {
    for (const { fd } of files) closeSync(fd);
  }
}

function openFile(path: string, seen: Set<string>): HistoryFile | null {
  let fd: number;
  try {
    // Without O_NONBLOCK, a FIFO in its place would wait for ever for somebody who writes.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  const { dev, ino, size, mtimeMs } = fstatSync(fd);
  const identity = `${dev}:${ino}`;
  if (seen.has(identity)) {
    closeSync(fd);
    return null;
  }
  seen.add(identity);
  return { path, fd, bytes: size, writtenWallMs: mtimeMs };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
