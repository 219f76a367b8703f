import * as fs from 'node:fs';
import { readLater } from './laterFile.ts';

/** The end of a file, or all of it. */
export interface FileEnd {
  readonly bytes: Buffer;
  /** How large the whole file is. */
  readonly fileBytes: number;
  /** When its content or its place last changed, in Unix milliseconds: unlike the time of its content nobody can set it. */
  readonly changedMs: number;
}

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants;

/**
 * Reads at most so many bytes from the end of a file, by Node's thread pool. Null where there is none, or something else
 * that bears its name: a link (unless links are followed), a folder, a pipe.
 */
export async function readEnd(
  path: string,
  mostBytes: number,
  links: 'follow' | 'refuse',
): Promise<FileEnd | null> {
  const fd = await open(path, O_RDONLY | O_NONBLOCK | (links === 'refuse' ? O_NOFOLLOW : 0));
  if (fd === null) return null;
  try {
    const { size, ctimeMs, isFile } = await statOf(fd);
    if (!isFile) return null;
    const wanted = Math.min(size, mostBytes);
    const bytes = Buffer.allocUnsafeSlow(wanted);
    let had = 0;
    while (had < wanted) {
      const read = await readLater(fd, bytes, had, wanted - had, size - wanted + had);
      if (read === 0) break;
      had += read;
    }
    return { bytes: bytes.subarray(0, had), fileBytes: size, changedMs: ctimeMs };
  } finally {
    fs.close(fd, () => undefined);
  }
}

function open(path: string, flags: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    fs.open(path, flags, (error, fd) => {
      if (error === null) resolve(fd);
      else if (error.code === 'ENOENT' || error.code === 'ELOOP') resolve(null);
      else reject(error);
    });
  });
}

function statOf(fd: number): Promise<{ size: number; ctimeMs: number; isFile: boolean }> {
  return new Promise((resolve, reject) => {
    fs.fstat(fd, (error, stats) => {
      if (error === null) resolve({ size: stats.size, ctimeMs: stats.ctimeMs, isFile: stats.isFile() });
      else reject(error);
    });
  });
}
