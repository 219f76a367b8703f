import { isDaemonOf, runningPid } from '../daemon/onlyOne.ts';
import type { Places } from '../model/places.ts';
import { type Asking, askStatus } from './statusClient.ts';

/** The PID of the daemon that runs, by its files, or by its own word where somebody has removed them; null without any. */
export async function findDaemon(places: Places, asking: Asking = {}): Promise<number | null> {
  const pid = runningPid(places);
  if (pid !== null) return pid;
  const told = (await askStatus(places, asking))?.pid;
  return told !== undefined && isDaemonOf(told, places.runFolder) ? told : null;
}
