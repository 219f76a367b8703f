import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { bootstrapCommandLine } from '../../src/cli/bootstrap/commandLine.ts';
import { guides } from '../../src/cli/commandGuide.ts';
import { commandLine } from '../../src/cli/commandLine.ts';
import { completionScript } from '../../src/cli/completion.ts';
import { shells } from '../../src/cli/completionSpec.ts';

const commands = commandLine().commands.map((command) => command.name());

/** All that `--help` prints. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 }).outputHelp();
  return text;
}

function named(name: string): Command {
  const command = commandLine().commands.find((one) => one.name() === name);
  if (command === undefined) throw new Error(`no command ${name}`);
  return command;
}

describe('the help', () => {
  it.each(commands)('of %s has an example, and lines of 80 columns', (name) => {
    const text = helpOf(named(name));
    expect(text).toMatch(new RegExp(`^Examples?:\\n  # .*\\n.*planctonctl.* ${name}\\b`, 'ms'));
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('names every command below a heading', () => {
    const text = helpOf(commandLine());
    for (const name of commands) expect(text).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    expect(text).not.toContain('\nCommands:');
    expect(helpOf(bootstrapCommandLine())).toContain('Examples:\n');
  });

  it('of force-stop tells where it gives up, which the original did not', () => {
    const text = helpOf(named('force-stop')).replace(/\s+/g, ' ');
    expect(text).toMatch(
      /Unlike the original, .* for 60 s, .* for 20 s, and, where no daemon runs, .* within 10 s\./,
    );
  });

  it('has no guide for a command that is not there', () => {
    expect(Object.keys(guides).filter((name) => !commands.includes(name))).toEqual([]);
  });

  it('shows commands that would be understood', () => {
    const lines = Object.values(guides).flatMap(({ examples }) => examples.map(([line]) => line));
    const ours = lines.flatMap((line) =>
      [...line.matchAll(/\bplanctonctl ([^|>&()]*)/g)].map(([, words = '']) => words),
    );
    for (const words of ours) {
      const program = commandLine();
      for (const one of [program, ...program.commands])
        one.configureOutput({ writeErr: (text) => expect.fail(`${words}: ${text}`) }).action(() => undefined);
      program.parse(words.trim().split(/\s+/), { from: 'user' });
    }
  });
});

describe('the completion', () => {
  it.each(shells)('of %s says how it is installed, and knows every command and option', (shell) => {
    const text = completionScript(shell, commandLine());
    expect(text).toContain(`planctonctl completion ${shell}`);
    for (const one of [commandLine(), ...commandLine().commands])
      for (const { long } of one.options.filter((option) => !option.hidden))
        expect(text).toContain(shell === 'fish' ? `-l ${long?.slice(2)}` : long);
    for (const name of commands) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
    expect(text).not.toContain('--values <');
  });
});
