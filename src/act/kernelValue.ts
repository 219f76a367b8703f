import { closeSync, constants, openSync, readFileSync, write as writeLater, writeSync } from 'node:fs';

/** Opens a file that is there to be written anew: a kernel file is never made. */
const overwrite = constants.O_WRONLY | constants.O_TRUNC;

/** What a kernel file holds, without its newline; null where it cannot be read. */
export function held(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

/** Writes a kernel file that is there. Gives null when it is written, and why not in one line when it is not. Never throws. */
export function write(file: string, value: string): string | null {
  let opened: number | null = null;
  try {
    opened = openSync(file, overwrite);
    writeSync(opened, value);
    return null;
  } catch (error) {
    return `${file}: ${codeOf(error)}`;
  } finally {
    if (opened !== null) closeSync(opened);
  }
}

/**
 * Writes a kernel file that takes its time to heed it. Rejects with the system's error. By callback: loading
 * `fs/promises` would cost the daemon half a megabyte.
 */
export async function writeSlowly(file: string, value: string): Promise<void> {
  const opened = openSync(file, overwrite);
  try {
    await new Promise<void>((resolve, reject) => {
      writeLater(opened, value, (error) => (error === null ? resolve() : reject(error)));
    });
  } finally {
    closeSync(opened);
  }
}

/** Writes a kernel file unless it holds the value already, and reads back whether it does now. */
export function writeAndRead(file: string, value: string): boolean {
  if (held(file) === value) return true;
  return write(file, value) === null && held(file) === value;
}

/** The system's word for what went wrong, such as `EROFS`. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
