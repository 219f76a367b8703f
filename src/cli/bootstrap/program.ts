import { type Command, CommanderError } from 'commander';
import { bootstrap, type BootstrapRequest, type World } from './bootstrap.ts';
import { bootstrapCommandLine } from './commandLine.ts';
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
  return bootstrapCommandLine().configureOutput({
    writeOut: (text) => world.say(text.trimEnd()),
    writeErr: (text) => world.warn(text.trimEnd()),
  });
}

function requestOf(program: Command): BootstrapRequest {
  const { dryrun = false, user = false, confdir, boot, timeout } = program.opts<Options>();
  const source = program.args[0] ?? null;
  if (dryrun && source !== null)
    program.error('error: --dryrun makes a configuration of its own: leave SOURCE out');
  if (!dryrun && source === null) program.error(`error: SOURCE is missing: give ${sourceForms}; or --dryrun`);
  return { source, user, confdir, boot, deadlineMs: timeout * 1000 };
}
