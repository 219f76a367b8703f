import '../daemon/noDebugger.ts';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import type { Places } from '../model/places.ts';
import { account, type AccountOptions } from './account.ts';
import * as commands from './commands.ts';
import { forceStop, stop } from './stop.ts';
import { explain } from './fault.ts';
import type { FleetOptions } from './fleetOptions.ts';
import { history, type HistoryOptions } from './history.ts';
import { kinds } from './kinds.ts';
import { type PlaceOptions, placesFor } from './places.ts';
import { ps } from './ps.ts';
import { renew } from './renew.ts';
import type { ReplayOptions } from './replay.ts';
import { top } from './top.ts';
import { why } from './why.ts';
import { version } from '../daemon/version.ts';

/** Bundles of their own beside this one, loaded only by the commands that need them: `status` must be fast. */
const daemon = async (): Promise<typeof import('./foreground.ts')> => import('./foreground.ts');
const configuration = async (): Promise<typeof import('./configCommands.ts')> =>
  import('./configCommands.ts');
const pilotLogs = async (): Promise<typeof import('./logs.ts')> => import('./logs.ts');
const trying = async (): Promise<typeof import('./tryKind.ts')> => import('./tryKind.ts');
const fleetView = async (): Promise<typeof import('./fleet.ts')> => import('./fleet.ts');
const replaying = async (): Promise<typeof import('./replay.ts')> => import('./replay.ts');

const program = new Command('planctonctl')
  .description(
    'Fills an idle computer with pilots: disposable containers that start, look for something to do, and end.',
  )
  .version(version)
  .option('--user', "use the user's folders (~/.plancton) even as root")
  .option('--confdir <folder>', 'where config.yaml is')
  .option('--logdir <folder>', 'where plancton.log goes')
  .option('--rundir <folder>', 'where the control files are')
  .option('--statedir <folder>', 'where the daemon keeps its memory')
  .option('--pidfile <file>', 'where the PID is written')
  .helpCommand('help', 'print this text')
  .showHelpAfterError()
  .exitOverride();

function places(): Places {
  return placesFor({ uid: process.getuid?.() ?? 0, homeFolder: homedir() }, program.opts<PlaceOptions>());
}

function command(name: string, description: string, run: () => number | Promise<number>): void {
  program
    .command(name)
    .description(description)
    .action(async () => {
      process.exitCode = await run();
    });
}

command('start', 'start the daemon in the background', () => commands.start(places()));
command('force-start', 'resume, then start', () => commands.forceStart(places()));
command('stop', 'stop the daemon; running pilots are left running', () => stop(places()));
command('force-stop', 'remove every pilot and stop the daemon', () =>
  forceStop(places(), async () => (await daemon()).runForeground(places(), true)),
);
command('drain', 'start no new pilots, let running ones finish', () => commands.drain(places()));
command('drain-stop', 'drain, and stop the daemon when no pilot runs', () => commands.drainStop(places()));
command('resume', 'end a drain', () => commands.resume(places()));
command('nodaemon', 'run in the foreground', async () => (await daemon()).runForeground(places()));
program
  .command('status')
  .description('tell whether it runs, and what it does')
  .option('--json', 'for programs')
  .action(async (options: { json?: boolean }) => {
    process.exitCode = await commands.status(places(), options.json ?? false);
  });
program
  .command('why')
  .description('tell why there are this many pilots, and what would make it one more or one fewer')
  .option('--profile', "the owner's week, as the node has learned it")
  .option('--json', 'for programs')
  .action(async (options: { json?: boolean; profile?: boolean }) => {
    process.exitCode = await why(places(), options);
  });
command('top', 'watch it live; q leaves', async () => top(places()));
const when = 'as in 12h, 7d, 2030-12-31 or 2030-12-31T08:00';
program
  .command('history')
  .description('list the pilots that have ended, the newest first')
  .option('--since <when>', `those that ended at or after this, ${when}`)
  .option('--until <when>', 'those that ended before this')
  .option('--kind <kind>', 'those of this kind')
  .option('--outcome <outcome>', 'those with this outcome')
  .option('--name <pilot>', 'the one of this name')
  .option('--limit <n>', 'this many at most; 50 unless --since or --json says otherwise')
  .option('--json', 'for programs: a JSON object for each line')
  .action((options: HistoryOptions) => {
    process.exitCode = history(places(), options);
  });
