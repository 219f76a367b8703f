import { Command, Option } from 'commander';
import { version } from '../daemon/version.ts';
import { type Guide, guides } from './commandGuide.ts';

const times = 'as in 12h, 7d, 2030-12-31 or 2030-12-31T08:00';
const forPrograms = 'for programs';

/**
 * The whole command line of `planctonctl`: the one source of its checking, its help, its completion and its manual page.
 * It does nothing yet; `main` gives each command its action.
 */
export function commandLine(): Command {
  const program = new Command('planctonctl')
    .description(
      'Fills an idle computer with pilots: disposable containers that start, look for something to do, and end.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this text')
    .option('--user', "use the user's folders (~/.plancton) even as root")
    .option('--confdir <folder>', 'where config.yaml is')
    .option('--logdir <folder>', 'where plancton.log goes')
    .option('--rundir <folder>', 'where the control files are')
    .option('--statedir <folder>', 'where the daemon keeps its memory')
    .option('--pidfile <file>', 'where the PID is written')
    .exitOverride()
    .showHelpAfterError()
    .addHelpText('after', '\nplanctonctl COMMAND --help tells more of one, with an example.');
  for (const define of [addControls, addLooks, addFleet, addRecords, addTrials, addOthers]) define(program);
  for (const command of program.commands) {
    const guide = guides[command.name()];
    if (guide !== undefined) command.addHelpText('after', `\n${guideText(guide)}`);
  }
  return program
    .commandsGroup('Other:')
    .helpCommand('help [command]', 'print this text, or that of a command');
}

/** What `--help` says of a command below its options. */
function guideText({ details, examples }: Guide): string {
  const title = examples.length === 1 ? 'Example:' : 'Examples:';
  const lines = examples.flatMap(([line, what]) => [`  # ${what}`, `  ${line}`]);
  return [...details.flatMap((text) => [wrapped(text), '']), title, ...lines].join('\n');
}

/** A paragraph in lines of 80 columns at most. */
function wrapped(text: string): string {
  return text.replaceAll(/(?=.{81})(.{1,80}) /g, '$1\n');
}

function addControls(program: Command): void {
  const group = 'The daemon:';
  const add = (name: string, what: string): Command =>
    program.command(name).description(what).helpGroup(group);
  add('start', 'start the daemon in the background');
  add('stop', 'stop the daemon; running pilots are left running');
  add('drain', 'start no new pilots, let running ones finish');
  add('resume', 'end a drain');
  add('drain-stop', 'drain, and stop the daemon when no pilot runs');
  add('force-start', 'resume, then start');
  add('force-stop', 'remove every pilot and stop the daemon');
  add('renew', 'replace running pilots by new ones, as they end')
    .argument('[kind]', 'those of this kind; all by default')
    .option('--now', 'give them notice, a few at a time');
  add('nodaemon', 'run in the foreground, as systemd does');
}

function addLooks(program: Command): void {
  const add = (name: string, what: string): Command =>
    program.command(name).description(what).helpGroup('What it does now:');
  add('status', 'tell whether it runs, and what it does').option('--json', forPrograms);
  add('top', 'watch it live; q leaves');
  add('why', 'tell why there are this many pilots, and what would make it one more or one fewer')
    .option('--profile', "the owner's week, as the node has learned it")
    .option('--json', forPrograms);
  add('ps', 'list the pilots: what each is, uses, and has left of its time').option('--json', forPrograms);
  add('kinds', 'list the kinds: the shares that they should have and have, and which wait').option(
    '--json',
    forPrograms,
  );
}

function addFleet(program: Command): void {
  program
    .command('fleet')
    .description(
      'list the nodes that report to a database: alive, silent or draining, and what they have had',
    )
    .helpGroup('All nodes:')
    .option('--since <when>', `sums of each day too, from this day on, ${times}`)
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
    .option('--json', forPrograms)
    .option('--url <url>', 'the database, instead of that of the configuration: http[s]://[user@]host[:port]')
    .option('--type <type>', 'influxdb or prometheus')
    .option('--database <name>', 'the database, or bucket, of the InfluxDB')
    .option('--token-file <file>', 'its token; or in the environment: PLANCTON_FLEET_TOKEN, _PASSWORD')
    .option('--ca <file>', 'certificates that its own is signed by')
    .option('--insecure', 'take any certificate');
}

function addRecords(program: Command): void {
  const add = (name: string, what: string): Command =>
    program.command(name).description(what).helpGroup('What was:');
  add('logs', 'print what a pilot wrote, one that runs or one that has ended')
    .argument('<pilot>', 'its name, the last six letters of it, or the beginning of either')
    .option('-f, --follow', 'go on until the pilot ends');
  add('history', 'list the pilots that have ended, the newest first')
    .option('--since <when>', `those that ended at or after this, ${times}`)
    .option('--until <when>', 'those that ended before this')
    .option('--kind <kind>', 'those of this kind')
    .option('--outcome <outcome>', 'those with this outcome')
    .option('--name <pilot>', 'the one of this name')
    .option('--limit <n>', 'this many at most; 50 unless --since or --json says otherwise')
    .option('--json', 'for programs: a JSON object for each line');
  add('account', 'add up what pilots that have ended had: CPU hours delivered and wasted')
    .option('--since <when>', `those that ended at or after this, ${times}`)
    .option('--until <when>', 'those that ended before this')
    .option('--kind <kind>', 'those of this kind')
    .option('--by <keys>', 'any of kind,outcome,day; kind,outcome by default')
    .option('--csv', 'for a spreadsheet')
    .option('--json', forPrograms);
}

function addTrials(program: Command): void {
  const add = (name: string, what: string): Command =>
    program.command(name).description(what).helpGroup('What would be:');
  add('check', 'check a configuration file without using it').argument(
    '[file]',
    'the file to check; the one in use by default',
  );
  add('config', 'print the configuration in force, and where each value came from');
  add('try', 'run one pilot of a kind here, as it would run, and explain its end').argument(
    '<kind>',
    'the name of the kind',
  );
  add('replay', 'tell what another configuration would have had of the time that was recorded')
    .requiredOption('--config <file>', 'the other configuration')
    .option('--since <when>', 'a time ago (12h, 7d), or a day or time; all that is recorded by default')
    .option('--until <when>', 'the same')
    .option('--json', forPrograms);
}

function addOthers(program: Command): void {
  program
    .command('completion')
    .description('print what makes a shell complete these commands, their options and their values')
    .helpGroup('Other:')
    .argument('[shell]', 'bash, zsh or fish')
    .addOption(new Option('--values <what>').hideHelp());
}
