import { existsSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { KindsAnswer } from '../daemon/kindsAnswer.ts';
import { isRenewFile, renewFile, renewText } from '../daemon/renewFiles.ts';
import { makeFolder } from '../daemon/stateStore.ts';
import { writeWhole } from '../daemon/wholeFile.ts';
import { counted } from '../decide/numbers.ts';
import type { Places } from '../model/places.ts';
import { refuseOther } from './controls.ts';
import { UserFault } from './fault.ts';
import { findDaemon } from './findDaemon.ts';
import { ask } from './statusClient.ts';

/**
 * Has running pilots replaced by new ones: of one kind, or of all (null); as they end, or with `now` by giving them
 * notice. The order is a file of the run folder, which a daemon that begins later finds. Throws `UserFault` for a kind
 * that the daemon does not know.
 */
export async function renew(places: Places, kind: string | null, now: boolean): Promise<number> {
  if (kind !== null && !isRenewFile(renewFile(kind))) throw new UserFault(`${kind} is no name of a kind`);
  const pid = await findDaemon(places);
  const answer = pid === null ? null : ((await ask(places, '/kinds')) as KindsAnswer | null);
  const known = answer?.kinds.flatMap(({ name }) => name ?? []) ?? null;
  if (kind !== null && known !== null && !known.includes(kind))
    throw new UserFault(`there is no kind ${kind}; there are: ${known.join(', ')}`);
  const file = leaveOrder(places, kind, now);
  const running = (answer?.kinds ?? [])
    .filter(({ name }) => kind === null || name === kind)
    .reduce((sum, one) => sum + one.running, 0);
  process.stdout.write(`${said(pid, answer === null ? null : running, now, file)}\n`);
  if (existsSync(join(places.runFolder, 'drain')))
    process.stdout.write(
      'The node drains: none is put in the place of those that end before planctonctl resume\n',
    );
  return 0;
}

function said(pid: number | null, running: number | null, now: boolean, file: string): string {
  const how = now ? 'replaced a few at a time, each after its notice' : 'replaced as they end';
  if (pid === null) return `No daemon runs: the next one finds the order in ${file}`;
  return running === null
    ? `The pilots that run are ${how}`
    : `${counted(running, 'pilot')} ${running === 1 ? 'is' : 'are'} ${how} (planctonctl ps tells which are left)`;
}

/** Puts the order in place whole, so that a daemon that looks at once reads all of it. Gives its file. */
function leaveOrder(places: Places, kind: string | null, now: boolean): string {
  makeFolder(places.runFolder);
  const file = join(places.runFolder, renewFile(kind));
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) refuseOther(file);
  const draft = join(places.runFolder, `.order-${process.pid}`);
  try {
    writeWhole(draft, renewText(now), 0o644);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  return file;
}
