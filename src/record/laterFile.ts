import * as fs from 'node:fs';

/*
 * File calls by Node's thread pool: a disk that pilots keep busy holds up no tick. By callback, because loading
 * `fs/promises` would cost the daemon half a megabyte.
 */

/** Reads up to so many bytes; null for where the last such reading ended. Resolves to how many there were. */
export function readLater(
  fd: number,
  bytes: Buffer,
  at: number,
  length: number,
  position: number | null,
): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, bytes, at, length, position, (error, read) =>
      error === null ? resolve(read) : reject(error),
    );
  });
}

/** Writes all of these bytes there. */
export async function writeLater(fd: number, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += await writeSome(fd, bytes.subarray(done), position + done);
}

function writeSome(fd: number, bytes: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(fd, bytes, 0, bytes.length, position, (error, written) =>
      error === null ? resolve(written) : reject(error),
    );
  });
}

/** The names in a folder; none where there is no folder. */
export function namesLater(folder: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    fs.readdir(folder, (error, names) => {
      if (error === null) resolve(names);
      else if (error.code === 'ENOENT') resolve([]);
      else reject(error);
    });
  });
}

/** What a name stands for, links not followed; null where there is nothing (any more). */
export function statLater(path: string): Promise<fs.Stats | null> {
  return new Promise((resolve) => {
    fs.lstat(path, (error, stats) => resolve(error === null ? stats : null));
  });
}

/** Makes a file, where it is not there, and has it as last written at these Unix milliseconds. */
export function markLater(path: string, wallMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const flags =
      fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW;
    fs.open(path, flags, 0o640, (error, fd) => {
      if (error !== null) return reject(error);
      fs.futimes(fd, wallMs / 1000, wallMs / 1000, (failed) =>
        fs.close(fd, () => (failed === null ? resolve() : reject(failed))),
      );
    });
  });
}

/** Removes a file; one that is not there is no fault. */
export function removeLater(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.unlink(path, (error) => (error === null || error.code === 'ENOENT' ? resolve() : reject(error)));
  });
}

/** How large the disk of a folder is, and how much of it is free for us; null where that cannot be told. */
export function diskLater(
  folder: string,
): Promise<{ readonly bytes: number; readonly freeBytes: number } | null> {
  return new Promise((resolve) => {
    fs.statfs(folder, (error, stats) => {
      if (error !== null) return resolve(null);
      const { bsize, blocks, bavail } = stats;
      resolve({ bytes: blocks * bsize, freeBytes: bavail * bsize });
    });
  });
}
