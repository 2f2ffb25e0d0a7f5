import type { CommandSpec, OptionSpec, Values } from './spec.ts'

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
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}

if [[ \${funcstack[1]} == _rtbench ]]; then _rtbench "$@"; else compdef _rtbench rtbench; fi
`
}

function commandCase({ name, options, values }: CommandSpec): string {
  const specs = [
    ...options.map(optionSpec),
    ...(values === null ? [] : [`*:${name === 'help' ? 'command' : 'argument'}:${action(values)}`]),
  ]
  const lines = specs.map((spec) => `          ${quoted(spec)}`).join(' \\\n')
  return `        ${name})\n          _arguments \\\n${lines}\n          ;;`
}

function optionSpec({ flag, description, values, isRepeatable }: OptionSpec): string {
  const told = description.replace(/[[\]\\]/g, '\\$&').replaceAll(':', '\\:')
  const head = `${isRepeatable ? '*' : ''}${flag}`
  return values === null ? `${head}[${told}]` : `${head}=[${told}]:value:${action(values)}`
}

function action(values: Values): string {
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

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
