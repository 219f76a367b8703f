import type { Argument, Command, Option } from 'commander';
import { accountKeys } from '../record/account.ts';
import { outcomes } from '../record/journalLine.ts';

/** The shells that there is a completion for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What a node is asked for while somebody types. */
export const askedValues = ['kinds', 'pilots'] as const;
export type AskedValues = (typeof askedValues)[number];

/** What an option or an argument may be. */
export type Values =
  | { readonly are: 'folders' | 'files' | 'anything' }
  | { readonly are: 'words'; readonly words: readonly string[] }
  | { readonly are: 'asked'; readonly what: AskedValues };

export interface OptionSpec {
  /** As they are typed: `-f`, `--follow`. */
  readonly names: readonly string[];
  /** Null for one that takes no value. */
  readonly values: Values | null;
  readonly help: string;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly values: Values;
}

/** A program, or a command of one. */
export interface CommandSpec {
  readonly name: string;
  readonly help: string;
  readonly options: readonly OptionSpec[];
  readonly args: readonly ArgumentSpec[];
  readonly commands: readonly CommandSpec[];
}

/** What is to be completed of a program, by what commander knows of it. */
export function specOf(command: Command): CommandSpec {
  const helper = command.createHelp();
  const commands = helper.visibleCommands(command).map(specOf);
  const names = commands.map(({ name }) => name);
  return {
    name: command.name(),
    help: command.description(),
    options: helper.visibleOptions(command).map(optionSpec),
    args: command.registeredArguments.map((argument) => argumentSpec(argument, command)),
    commands: commands.map((one) =>
      one.name === 'help' ? { ...one, args: [{ name: 'command', values: wordsOf(names) }] } : one,
    ),
  };
}

/** Those options that take a value. */
export function valued(
  options: readonly OptionSpec[],
): readonly (OptionSpec & { readonly values: Values })[] {
  return options.flatMap((option) => (option.values === null ? [] : [{ ...option, values: option.values }]));
}

/** The options that say where a daemon's files are: what a node is asked for depends on them. */
export function placeNames({ options }: CommandSpec): readonly string[] {
  return valued(options).flatMap(({ names }) => names);
}

function optionSpec({ short, long, flags, description }: Option): OptionSpec {
  const metavar = /[<[](\w+)/.exec(flags)?.[1];
  return {
    names: [short, long].filter((name) => name !== undefined),
    values: metavar === undefined ? null : valuesOf(metavar),
    help: description,
  };
}

function argumentSpec(argument: Argument, command: Command): ArgumentSpec {
  const name = argument.name();
  return { name, values: command.name() === 'plancton-bootstrap' ? { are: 'folders' } : valuesOf(name) };
}

/** The name that help gives to a value says what it is. */
function valuesOf(metavar: string): Values {
  switch (metavar) {
    case 'folder':
      return { are: 'folders' };
    case 'file':
      return { are: 'files' };
    case 'kind':
      return { are: 'asked', what: 'kinds' };
    case 'pilot':
      return { are: 'asked', what: 'pilots' };
    case 'outcome':
      return wordsOf(outcomes);
    case 'keys':
      return wordsOf(accountKeys);
    case 'shell':
      return wordsOf(shells);
    default:
      return { are: 'anything' };
  }
}

function wordsOf(words: readonly string[]): Values {
  return { are: 'words', words };
}
