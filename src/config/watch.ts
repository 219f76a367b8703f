import { type FSWatcher, lstatSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** An editor's several steps of one saving count as one change; less than that and half a file might be read. */
const settleMs = 150;

/**
 * Calls `onChange` soon after the file may have changed, appeared or gone; gives what ends that. The folder is watched,
 * as editors put a new file in the place of the old one. Never throws, and keeps no process alive. It may miss a change
 * (network file systems, a link into another folder): the timed reading of the file catches those.
 */
export function watchConfig(file: string, onChange: () => void): () => void {
  let watcher: FSWatcher | null = null;
  let timer: NodeJS.Timeout | null = null;
  let ended = false;

  function changed(): void {
    // not put off by further events, so that a busy folder cannot put it off for ever
    timer ??= setTimeout(() => {
      timer = null;
      onChange();
    }, settleMs).unref();
  }

  function arm(): void {
    watcher?.close();
    watcher = null;
    if (ended) return;
    const folder = nearestFolder(dirname(file));
    const inode = inodeOf(folder);
    try {
      watcher = watch(folder, { persistent: false }, (_, name) => {
        const folderIsAnother = nearestFolder(dirname(file)) !== folder || inodeOf(folder) !== inode;
        if (folderIsAnother) arm();
        if (folderIsAnother || (folder === dirname(file) && concerns(file, name))) changed();
      });
      watcher.on('error', () => watcher?.close());
    } catch {
      // no more watches to be had, or the folder is gone again: the timed reading remains
    }
    // what appeared between the look and the watch has sent no event
    if (watcher !== null && nearestFolder(dirname(file)) !== folder) arm();
  }

  arm();
  return () => {
    ended = true;
    if (timer !== null) clearTimeout(timer);
    watcher?.close();
  };
}

/** The folder, or the nearest above it that is there. */
function nearestFolder(folder: string): string {
  let nearest = folder;
  while (inodeOf(nearest) === null && dirname(nearest) !== nearest) nearest = dirname(nearest);
  return nearest;
}

function inodeOf(folder: string): number | null {
  const status = statSync(folder, { throwIfNoEntry: false, bigint: false });
  return status?.isDirectory() === true ? status.ino : null;
}

/** A link's target may be renamed beside it (`..data` of a Kubernetes ConfigMap), so then any name concerns it. */
function concerns(file: string, name: string | null): boolean {
  if (name === null || name === basename(file)) return true;
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
