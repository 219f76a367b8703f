import { closeSync, constants, fstatSync, lstatSync, opendirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { known, type Reading, unknown } from '../model/reading.ts';
import { failed } from './kernelFile.ts';

/** More than this of a pilot's file is not read. */
const mostBytes = 4096;
const buffer = Buffer.allocUnsafe(mostBytes);
/** O_PATH of open(2), which Node has no name for: a handle on what is there, without opening it. */
const handleOnly = 0o10000000;
/** What a folder without a bound of its own may hold before it is no longer read. */
const mostEntries = 32;
const mostFolderBytes = 64 * 1024;

/**
 * Reads the first 4 kB of a file that a pilot may have made, and may change meanwhile: it may be a FIFO that blocks, a
 * device that acts on being opened, a link to a file of the node's. So it is looked at by a handle that opens nothing,
 * and only that very file, if it is a regular one, is opened then, through /proc, never to wait. Never throws.
 */
export function readForeignFile(path: string): Reading<string> {
  let handle: number | null = null;
  let file: number | null = null;
  try {
    // Most pilots say nothing: an exception for each of them would cost more than all else here.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return unknown(`${path}: ENOENT`);
    handle = openSync(path, handleOnly | constants.O_NOFOLLOW);
    if (!fstatSync(handle).isFile()) return unknown(`${path}: no regular file`);
    file = openSync(`/proc/self/fd/${handle}`, constants.O_RDONLY | constants.O_NONBLOCK);
    return known(buffer.toString('utf8', 0, readSync(file, buffer, 0, mostBytes, 0)));
  } catch (error) {
    return failed(path, error);
  } finally {
    if (file !== null) closeSync(file);
    if (handle !== null) closeSync(handle);
  }
}

/**
 * Controls, marks that turn the reading direction or cannot be seen, and the line separators of Unicode: none of them
 * belongs into a line of a log.
 */
const unprintable =
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+/g;
const mostCharacters = 200;

/** The first line of a text that is not blank, fit for a log: no unprintable characters, 200 characters at most. */
export function firstLine(text: string): string {
  for (const line of text.split(/[\r\n]/)) {
    const clean = line.replaceAll(unprintable, ' ').replaceAll(/\s+/g, ' ').trim();
    if (clean !== '') return Array.from(clean).slice(0, mostCharacters).join('');
  }
  return '';
}

/**
 * Why a pilot's folder that nothing bounds is not to be read any more; null while it may be, and where there is none. Of
 * a folder with a million entries no more are looked at than it may have.
 */
export function beyondBounds(folder: string): string | null {
  try {
    const listing = opendirSync(folder, { bufferSize: mostEntries + 1 });
    try {
      let entries = 0;
      let bytes = 0;
      for (let entry = listing.readSync(); entry !== null; entry = listing.readSync()) {
        entries++;
        if (entries > mostEntries) return `${folder}: more than ${mostEntries} entries`;
        if (entry.isDirectory()) return `${folder}: has a folder in it`;
        // By what it takes, not by its length: holes take nothing.
        bytes += (lstatSync(join(folder, entry.name), { throwIfNoEntry: false })?.blocks ?? 0) * 512;
      }
      return bytes > mostFolderBytes ? `${folder}: more than ${mostFolderBytes / 1024} kB` : null;
    } finally {
      listing.closeSync();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? null : `${folder}: ${code ?? String(error)}`;
  }
}
