import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, realpathSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '../model/secret.ts';
import { type Identity, instanceOf } from './ownership.ts';
import { writeWhole } from './wholeFile.ts';

/**
 * Who this daemon is. The secret is made once, in the state folder, readable by us alone; where it is lost, a new one
 * is made, and the pilots of before are left alone because their proofs no longer hold.
 * Throws what the file system throws.
 */
export function loadIdentity(stateFolder: string, runFolder: string): Identity {
  const secret = readOrMake(join(stateFolder, 'secret'));
  return { instance: instanceOf(machineId(secret), realpathSync(runFolder)), secret: new Secret(secret) };
}

/** Without a machine id (a bare container), the secret itself tells machines apart. */
function machineId(secret: string): string {
  for (const file of ['/etc/machine-id', '/var/lib/dbus/machine-id']) {
    try {
      const id = readFileSync(file, 'utf8').trim();
      if (/^[0-9a-f]{32}$/.test(id)) return id;
    } catch {
      // The next one may be there.
    }
  }
  return secret;
}

function readOrMake(file: string): string {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    if (/^[0-9a-f]{64}$/.test(secret)) return secret;
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made = randomBytes(32).toString('hex');
  // Linked into place whole: a crash half-way leaves no secret, never half of one.
  const draft = `${file}.${process.pid}`;
  try {
    writeWhole(draft, `${made}\n`, 0o600);
    linkSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  return made;
}
