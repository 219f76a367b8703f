import { lstatSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Refusal } from './refusal.ts';

/**
 * Refuses a clone whose `config.yaml`, the one file of it that is read, is a link to something that is not in the clone:
 * it would have this user, root perhaps, read any file of his and tell its faults. Throws a Refusal.
 */
export function refuseLinkOut(clone: string): void {
  const file = join(clone, 'config.yaml');
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  if (realPathOf(file)?.startsWith(realpathSync(clone) + sep) === true) return;
  throw new Refusal(
    'its config.yaml is a link that leads out of the repository, so nothing was put in force: make it a file, or a link within',
  );
}

function realPathOf(link: string): string | null {
  try {
    return realpathSync(link);
  } catch {
    return null;
  }
}
