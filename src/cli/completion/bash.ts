import type { CommandSpec, Values } from './spec.ts'

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
${commands.map(commandCase).join('\n')}
  esac
}

complete -F _rtbench rtbench
`
}

/** One for each flag that takes a value. */
function valueCases({ name, options }: CommandSpec): readonly string[] {
  return options.flatMap(({ flag, values }) =>
    values === null ? [] : [`    ${quoted(`${name} ${flag}`)}) ${completing(values)}; return ;;`],
  )
}

function commandCase({ name, options, values }: CommandSpec): string {
  const flags = options.map(({ flag }) => flag).join(' ')
  const other = values === null ? ':' : completing(values)
  return `    ${quoted(name)}) if [[ $cur == -* ]]; then _rtbench_words ${quoted(flags)}; else ${other}; fi ;;`
}

function completing(values: Values): string {
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
