import { isDaemonOf, runningPid } from '../daemon/onlyOne.ts';
import type { Places } from '../model/places.ts';
import { askStatus } from './statusClient.ts';

/** The PID of the daemon that runs, by its files, or by its own word where somebody has removed them; null without any. */
export async function findDaemon(places: Places): Promise<number | null> {
  const pid = runningPid(places);
  if (pid !== null) return pid;
  const told = (await askStatus(places))?.pid;
  return told !== undefined && isDaemonOf(told, places.runFolder) ? told : null;
}
