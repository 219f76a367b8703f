import { existsSync } from 'node:fs';
import type { Log } from '../model/log.ts';
import type { Places } from '../model/places.ts';
import { filesOfPid, type Hold, writePid } from './onlyOne.ts';

/**
 * Makes the look after our place in the run folder, for each tick: false when the lock is not ours any more. Then
 * nothing keeps another daemon out, and this one has to end. As long as it is ours, nobody else writes the PID file or
 * the mark: what somebody removes is written again. Never throws.
 */
export function createPlaceKeeper(places: Places, hold: Hold, log: Log): () => boolean {
  let told = '';
  const rewrite = (): void => {
    const missing = filesOfPid(places).filter((file) => !existsSync(file));
    if (missing.length === 0) return;
    try {
      writePid(places);
      told = '';
      log.warn(`${missing.join(' and ')} had been removed under the daemon and is written again`);
    } catch (error) {
      const text = `cannot write ${missing.join(' and ')}, removed under the daemon: ${(error as Error).message}`;
      if (text !== told) log.error(text);
      told = text;
    }
  };
  let isHeld = true;
  return () => {
    if (!isHeld) return false;
    isHeld = hold.isOurs();
    if (isHeld) rewrite();
    else
      log.error(
        `${places.runFolder}/lock is not this daemon's any more: somebody removed or replaced it; it ends, and the next daemon adopts its pilots`,
      );
    return isHeld;
  };
}
