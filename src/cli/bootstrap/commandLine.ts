import { Command, InvalidArgumentError } from 'commander';
import { sourceForms } from './source.ts';

/** The command line of `plancton-bootstrap`: its checking, its help, its completion and its manual page. */
export function bootstrapCommandLine(): Command {
  return new Command('plancton-bootstrap')
    .description(
      'Fetches a Plancton configuration from a git repository, checks it, puts it in force, and has Plancton start at boot.',
    )
    .helpOption('-h, --help', 'print this text')
    .argument('[SOURCE]', sourceForms)
    .option('--dryrun', 'make a minimal configuration instead of fetching one: takes no SOURCE')
    .option('--user', 'in ~/.plancton/conf and for this user alone, also as root')
    .option('--confdir <folder>', 'put the configuration here instead of /etc/plancton or ~/.plancton/conf')
    .option('--no-boot', 'do not arrange a start at boot')
    .option('--timeout <seconds>', 'how long fetching may take', seconds, 120)
    .addHelpText('after', `\n${bootstrapDetails.join('\n')}\n\nExamples:\n${exampleLines()}`)
    .showHelpAfterError('(plancton-bootstrap --help tells more)')
    .exitOverride();
}

/** What is to be known beyond the options. */
export const bootstrapDetails = [
  'The folder must be absent or empty.',
  'Exit code: 0 when done, 1 when refused or failed.',
] as const;

/** Command lines, each with what it does. */
export const bootstrapExamples = [
  ['plancton-bootstrap example/site-config:production', 'the branch production of a repository on GitHub'],
  [
    'plancton-bootstrap --user --no-boot https://git.example.org/site.git',
    'for yourself alone, and started by hand',
  ],
  ['plancton-bootstrap --dryrun', 'a minimal configuration, to be edited: pilots that sleep'],
] as const;

function exampleLines(): string {
  return bootstrapExamples.map(([line, what]) => `  # ${what}\n  ${line}`).join('\n');
}

function seconds(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidArgumentError('It must be a whole number of seconds, from 1 to 99999.');
  return value;
}
