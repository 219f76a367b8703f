import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { bootstrap, type BootstrapRequest, type World } from './bootstrap.ts';
import { Refusal, whyOf } from './refusal.ts';
import { sourceForms } from './source.ts';

interface Options {
  readonly dryrun?: boolean;
  readonly user?: boolean;
  readonly confdir?: string;
  readonly boot: boolean;
  readonly timeout: number;
}

/** Does what a command line asks (`args` without node and script) and gives the exit code: 0 done, 1 refused or failed. */
export async function runBootstrap(args: readonly string[], world: World): Promise<number> {
  const program = commandLine(world);
  try {
    program.parse(args, { from: 'user' });
    await bootstrap(requestOf(program), world);
    return 0;
  } catch (error) {
    // Commander has told its own errors, and the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    world.warn(`plancton-bootstrap: ${whyOf(error)}`);
    if (error instanceof Refusal) for (const detail of error.details) world.warn(`  ${detail}`);
    return 1;
  }
}

function commandLine(world: World): Command {
  return new Command('plancton-bootstrap')
    .description(
      'Fetches a Plancton configuration from a git repository, checks it, puts it in force, and has Plancton start at boot.',
    )
    .argument('[SOURCE]', sourceForms)
    .option('--dryrun', 'make a minimal configuration instead of fetching one: takes no SOURCE')
    .option('--user', 'in ~/.plancton/conf and for this user alone, also as root')
    .option('--confdir <folder>', 'put the configuration here instead of /etc/plancton or ~/.plancton/conf')
    .option('--no-boot', 'do not arrange a start at boot')
    .option('--timeout <seconds>', 'how long fetching may take', seconds, 120)
    .addHelpText(
      'after',
      '\nThe folder must be absent or empty. Exit code: 0 when done, 1 when refused or failed.',
    )
    .showHelpAfterError('(plancton-bootstrap --help tells more)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.say(text.trimEnd()),
      writeErr: (text) => world.warn(text.trimEnd()),
    });
}

function seconds(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidArgumentError('It must be a whole number of seconds, from 1 to 99999.');
  return value;
}

function requestOf(program: Command): BootstrapRequest {
  const { dryrun = false, user = false, confdir, boot, timeout } = program.opts<Options>();
  const source = program.args[0] ?? null;
  if (dryrun && source !== null)
    program.error('error: --dryrun makes a configuration of its own: leave SOURCE out');
  if (!dryrun && source === null) program.error(`error: SOURCE is missing: give ${sourceForms}; or --dryrun`);
  return { source, user, confdir, boot, deadlineMs: timeout * 1000 };
}
