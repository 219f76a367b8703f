import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadSettings } from '../config/load.ts';
import type { KindsAnswer } from '../daemon/kindsAnswer.ts';
import type { PsAnswer } from '../daemon/psAnswer.ts';
import type { Places } from '../model/places.ts';
import { bootstrapCommandLine } from './bootstrap/commandLine.ts';
import { bashCompletion } from './completionBash.ts';
import { fishCompletion } from './completionFish.ts';
import {
  askedValues,
  type AskedValues,
  type CommandSpec,
  shells,
  type Shell,
  specOf,
} from './completionSpec.ts';
import { zshCompletion } from './completionZsh.ts';
import { UserFault } from './fault.ts';
import { ask } from './statusClient.ts';

/** Somebody is typing: a daemon that does not answer at once is not waited for. */
const patienceMs = 500;

const scripts: Readonly<Record<Shell, (programs: readonly CommandSpec[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/**
 * Prints the script that has a shell complete our commands; or, for that script, the values that this node knows (each in a
 * line). Throws `UserFault` for a shell that is not known.
 */
export async function completion(
  places: Places,
  program: Command,
  { shell, values }: { readonly shell: string | undefined; readonly values: string | boolean | undefined },
): Promise<number> {
  const what = askedValues.find((one) => one === values);
  if (values !== undefined) {
    const found = what === undefined ? [] : await valuesOf(places, what);
    process.stdout.write(found.map((value) => `${value}\n`).join(''));
    return 0;
  }
  const known = shells.find((one) => one === shell);
  if (known === undefined)
    throw new UserFault(
      `completion: ${shell === undefined ? 'for which shell?' : `there is none for ${JSON.stringify(shell)};`} There is one for ${shells.join(', ')}`,
    );
  process.stdout.write(completionScript(known, program));
  return 0;
}

/** The script for this shell. */
export function completionScript(shell: Shell, program: Command): string {
  return scripts[shell]([specOf(program), specOf(bootstrapCommandLine())]);
}

async function valuesOf(places: Places, what: AskedValues): Promise<readonly string[]> {
  return what === 'kinds' ? kindNames(places) : pilotNames(places);
}

/** By the daemon, else by the configuration that it would read. */
async function kindNames(places: Places): Promise<readonly string[]> {
  const answer = (await ask(places, '/kinds', { patienceMs })) as KindsAnswer | null;
  if (answer !== null) return answer.kinds.flatMap(({ name }) => name ?? []);
  const result = loadSettings(places.configFile);
  return result.ok ? result.settings.kinds.map(({ name }) => name) : [];
}

/** Those that the daemon has, and those whose logs are kept. */
async function pilotNames(places: Places): Promise<readonly string[]> {
  const answer = (await ask(places, '/ps', { patienceMs })) as PsAnswer | null;
  const running = (answer?.pilots ?? []).map(({ name }) => name);
  return [...new Set([...running, ...keptNames(join(places.logFolder, 'pilots'))])];
}

function keptNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).flatMap((file) =>
      file.endsWith('.log') ? [file.slice(0, -'.log'.length)] : [],
    );
  } catch {
    return [];
  }
}
