import { type CommandSpec, type OptionSpec, placeNames, type Values, valued } from './completionSpec.ts';

/** Fish completes `planctonctl` and `plancton-bootstrap` by this. */
export function fishCompletion(programs: readonly CommandSpec[]): string {
  return `# fish completion for planctonctl and plancton-bootstrap, as "planctonctl completion fish" prints it.
# To have it, do this once:
#   planctonctl completion fish > ~/.config/fish/completions/planctonctl.fish
# or put this line into ~/.config/fish/config.fish:
#   planctonctl completion fish | source

${programs.map((program) => (program.commands.length === 0 ? lonely(program) : whole(program))).join('\n\n')}
`;
}

function lonely(program: CommandSpec): string {
  return [
    `complete -c ${program.name} -f`,
    ...program.options.map((option) => optionLine(program.name, '', option)),
    ...program.args.map(({ values }) => `complete -c ${program.name} ${offer(values)}`),
  ].join('\n');
}

function whole(program: CommandSpec): string {
  const { name, options, commands } = program;
  const all = [...options, ...commands.flatMap((command) => command.options)];
  const withValue = [...new Set(valued(all).flatMap(({ names }) => names))];
  const lines = [
    `complete -c ${name} -f`,
    ...options.map((option) => optionLine(name, '', option)),
    ...commands.flatMap((command) => [
      `complete -c ${name} -n 'not __planctonctl_command' -a ${command.name} -d ${quoted(command.help)}`,
      ...command.options
        .filter(({ names }) => !options.some((one) => one.names.join() === names.join()))
        .map((option) => optionLine(name, command.name, option)),
      ...command.args.map(
        ({ values }) => `complete -c ${name} -n '__planctonctl_command ${command.name}' ${offer(values)}`,
      ),
    ]),
  ];
  return `# Whether the line has a command; with a name, whether it has that one.
function __planctonctl_command
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${withValue.join(' ')}
                set skip 1
            case '-*'
            case '*'
                test (count $argv) = 0; or test "$argv[1]" = "$word"
                return
        end
    end
    return 1
end

# What the node knows: names of kinds or pilots.
function __planctonctl_asked
    set -l line (commandline -opc)
    set -l call $line[1]
    set -l next ''
    for word in $line[2..]
        if test -n "$next"
            set -a call $next (string replace -r '^~' $HOME -- $word)
            set next ''
            continue
        end
        switch $word
            case ${placeNames(program).join(' ')}
                set next $word
            case --user ${placeNames(program)
              .map((one) => `'${one}=*'`)
              .join(' ')}
                set -a call $word
        end
    end
    $call completion --values $argv[1] 2>/dev/null
end

${lines.join('\n')}`;
}

function optionLine(program: string, command: string, { names, values, help }: OptionSpec): string {
  const where = command === '' ? '' : ` -n '__planctonctl_command ${command}'`;
  const words = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return `complete -c ${program}${where} ${words.join(' ')}${values === null ? '' : ` -r ${offer(values)}`} -d ${quoted(help)}`;
}

function offer(values: Values): string {
  switch (values.are) {
    case 'folders':
      return `-f -a '(__fish_complete_directories)'`;
    case 'files':
      return '-F';
    case 'words':
      return `-f -a ${quoted(values.words.join(' '))}`;
    case 'asked':
      return `-f -a '(__planctonctl_asked ${values.what})'`;
    case 'anything':
      return '-f';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
