import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadResult } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { absentFingerprint, readConfigFile } from '../config/readFile.ts';
import { isoTime } from '../model/isoTime.ts';
import type { Log } from '../model/log.ts';
import type { Settings } from '../model/settings.ts';
import type { Status } from '../model/status.ts';
import { type ReadSettings, wasUnread } from './readSettings.ts';
import { putFile } from './wholeFile.ts';

/** The configuration in force, and the file it came from. */
export interface SettingsKeeper {
  settings(): Settings;
  state(): Status['config'];
  /** Reads the file again; resolves to true when other settings are in force now. A bad file changes nothing. */
  reload(): Promise<boolean>;
}

/** A configuration that cannot be started with: `problems` are lines for the user. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration';
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[]) {
    super(`the configuration ${file} has faults and no earlier good one is known: nothing was started`);
    this.problems = problems;
  }
}

/**
 * Loads the configuration. A bad file falls back to the last good one, which the state folder keeps, so that a fault
 * that slips into the file is as harmless over a restart as it is in between. Throws `BadConfiguration` without one.
 */
export async function keepSettings(parts: SettingsParts): Promise<SettingsKeeper> {
  const { file, log } = parts;
  const lastGood = join(parts.stateFolder, 'last-good.yaml');
  let result = await parts.read(file);
  let first = result.ok || !existsSync(lastGood) ? result : await parts.read(lastGood);
  // A file that is not there means all defaults.
  if (!first.ok && parts.defaultsWillDo) first = await parts.read(join(parts.stateFolder, 'none.yaml'));
  if (!first.ok) throw new BadConfiguration(file, problemLines(file, result));
  let inForce = first;
  let loadedAtMs = parts.wallMs();
  let reading: Promise<boolean> | null = null;
  let changedMeanwhile = false;
  tell(file, result, inForce, log);
  remember(file, lastGood, result, log);

  const readAgain = async (): Promise<boolean> => {
    const before = result.fingerprint;
    result = await parts.read(file);
    // One that cannot be read is tried again and again, and told once.
    if (result.fingerprint !== before) tell(file, result, inForce, log);
    if (!result.ok) return false;
    inForce = result;
    loadedAtMs = parts.wallMs();
    remember(file, lastGood, result, log);
    return true;
  };

  const readWhileItChanges = async (): Promise<boolean> => {
    const isAnother = await readAgain();
    if (!changedMeanwhile || fingerprintOf(file) === result.fingerprint) return isAnother;
    changedMeanwhile = false;
    return (await readWhileItChanges()) || isAnother;
  };

  return {
    settings: () => inForce.settings,
    state: () => ({
      file,
      state: !result.ok ? 'bad' : result.fingerprint === absentFingerprint ? 'defaults' : 'good',
      problems: problemLines(file, result),
      warnings: inForce.warnings.map((problem) => formatProblem(file, problem)),
      loadedAt: isoTime(loadedAtMs),
    }),
    async reload() {
      // One at a time: what may have changed while the file was read is read right after.
      changedMeanwhile = reading !== null;
      if (reading !== null || fingerprintOf(file) === result.fingerprint) return false;
      reading = readWhileItChanges().finally(() => {
        reading = null;
      });
      return reading;
    },
  };
}

/** What a keeper needs: the file, where to keep a copy of what was good, and how to read. */
export interface SettingsParts {
  readonly file: string;
  readonly stateFolder: string;
  readonly read: ReadSettings;
  readonly log: Log;
  readonly wallMs: () => number;
  /** Defaults serve where there is neither a good file nor a last good one: enough to clean up. */
  readonly defaultsWillDo: boolean;
}

function fingerprintOf(file: string): string {
  const found = readConfigFile(file);
  return found.is === 'absent' ? absentFingerprint : found.fingerprint;
}

function problemLines(file: string, result: LoadResult): string[] {
  return result.ok ? [] : result.problems.map((problem) => formatProblem(file, problem));
}

function tell(file: string, result: LoadResult, inForce: LoadResult, log: Log): void {
  const meanwhile = inForce.fingerprint === absentFingerprint ? 'defaults are' : 'the last good one stays';
  for (const warning of result.warnings) log.warn(formatProblem(file, warning));
  for (const line of problemLines(file, result)) log.error(line);
  if (!result.ok)
    log.error(
      `configuration ${file} ${wasUnread(result) ? 'was not read' : 'has faults'}: ${meanwhile} in force`,
    );
  else if (result.fingerprint === absentFingerprint)
    log.info(`no configuration ${file}: defaults are in force`);
  else log.info(`configuration ${file} is in force`);
}

/** Keeps a copy of what was good: it may hold a password, so nobody else may read it. */
function remember(file: string, lastGood: string, result: LoadResult, log: Log): void {
  if (!result.ok) return;
  const found = readConfigFile(file);
  // Changed since it was found good: the reading that follows knows what this one is worth.
  if (found.is !== 'absent' && found.fingerprint !== result.fingerprint) return;
  const text = found.is === 'text' ? found.text : '';
  try {
    putFile(lastGood, text, 0o600);
  } catch (error) {
    log.warn(`cannot keep a copy of the configuration in ${lastGood}: ${(error as Error).message}`);
  }
}
