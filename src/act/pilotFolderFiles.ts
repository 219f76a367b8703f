import {
  chmodSync,
  closeSync,
  constants,
  type Dirent,
  fchmodSync,
  lstatSync,
  mkdirSync,
  opendirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './kernelValue.ts';
import type { Features } from './pilotFolderFeatures.ts';
import { runProgram } from './pilotFolderState.ts';

/** Folders with more entries than this are removed by rm(1), beside the daemon: listing them would hold it up. */
const quickEntries = 64;
/** Never through a link, and never into a file that is there. */
const create = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Makes a folder of this mode, whatever the umask; one that is there is left as it is. */
export function makeFolder(folder: string, mode: number): void {
  if (mkdirSync(folder, { recursive: true }) !== undefined) chmodSync(folder, mode);
}

/**
 * Puts features in place, each one whole: a pilot that reads has the old one or the new one. A pilot with the power to
 * remount may have put links there: none is followed. Throws what the file system throws, with its path.
 */
export function putFeatures(folder: string, features: Features): void {
  for (const [name, value] of Object.entries(features)) {
    const file = join(folder, name);
    const draft = join(folder, `.${name}.new`);
    try {
      rmSync(draft, { force: true });
      writeNew(draft, `${value}\n`);
      renameSync(draft, file);
    } catch (error) {
      throw error instanceof Error ? Object.assign(error, { path: file }) : error;
    }
  }
}

/** What a feature says, or null where it is not there. */
export function featureIn(folder: string, name: string): string | null {
  try {
    return readFileSync(join(folder, name), 'utf8').trim();
  } catch {
    return null;
  }
}

/** Takes one feature away; none is as good. */
export function dropFeature(folder: string, name: string): void {
  rmSync(join(folder, name), { force: true });
}

/**
 * Removes a folder and what a pilot left in it, never through a link: nobody is there any more to put one in our way,
 * because its container is gone before, and rm(1) goes down by descriptors anyhow. Gives null when it is gone, and else
 * why not in one line. Never throws.
 */
export async function removeTree(folder: string): Promise<string | null> {
  if (removedQuickly(folder)) return null;
  const trouble = await runProgram('rm', ['-rf', '--', folder]);
  return isGone(folder) ? null : (trouble ?? `rm: ${folder} is still there`);
}

/** Whether there is nothing of this name. What cannot be told is there. */
export function isGone(path: string): boolean {
  try {
    lstatSync(path);
    return false;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
  }
}

/** The common case without a program: a few files. Anything else is left to rm(1), whatever it was. */
function removedQuickly(folder: string): boolean {
  try {
    for (const entry of fewEntries(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        for (const each of fewEntries(path)) unlinkSync(join(path, each.name));
        rmdirSync(path);
      } else unlinkSync(path);
    }
    rmdirSync(folder);
    return true;
  } catch (error) {
    return codeOf(error) === 'ENOENT' && isGone(folder);
  }
}

/** The entries of a folder; throws when there are many. */
function fewEntries(folder: string): readonly Dirent[] {
  const listing = opendirSync(folder);
  try {
    const entries: Dirent[] = [];
    for (let entry = listing.readSync(); entry !== null; entry = listing.readSync()) {
      entries.push(entry);
      if (entries.length > quickEntries) throw new Error(`${folder}: many entries`);
    }
    return entries;
  } finally {
    listing.closeSync();
  }
}

function writeNew(file: string, text: string): void {
  const opened = openSync(file, create, 0o644);
  try {
    writeSync(opened, text);
    fchmodSync(opened, 0o644);
  } finally {
    closeSync(opened);
  }
}