program
  .command('account')
  .description('add up what pilots that have ended had: CPU hours delivered and wasted')
  .option('--since <when>', `those that ended at or after this, ${when}`)
  .option('--until <when>', 'those that ended before this')
  .option('--kind <kind>', 'those of this kind')
  .option('--by <keys>', 'any of kind,outcome,day; kind,outcome by default')
  .option('--csv', 'for a spreadsheet')
  .option('--json', 'for programs')
  .action((options: AccountOptions) => {
    process.exitCode = account(places(), options);
  });
program
  .command('ps')
  .description('list the pilots: what each is, uses, and has left of its time')
  .option('--json', 'for programs')
  .action(async (options: { json?: boolean }) => {
    process.exitCode = await ps(places(), options.json ?? false);
  });
program
  .command('kinds')
  .description('list the kinds: the shares that they should have and have, and which wait')
  .option('--json', 'for programs')
  .action(async (options: { json?: boolean }) => {
    process.exitCode = await kinds(places(), options.json ?? false);
  });
program
  .command('logs')
  .description('print what a pilot wrote, one that runs or one that has ended')
  .argument('<pilot>', 'its name, the last six letters of it, or the beginning of either')
  .option('-f, --follow', 'go on until the pilot ends')
  .action(async (pilot: string, options: { follow?: boolean }) => {
    process.exitCode = await (await pilotLogs()).logs(places(), pilot, options.follow ?? false);
  });
program
  .command('try')
  .description('run one pilot of a kind here, as it would run, and explain its end')
  .argument('<kind>', 'the name of the kind')
  .action(async (kind: string) => {
    process.exitCode = await (await trying()).tryKind(places(), kind);
  });
program
  .command('renew')
  .description('replace running pilots by new ones, as they end')
  .argument('[kind]', 'those of this kind; all by default')
  .option('--now', 'give them notice, a few at a time')
  .action(async (kind: string | undefined, options: { now?: boolean }) => {
    process.exitCode = await renew(places(), kind ?? null, options.now ?? false);
  });
program
  .command('replay')
  .description('tell what another configuration would have had of the time that was recorded')
  .requiredOption('--config <file>', 'the other configuration')
  .option('--since <when>', 'a time ago (12h, 7d), or a day or time; all that is recorded by default')
  .option('--until <when>', 'the same')
  .option('--json', 'for programs')
  .action(async (options: ReplayOptions) => {
    process.exitCode = (await replaying()).replay(places(), options);
  });
program
  .command('fleet')
  .description('list the nodes that report to a database: alive, silent or draining, and what they have had')
  .option('--since <when>', `sums of each day too, from this day on, ${when}`)
  .option('--state <state>', 'those that are alive, silent or draining')
  .option('--node <pattern>', 'those of this name; * stands for any characters')
  .option('--kind <kind>', 'those that have this kind of pilots')
  .option(
    '--sort <column>',
    'by node, state, seen, version, running, limit, cpus, owner, pilots, today, started',
  )
  .option('--limit <n>', 'this many at most')
  .option('--forget <time>', 'nodes that said nothing for so long are none', '7d')
  .option('--timeout <time>', 'how long the database may take', '2m')
  .option('--json', 'for programs')
  .option('--url <url>', 'the database, instead of that of the configuration: http[s]://[user@]host[:port]')
  .option('--type <type>', 'influxdb or prometheus')
  .option('--database <name>', 'the database, or bucket, of the InfluxDB')
  .option('--token-file <file>', 'its token; or in the environment: PLANCTON_FLEET_TOKEN, _PASSWORD')
  .option('--ca <file>', 'certificates that its own is signed by')
  .option('--insecure', 'take any certificate')
  .action(async (options: FleetOptions) => {
    process.exitCode = await (await fleetView()).fleet(places(), options);
  });
program
  .command('check')
  .description('check a configuration file without using it')
  .argument('[file]', 'the file to check; the one in use by default')
  .action(async (file: string | undefined) => {
    process.exitCode = (await configuration()).check(file ?? places().configFile, file !== undefined);
  });
program
  .command('config')
  .description('print the configuration in force, and where each value came from')
  .action(async () => {
    process.exitCode = (await configuration()).showConfig(
      places().configFile,
      join(places().stateFolder, 'last-good.yaml'),
    );
  });

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
