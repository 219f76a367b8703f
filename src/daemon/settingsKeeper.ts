import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadResult, loadSettings, parseSettings } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { readConfigFile } from '../config/readFile.ts';
import type { Log } from '../model/log.ts';
import type { Settings } from '../model/settings.ts';
import type { Status } from '../model/status.ts';

/** The configuration in force, and the file it came from. */
export interface SettingsKeeper {
  settings(): Settings;
  state(): Status['config'];
  /** Reads the file again; true when other settings are in force now. A bad file changes nothing. */
  reload(): boolean;
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
export function keepSettings(
  file: string,
  stateFolder: string,
  log: Log,
  wallMs: () => number,
): SettingsKeeper {
  const lastGood = join(stateFolder, 'last-good.yaml');
  let result = loadSettings(file);
  let inForce = result.ok ? result : readLastGood(lastGood);
  if (inForce === null || !inForce.ok) throw new BadConfiguration(file, problemLines(file, result));
  let loadedAtMs = wallMs();
  let current: Extract<LoadResult, { ok: true }> = inForce;
  tell(file, result, log);
  remember(file, lastGood, result, log);

  return {
    settings: () => current.settings,
    state: () => ({
      file,
      state: !result.ok ? 'bad' : result.fingerprint === 'absent' ? 'defaults' : 'good',
      problems: result.ok ? [] : problemLines(file, result),
      warnings: current.warnings.map((problem) => formatProblem(file, problem)),
      loadedAt: new Date(loadedAtMs).toISOString(),
    }),
    reload() {
      const found = readConfigFile(file);
      const fingerprint = found.is === 'absent' ? 'absent' : found.fingerprint;
      if (fingerprint === result.fingerprint) return false;
      result = loadSettings(file);
      tell(file, result, log);
      if (!result.ok) return false;
      inForce = result;
      current = result;
      loadedAtMs = wallMs();
      remember(file, lastGood, result, log);
      return true;
    },
  };
}

function problemLines(file: string, result: LoadResult): string[] {
  return result.ok ? [] : result.problems.map((problem) => formatProblem(file, problem));
}

function tell(file: string, result: LoadResult, log: Log): void {
  for (const warning of result.warnings) log.warn(formatProblem(file, warning));
  for (const line of problemLines(file, result)) log.error(line);
  if (!result.ok) log.error(`configuration ${file} has faults: the last good one stays in force`);
  else if (result.fingerprint === 'absent') log.info(`no configuration ${file}: defaults are in force`);
  else log.info(`configuration ${file} is in force`);
}

/** Keeps a copy of what was good: it may hold a password, so nobody else may read it. */
function remember(file: string, lastGood: string, result: LoadResult, log: Log): void {
  if (!result.ok) return;
  const found = readConfigFile(file);
  const text = found.is === 'text' ? found.text : '';
  try {
    writeFileSync(`${lastGood}.new`, text, { mode: 0o600 });
    renameSync(`${lastGood}.new`, lastGood);
  } catch (error) {
    log.warn(`cannot keep a copy of the configuration in ${lastGood}: ${(error as Error).message}`);
  }
}

function readLastGood(lastGood: string): LoadResult | null {
  try {
    return parseSettings(readFileSync(lastGood, 'utf8'), 'last-good');
  } catch {
    return null;
  }
}
