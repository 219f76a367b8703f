import '../daemon/noDebugger.ts';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import type { Places } from '../model/places.ts';
import { account } from './account.ts';
import { commandLine } from './commandLine.ts';
import * as commands from './commands.ts';
import { explain } from './fault.ts';
import { history } from './history.ts';
import { kinds } from './kinds.ts';
import { type PlaceOptions, placesFor } from './places.ts';
import { ps } from './ps.ts';
import { renew } from './renew.ts';
import type { ReplayOptions } from './replay.ts';
import { forceStop, stop } from './stop.ts';
import { top } from './top.ts';
import { why } from './why.ts';

/** Bundles of their own beside this one, loaded only by the commands that need them: `status` must be fast. */
const daemon = async (): Promise<typeof import('./foreground.ts')> => import('./foreground.ts');
const configuration = async (): Promise<typeof import('./configCommands.ts')> =>
  import('./configCommands.ts');
const pilotLogs = async (): Promise<typeof import('./logs.ts')> => import('./logs.ts');
const trying = async (): Promise<typeof import('./tryKind.ts')> => import('./tryKind.ts');
const fleetView = async (): Promise<typeof import('./fleet.ts')> => import('./fleet.ts');
const replaying = async (): Promise<typeof import('./replay.ts')> => import('./replay.ts');
const completing = async (): Promise<typeof import('./completion.ts')> => import('./completion.ts');

/** What a command was given, checked by commander. */
interface Words {
  readonly args: readonly string[];
  /** By their long names. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

/** What each command does; it gives the exit code. */
type Deed = (places: Places, words: Words) => number | Promise<number>;

const isSet = ({ options }: Words, name: string): boolean => options[name] === true;

const lastGoodOf = ({ stateFolder }: Places): string => join(stateFolder, 'last-good.yaml');

const deeds: Readonly<Record<string, Deed>> = {
  start: (places) => commands.start(places),
  'force-start': (places) => commands.forceStart(places),
  stop: (places) => stop(places),
  'force-stop': (places) => forceStop(places, async () => (await daemon()).runForeground(places, true)),
  drain: (places) => commands.drain(places),
  'drain-stop': (places) => commands.drainStop(places),
  resume: (places) => commands.resume(places),
  nodaemon: async (places) => (await daemon()).runForeground(places),
  renew: (places, words) => renew(places, words.args[0] ?? null, isSet(words, 'now')),
  status: (places, words) => commands.status(places, isSet(words, 'json')),
  why: (places, words) => why(places, { json: isSet(words, 'json'), profile: isSet(words, 'profile') }),
  top: (places) => top(places),
  ps: (places, words) => ps(places, isSet(words, 'json')),
  kinds: (places, words) =>
    kinds(places, isSet(words, 'json'), async () =>
      (await configuration()).kindsWritten(places.configFile, lastGoodOf(places)),
    ),
  fleet: async (places, { options }) => (await fleetView()).fleet(places, options),
  history: (places, { options }) => history(places, options),
  account: (places, { options }) => account(places, options),
  logs: async (places, words) =>
    (await pilotLogs()).logs(places, words.args[0] ?? '', isSet(words, 'follow')),
  try: async (places, { args }) => (await trying()).tryKind(places, args[0] ?? ''),
  replay: async (places, { options }) =>
    (await replaying()).replay(places, options as unknown as ReplayOptions),
  check: async (places, { args }) =>
    (await configuration()).check(args[0] ?? places.configFile, args[0] !== undefined),
  config: async (places) => (await configuration()).showConfig(places.configFile, lastGoodOf(places)),
  completion: async (places, { args, options }) =>
    (await completing()).completion(places, program, { shell: args[0], values: options['values'] }),
};

const program = commandLine();
for (const command of program.commands) {
  const deed = deeds[command.name()];
  if (deed === undefined) throw new Error(`the command ${command.name()} does nothing`);
  command.action(async () => {
    process.exitCode = await deed(places(), { args: command.args, options: command.opts() });
  });
}

function places(): Places {
  return placesFor({ uid: process.getuid?.() ?? 0, homeFolder: homedir() }, program.opts<PlaceOptions>());
}

async function main(): Promise<void> {
  try {
    if (process.argv.length <= 2) {
      program.outputHelp({ error: true });
      process.exitCode = 1;
      return;
    }
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode;
      return;
    }
    process.stderr.write(`planctonctl: ${explain(error)}\n`);
    process.exitCode = 1;
  }
}

void main();
