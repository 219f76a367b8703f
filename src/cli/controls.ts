import { closeSync, fchmodSync, lstatSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlName } from '../daemon/controlFiles.ts';
import { makeFolder } from '../daemon/stateStore.ts';
import type { Places } from '../model/places.ts';
import { UserFault } from './fault.ts';

/**
 * Leaves a control file (mode 0644, empty) in the run folder; one that is there already will do. Throws `UserFault`
 * where something else has its place, which the daemon would not heed.
 */
export function leave(places: Places, name: ControlName): void {
  makeFolder(places.runFolder);
  const file = join(places.runFolder, name);
  try {
    const descriptor = openSync(file, 'wx', 0o644);
    // Whatever the umask: a site's scripts may look at it.
    fchmodSync(descriptor, 0o644);
    closeSync(descriptor);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Whatever is called `drain` drains.
    if (name !== 'drain') refuseOther(file);
  }
}

/** Throws `UserFault` where something else than a plain file has the place of a control file. */
export function refuseOther(file: string): void {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  const what = found.isDirectory() ? 'a folder' : found.isSymbolicLink() ? 'a link' : 'a special file';
  throw new UserFault(`${file} is ${what}, not a control file: remove it by hand`);
}

/** Removes a control file; one that is not there will do. */
export function lift(places: Places, name: ControlName): void {
  const file = join(places.runFolder, name);
  try {
    unlinkSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR' || code === 'EPERM')
      throw new UserFault(`${file} is a folder, not a control file: remove it by hand`);
    if (code !== 'ENOENT') throw error;
  }
}
