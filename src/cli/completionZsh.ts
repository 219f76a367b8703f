import {
  type ArgumentSpec,
  type CommandSpec,
  type OptionSpec,
  placeNames,
  type Values,
} from './completionSpec.ts';

/** Zsh completes `planctonctl` and `plancton-bootstrap` by this. */
export function zshCompletion(programs: readonly CommandSpec[]): string {
  const functions = programs.map((program) => `${functionName(program)}() {\n${bodyOf(program)}}`);
  const names = programs.map(({ name }) => name);
  const places = programs.filter(({ commands }) => commands.length > 0).flatMap(placeNames);
  return `#compdef ${names.join(' ')}
# zsh completion for planctonctl and plancton-bootstrap, as "planctonctl completion zsh" prints it.
# To have it, do this once, with a folder of $fpath that is yours to write, and start another shell:
#   planctonctl completion zsh > "\${fpath[1]}/_planctonctl"
# or put this line into ~/.zshrc, below the one with compinit:
#   source <(planctonctl completion zsh)

# Adds the options that say which daemon is meant.
__plancton_places() {
  local name
  for name in ${places.join(' ')}; do
    [[ -n $opt_args[$name] ]] && plancton_words+=($name \${(Q)~opt_args[$name]})
  done
  (( \${+opt_args[--user]} )) && plancton_words+=(--user)
}

# Offers what the node knows: names of kinds or pilots.
__plancton_asked() {
  local -a found
  __plancton_places
  found=(\${(f)"$(_call_program values \${(q)plancton_words} completion --values $1 2>/dev/null)"})
  compadd -a found
}

${functions.join('\n\n')}

__plancton_begin() {
  case $service in
${programs.map((program) => `    ${program.name}) ${functionName(program)} "$@" ;;`).join('\n')}
  esac
}

if [[ $funcstack[1] == _planctonctl ]]; then
  __plancton_begin "$@"
else
  compdef __plancton_begin ${names.join(' ')}
fi
`;
}

/** Not that of the file, which zsh makes a function of. */
function functionName({ name }: CommandSpec): string {
  return `__${name.replaceAll('-', '_')}`;
}

function bodyOf(program: CommandSpec): string {
  const own = program.options.map(optionLine);
  if (program.commands.length === 0)
    return `  _arguments ${[...own, ...program.args.map(argumentLine)].join(' \\\n    ')}\n`;
  const arms = program.commands.map(
    ({ name, options, args }) =>
      `        ${name}) specs=(${[...options.map(optionLine), ...args.map(argumentLine)].join(' ')}) ;;`,
  );
  return `  local curcontext=$curcontext state line
  local -a commands specs plancton_words=(\${~words[1]})
  typeset -A opt_args
  local -a everywhere=(
    ${own.join('\n    ')}
  )
  _arguments -C -A '-*' $everywhere '1:command:->command' '*::argument:->argument' && return
  __plancton_places
  case $state in
    command)
      commands=(
${program.commands.map(({ name, help }) => `        ${quoted(`${name}:${help}`)}`).join('\n')}
      )
      _describe -t commands command commands
      ;;
    argument)
      case $words[1] in
${arms.join('\n')}
      esac
      _arguments $specs \${everywhere:#*(--version|--help)*}
      ;;
  esac
`;
}

function optionLine({ names, values, help }: OptionSpec): string {
  const text = `[${escaped(help)}]`;
  const isLong = (name: string): boolean => name.startsWith('--');
  const value = values === null ? '' : `:${valueName(values)}:${action(values)}`;
  const specs = names.map((name) => `${name}${values !== null && isLong(name) ? '=' : ''}${text}${value}`);
  const others = names.length > 1 ? `(${names.join(' ')})` : '';
  return specs.map((spec) => quoted(`${others}${spec}`)).join(' ');
}

function argumentLine({ name, values }: ArgumentSpec): string {
  return quoted(`::${name}:${action(values)}`);
}

function valueName(values: Values): string {
  return values.are === 'asked' ? values.what : values.are === 'words' ? 'word' : values.are;
}

function action(values: Values): string {
  switch (values.are) {
    case 'folders':
      return '_files -/';
    case 'files':
      return '_files';
    case 'words':
      return `(${values.words.join(' ')})`;
    case 'asked':
      return `{__plancton_asked ${values.what}}`;
    case 'anything':
      return ' ';
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
