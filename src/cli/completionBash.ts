import { type CommandSpec, placeNames, type Values, valued } from './completionSpec.ts';

/** Bash completes `planctonctl` and `plancton-bootstrap` by this; it takes no package `bash-completion`. */
export function bashCompletion(programs: readonly CommandSpec[]): string {
  return `# bash completion for planctonctl and plancton-bootstrap, as "planctonctl completion bash" prints it.
# To have it, put this line into ~/.bashrc:
#   source <(planctonctl completion bash)
# or, for everybody who has the package bash-completion, do this once:
#   planctonctl completion bash > /etc/bash_completion.d/planctonctl

# Offers those of these lines that begin like the word at the cursor, written so that the shell reads them as they are.
__plancton_words() {
  local word
  while IFS= read -r word; do
    [[ -n $word && $word == "$cur"* ]] || continue
    printf -v word %q "$word"
    COMPREPLY+=("$word")
  done <<< "$1"
}

# Offers files (-f) or folders (-d).
__plancton_paths() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

# Offers what the node knows: names of kinds or pilots.
__plancton_asked() {
  __plancton_words "$("\${COMP_WORDS[0]/#\\~/$HOME}" "\${places[@]}" completion --values "$1" 2>/dev/null)"
}

${programs.map(bashFunction).join('\n\n')}
`;
}

function bashFunction(program: CommandSpec): string {
  const name = `_${program.name.replaceAll('-', '_')}`;
  const all = [program, ...program.commands];
  const withValue = all.flatMap((command) =>
    valued(command.options).map(({ names, values }) => ({
      where: patterns(program, command, names),
      values,
    })),
  );
  const names = placeNames(program);
  const none = program.commands.length === 0;
  return `${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command= option= word i
  local -i arguments=0
  local -a places=()
  COMPREPLY=()
  [[ $cur == = ]] && cur=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # "--option=value" comes in three words.
    [[ $word == = ]] && continue
    if [[ -n $option ]]; then
      case $option in
        ${names.join('|')}) places+=("$option" "\${word/#\\~/$HOME}") ;;
      esac
      option=
      continue
    fi
    case $command:$word in
      ${withValue.map(({ where }) => where).join('|')}) option=$word ;;
      *:--user) places+=("$word") ;;
      *:-*) ;;
      ${none ? '*' : ':*) command=$word ;;\n      *'}) arguments+=1 ;;
    esac
  done
  case $command:$option in
    *:) ;;
${withValue.map(({ where, values }) => `    ${where}) ${offer(values)}; return ;;\n`).join('')}    *) return ;;
  esac
  if [[ $cur == -* ]]; then
    case $command in
${all.map((command) => `      ${command === program ? "''" : command.name}) ${offerWords(optionWords(program, command))} ;;\n`).join('')}    esac
    return
  fi
  case $command:$arguments in
${none ? '' : `    :0) ${offerWords(program.commands.map((one) => one.name))} ;;\n`}${all
  .flatMap((command) =>
    command.args.map(
      ({ values }, index) => `    ${command === program ? '' : command.name}:${index}) ${offer(values)} ;;\n`,
    ),
  )
  .join('')}  esac
}
complete -F ${name} ${program.name}`;
}

/** Options of the program itself are known behind each command, too. */
function patterns(program: CommandSpec, command: CommandSpec, names: readonly string[]): string {
  return names.map((name) => `${command === program ? '*' : command.name}:${name}`).join('|');
}

function optionWords(program: CommandSpec, command: CommandSpec): readonly string[] {
  const options = command === program ? program.options : [...command.options, ...program.options];
  return [...new Set(options.flatMap(({ names }) => names))];
}

function offerWords(words: readonly string[]): string {
  return `__plancton_words $'${words.join('\\n')}'`;
}

function offer(values: Values): string {
  switch (values.are) {
    case 'folders':
      return '__plancton_paths -d';
    case 'files':
      return '__plancton_paths -f';
    case 'words':
      return offerWords(values.words);
    case 'asked':
      return `__plancton_asked ${values.what}`;
    case 'anything':
      return ':';
  }
}
