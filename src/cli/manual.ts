import type { Command, Option } from 'commander';
import { bootstrapCommandLine, bootstrapDetails, bootstrapExamples } from './bootstrap/commandLine.ts';
import { type Guide, guides } from './commandGuide.ts';
import { commandLine } from './commandLine.ts';
import { configurationPage } from './manualConfig.ts';
import { code, literal, mdocText, pageHead, paragraphs, words } from './mdoc.ts';
import { environment, exitCodes, files } from './manualPlaces.ts';

/** Our manual pages, by the names of their files. A test holds them against the code. */
export function manualPages(): Readonly<Record<string, string>> {
  return {
    'planctonctl.1': planctonctlPage(commandLine()),
    'plancton-bootstrap.1': bootstrapPage(bootstrapCommandLine()),
    'plancton-config.5': configurationPage(),
  };
}

function planctonctlPage(program: Command): string {
  const groups = new Map<string, Command[]>();
  for (const command of program.createHelp().visibleCommands(program))
    groups.set(command.helpGroup(), [...(groups.get(command.helpGroup()) ?? []), command]);
  return lines([
    pageHead(program.name(), 1, 'fill an idle computer with pilots'),
    '.Sh SYNOPSIS',
    '.Nm',
    '.Op Ar options',
    '.Ar command',
    '.Op Ar arguments',
    '.Sh DESCRIPTION',
    mdocText(program.description()),
    mdocText(
      'One daemon on each node keeps as many of them running as the owner of the node leaves room for; this program starts and stops it, and tells what it does.',
    ),
    '.Pp',
    'Options of all commands:',
    optionList(program),
    '.Sh COMMANDS',
    ...[...groups].flatMap(([group, commands]) => [
      `.Ss ${words(group.replace(/:$/, ''))}`,
      '.Bl -tag -width Ds',
      ...commands.map((command) => commandItem(command, guides[command.name()])),
      '.El',
    ]),
    ...environment,
    ...files,
    ...exitCodes,
    '.Sh SEE ALSO',
    '.Xr plancton-bootstrap 1 ,',
    '.Xr plancton-config 5',
  ]);
}

function bootstrapPage(program: Command): string {
  return lines([
    pageHead(program.name(), 1, 'put a configuration of Plancton in force'),
    '.Sh SYNOPSIS',
    '.Nm',
    '.Op Ar options',
    '.Op Ar SOURCE',
    '.Sh DESCRIPTION',
    mdocText(program.description()),
    '.Bl -tag -width Ds',
    ...program.registeredArguments.map(
      (argument) => `.It Ar ${words(argument.name())}\n${mdocText(argument.description)}`,
    ),
    ...optionItems(program),
    '.El',
    paragraphs([...bootstrapDetails]),
    '.Sh EXAMPLES',
    ...examplesOf(bootstrapExamples),
    '.Sh SEE ALSO',
    '.Xr planctonctl 1 ,',
    '.Xr plancton-config 5',
  ]);
}

function commandItem(command: Command, guide: Guide | undefined): string {
  const args = command.registeredArguments.map((argument) =>
    argument.required ? `Ar ${words(argument.name())}` : `Oo Ar ${words(argument.name())} Oc`,
  );
  const options = optionItems(command);
  return lines([
    `.It Ic ${[words(command.name()), ...(options.length > 0 ? ['Oo Ar options Oc'] : []), ...args].join(' ')}`.trimEnd(),
    mdocText(`${capital(command.description())}.`),
    ...command.registeredArguments
      .filter(({ description }) => description !== '')
      .map((argument) => `.Ar ${words(argument.name())} :\n${mdocText(`${argument.description}.`)}`),
    ...(options.length > 0 ? ['.Bl -tag -width Ds -compact', ...options, '.El'] : []),
    ...(guide === undefined || guide.details.length === 0 ? [] : [paragraphs(guide.details)]),
    ...(guide === undefined ? [] : examplesOf(guide.examples)),
  ]).trimEnd();
}

/** Each below what it does. */
function examplesOf(examples: Guide['examples']): readonly string[] {
  return examples.length === 0 ? [] : [literal(examples.flatMap(([line, what]) => [`# ${what}`, line]))];
}

function optionList(command: Command): string {
  return lines(['.Bl -tag -width Ds', ...optionItems(command), '.El']).trimEnd();
}

/** That of the help is said once, of the program. */
function optionItems(command: Command): readonly string[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => command.parent === null || long !== '--help')
    .map(
      (option) => `${optionHead(option)}\n${mdocText(`${capital(option.description)}${defaultOf(option)}.`)}`,
    );
}

function defaultOf({ defaultValue, negate }: Option): string {
  return typeof defaultValue === 'number' && !negate ? `, ${defaultValue} by default` : '';
}

function optionHead({ short, long, flags }: Option): string {
  const metavar = /[<[](\w+)/.exec(flags)?.[1];
  const names = [short, long].filter((name) => name !== undefined).map((name) => `Fl ${code(name.slice(1))}`);
  return `.It ${names.join(' , ')}${metavar === undefined ? '' : ` Ar ${metavar}`}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
