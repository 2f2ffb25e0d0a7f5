import type { CommandSpec, OptionSpec, Values } from './spec.ts'

/** Shells that there is a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof SHELLS)[number]

/** A script for bash, 3.2 or newer. */
export function bashCompletion(commands: readonly CommandSpec[]): string {
  return `# Completion of rtbench for bash: source <(rtbench completion bash)

_rtbench_words() {
  local before="" word
  if [[ $2 == list && $cur == *,* ]]; then before="\${cur%,*},"; fi
  while IFS= read -r word; do
    [[ -n $word ]] && COMPREPLY+=("$before$word")
  done < <(compgen -W "$1" -- "\${cur#"$before"}")
}

_rtbench_files() {
  local file ending
  type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
  while IFS= read -r file; do
    if [[ -d $file || $# -eq 0 ]]; then COMPREPLY+=("$file"); continue; fi
    for ending in "$@"; do
      [[ $file == *"$ending" ]] && COMPREPLY+=("$file")
    done
  done < <(compgen -f -- "$cur")
}

_rtbench_folders() {
  local folder
  type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
  while IFS= read -r folder; do COMPREPLY+=("$folder"); done < <(compgen -d -- "$cur")
}

_rtbench() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="" at
  COMPREPLY=()
  # bash makes three words of --flag=value.
  if [[ $cur == "=" ]]; then cur=""; elif [[ $prev == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [[ \${COMP_WORDS[at]} != -* ]]; then command="\${COMP_WORDS[at]}"; break; fi
  done
  case "$command $prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$command" in
    "") _rtbench_words ${quoted([...commands.map(({ name }) => name), '--help', '--version'].join(' '))} ;;
${commands.map(bashCase).join('\n')}
  esac
}

complete -F _rtbench rtbench
`
}

/** One for each flag that takes a value. */
function valueCases({ name, options }: CommandSpec): readonly string[] {
  return options.flatMap(({ flag, values }) =>
    values === null ? [] : [`    ${quoted(`${name} ${flag}`)}) ${bashAction(values)}; return ;;`],
  )
}

function bashCase({ name, options, values }: CommandSpec): string {
  const flags = options.map(({ flag }) => flag).join(' ')
  const other = values === null ? ':' : bashAction(values)
  return `    ${quoted(name)}) if [[ $cur == -* ]]; then _rtbench_words ${quoted(flags)}; else ${other}; fi ;;`
}

function bashAction(values: Values): string {
  switch (values.kind) {
    case 'free':
      return ':'
    case 'words':
      return `_rtbench_words ${quoted(values.words.join(' '))}${values.isList ? ' list' : ''}`
    case 'files':
      return ['_rtbench_files', ...values.endings.map(quoted)].join(' ')
    case 'folders':
      return '_rtbench_folders'
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** A script for zsh: to be sourced, or to be found as `_rtbench` in the function path. */
export function zshCompletion(commands: readonly CommandSpec[]): string {
  return `#compdef rtbench
# Completion of rtbench for zsh: source <(rtbench completion zsh)

_rtbench() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C '(- *)--help[display help]' '(- *)--version[print the version]' '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands=(
${commands.map(({ name, description }) => `        ${quoted(`${name}:${description}`)}`).join('\n')}
      )
      _describe command commands
      ;;
    rest)
      case $line[1] in
${commands.map(zshCase).join('\n')}
      esac
      ;;
  esac
}

if [[ \${funcstack[1]} == _rtbench ]]; then _rtbench "$@"; else compdef _rtbench rtbench; fi
`
}

function zshCase({ name, options, values }: CommandSpec): string {
  const specs = [
    ...options.map(optionSpec),
    ...(values === null
      ? []
      : [`*:${name === 'help' ? 'command' : 'argument'}:${zshAction(values)}`]),
  ]
  const lines = specs.map((spec) => `          ${quoted(spec)}`).join(' \\\n')
  return `        ${name})\n          _arguments \\\n${lines}\n          ;;`
}

function optionSpec({ flag, description, values, isRepeatable }: OptionSpec): string {
  const told = description.replace(/[[\]\\]/g, '\\$&').replaceAll(':', '\\:')
  const head = `${isRepeatable ? '*' : ''}${flag}`
  return values === null ? `${head}[${told}]` : `${head}=[${told}]:value:${zshAction(values)}`
}

function zshAction(values: Values): string {
  switch (values.kind) {
    case 'free':
      return ' '
    case 'words':
      return values.isList
        ? `_values -s , value ${values.words.join(' ')}`
        : `(${values.words.join(' ')})`
    case 'files':
      return values.endings.length === 0
        ? '_files'
        : `_files -g "*.(${values.endings.map((ending) => ending.slice(1)).join('|')})"`
    case 'folders':
      return '_files -/'
  }
}

/** A script for fish, 3 or newer. */
export function fishCompletion(commands: readonly CommandSpec[]): string {
  const lines = [
    'complete -c rtbench -f',
    'complete -c rtbench -n __fish_use_subcommand -l help -d "display help"',
    'complete -c rtbench -n __fish_use_subcommand -l version -d "print the version"',
    ...commands.flatMap(commandLines),
  ]
  return `# Completion of rtbench for fish: rtbench completion fish | source

${LIST_FUNCTION}
${lines.join('\n')}
`
}

/** Words after the last comma of what is written; each at most once. */
const LIST_FUNCTION = `function __rtbench_list
    set -l written (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    set -l before (string match -r '^.*,' -- $written)
    for word in $argv
        string match -q -- "*,$word,*" ",$before"; or echo "$before$word"
    end
end
`

function commandLines({ name, description, options, values }: CommandSpec): readonly string[] {
  const seen = fishQuoted(`__fish_seen_subcommand_from ${name}`)
  return [
    `complete -c rtbench -n __fish_use_subcommand -a ${name} -d ${fishQuoted(description)}`,
    ...options.map((option) => `complete -c rtbench -n ${seen} ${optionLine(option)}`),
    ...(values === null ? [] : [`complete -c rtbench -n ${seen}${argumentsOf(values)}`]),
  ]
}

function optionLine({ flag, description, values }: OptionSpec): string {
  const named = `-l ${flag.slice(2)} -d ${fishQuoted(description)}`
  return values === null ? named : `${named} -r${argumentsOf(values)}`
}

function argumentsOf(values: Values): string {
  switch (values.kind) {
    case 'free':
      return ' -f'
    case 'words':
      return values.isList
        ? ` -f -a ${fishQuoted(`(__rtbench_list ${values.words.join(' ')})`)}`
        : ` -f -a ${fishQuoted(values.words.join(' '))}`
    case 'files':
      return values.endings.length === 0
        ? ' -F'
        : ` -f -k -a ${fishQuoted(values.endings.map((ending) => `(__fish_complete_suffix ${ending})`).join(' '))}`
    case 'folders':
      return ` -f -a ${fishQuoted('(__fish_complete_directories)')}`
  }
}

function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
