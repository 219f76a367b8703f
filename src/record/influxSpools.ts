import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../model/log.ts';
import type { InfluxTarget } from '../model/settings.ts';
import { printableTarget } from './influxRequest.ts';
import { InfluxSpool } from './influxSpool.ts';
import { errorLine } from './oneLine.ts';

/** Four days of a node with one kind of pilots at the default pace (1.6 kB in 30 s, measured). */
const mostBytes = 16_000_000;
/** A database that was taken out of the configuration may come back, and has then all that is not older than this. */
const forgottenAfterMs = 7 * 86_400_000;

/**
 * What the spool of a target is called: of where its points go, and not of who brings them and how. So what waits for a
 * database is not forgotten when its password is changed, its tags, or the version that it is of.
 */
export function spoolName(target: InfluxTarget): string {
  const place = JSON.stringify([printableTarget(target), target.org]);
  return createHash('sha256').update(place).digest('hex').slice(0, 16);
}

/** Opens the spool of this name; null, and a line in the log, where the disk does not let it. */
export function openSpool(folder: string, name: string, log: Log): InfluxSpool | null {
  const path = join(folder, name);
  try {
    return new InfluxSpool(path, mostBytes);
  } catch (error) {
    log.warn(
      `points that cannot be sent wait in memory only, as ${path} cannot be used: ${errorLine(error)}`,
    );
    return null;
  }
}

/** Removes the spools of databases that nobody writes to any more, a week after they were last written. Never throws. */
export function sweepSpools(folder: string, used: readonly string[], nowWallMs: number): void {
  try {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (used.includes(name) || nowWallMs - statSync(path).mtimeMs < forgottenAfterMs) continue;
      rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // There is none, or it cannot be looked at: what is in it takes room, and does no harm.
  }
}
