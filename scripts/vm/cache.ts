import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where images are kept between runs. */
export function cacheFolder(): string {
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(caches, 'plancton-test-vm');
}

/**
 * The folder with what `make` puts there for this key: kept from an earlier run, else made now. A folder is there whole
 * or not at all. What was made for other keys, or by a run that is no more, goes.
 */
export async function cached(key: string, make: (folder: string) => Promise<void>): Promise<string> {
  const cache = cacheFolder();
  const whole = join(cache, key);
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache).filter((name) => name !== key && !isBeingMade(name)))
    rmSync(join(cache, name), { recursive: true, force: true });
  if (existsSync(whole)) return whole;
  const folder = join(cache, `making-${process.pid}`);
  mkdirSync(folder);
  try {
    await make(folder);
    // Another run may have been quicker with the same.
    if (!existsSync(whole)) renameSync(folder, whole);
    return whole;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isBeingMade(name: string): boolean {
  const pid = /^making-(\d+)$/.exec(name)?.[1];
  return pid !== undefined && existsSync(`/proc/${pid}`);
}
