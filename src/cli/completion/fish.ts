import type { CommandSpec, OptionSpec, Values } from './spec.ts'

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
  const seen = quoted(`__fish_seen_subcommand_from ${name}`)
  return [
    `complete -c rtbench -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...options.map((option) => `complete -c rtbench -n ${seen} ${optionLine(option)}`),
    ...(values === null ? [] : [`complete -c rtbench -n ${seen}${argumentsOf(values)}`]),
  ]
}

function optionLine({ flag, description, values }: OptionSpec): string {
  const named = `-l ${flag.slice(2)} -d ${quoted(description)}`
  return values === null ? named : `${named} -r${argumentsOf(values)}`
}

function argumentsOf(values: Values): string {
  switch (values.kind) {
    case 'free':
      return ' -f'
    case 'words':
      return values.isList
        ? ` -f -a ${quoted(`(__rtbench_list ${values.words.join(' ')})`)}`
        : ` -f -a ${quoted(values.words.join(' '))}`
    case 'files':
      return values.endings.length === 0
        ? ' -F'
        : ` -f -k -a ${quoted(values.endings.map((ending) => `(__fish_complete_suffix ${ending})`).join(' '))}`
    case 'folders':
      return ` -f -a ${quoted('(__fish_complete_directories)')}`
  }
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
