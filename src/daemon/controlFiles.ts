import { existsSync, lstatSync, type Stats, unlinkSync, watch } from 'node:fs';
import { basename, join } from 'node:path';
import type { Log } from '../model/log.ts';
import type { ControlFiles } from '../model/view.ts';
import { createRenewReader, isRenewFile } from './renewFiles.ts';

/** Names of the control files, which are the interface: a site's scripts make and remove them by hand. */
export type ControlName = 'drain' | 'stop' | 'force-stop';

/**
 * Reads the control files. Only a plain file stops or force-stops; anything called `drain` drains, because to start
 * less is the careful side to err on. What is not a plain file is named once in the log.
 */
export function createControlReader(runFolder: string, log: Log): () => ControlFiles {
  const renew = createRenewReader(runFolder, log);
  const told = new Set<string>();
  const look = (name: ControlName): Stats | null => {
    try {
      const found = lstatSync(join(runFolder, name), { throwIfNoEntry: false }) ?? null;
      if (found === null || found.isFile()) told.delete(name);
      else if (!told.has(name)) {
        told.add(name);
        const effect = name === 'drain' ? 'draining all the same' : 'ignored';
        log.warn(`control file ${join(runFolder, name)} is not a plain file: ${effect}; remove it by hand`);
      }
      return found;
    } catch {
      return null;
    }
  };
  return () => ({
    drain: look('drain') !== null,
    stop: look('stop')?.isFile() ?? false,
    forceStop: look('force-stop')?.isFile() ?? false,
    renew: renew(),
  });
}

/** The control files, and what a tick puts in order when somebody has removed it. */
const watched: readonly string[] = ['drain', 'stop', 'force-stop', 'lock', 'daemon.json', 'plancton.pid'];

/**
 * Calls `onChange` when one of these comes or goes, or the folder itself goes (libuv then gives its own name). The tick
 * looks now and then anyway: a lost notice costs some seconds.
 */
export function watchControlFiles(runFolder: string, onChange: () => void): () => void {
  if (!existsSync(runFolder)) return () => undefined;
  try {
    const watcher = watch(runFolder, { persistent: false }, (_event, name) => {
      if (name === null) return;
      if (watched.includes(name) || isRenewFile(name) || name === basename(runFolder)) onChange();
    });
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    // No watches left on this node (fs.inotify.max_user_watches): the tick's own look has to do.
    return () => undefined;
  }
}

/** Removes a control file that has done its work; true when it is gone. */
export function clearControlFile(runFolder: string, name: string, log: Log): boolean {
  try {
    unlinkSync(join(runFolder, name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    log.error(`cannot remove control file ${join(runFolder, name)}: ${(error as Error).message}`);
    return false;
  }
}
