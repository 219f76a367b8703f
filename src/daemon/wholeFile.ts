import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Puts a file in place whole: written beside it and renamed, so that a crash or a full disk leaves the old one, never
 * half of a new one. Throws what the file system throws, with the file's path in it.
 */
export function putFile(file: string, text: string, mode: number): void {
  const draft = `${file}.new`;
  try {
    writeWhole(draft, text, mode);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Writes a file of this mode, whatever the umask. A write that fails (no space) has no path in its error as Node throws it: here it has. */
export function writeWhole(file: string, text: string, mode: number): void {
  try {
    writeFileSync(file, text, { mode });
    chmodSync(file, mode);
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { path: file }) : error;
  }
}
