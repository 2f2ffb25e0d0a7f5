/** Finds the commands that the documents tell their readers to type. */

/** Something to type, as it is written. */
export interface Script {
  /** From the root of the repository, or `help run` for what a command's help tells. */
  readonly file: string
  /** Of its first command. */
  readonly line: number
  /** Those who read it, such as `bash`. */
  readonly shell: string
  /** A block of its own, or a piece of a sentence, which may say `FILE…`. */
  readonly inline: boolean
  readonly text: string
}

/** The languages of a fenced block that a shell runs, and that shell. */
const SHELLS: Readonly<Record<string, string>> = {
  sh: 'bash',
  bash: 'bash',
  console: 'bash',
  zsh: 'zsh',
  fish: 'fish',
}

const FENCE = /^\s*```(\w*)/
/** A command in a sentence, which may go on in the next line, but not past its paragraph. */
const INLINE = /`((?:npx )?rtbench |npm (?:run |ci\b|test\b)|node )((?:[^`\n]|\n(?!\n))*)`/g
const PROMPT = /^\s*\$ (.*)$/

/** What a page of Markdown tells to type: its blocks for a shell, and commands in its sentences. */
export function scriptsOfPage(file: string, text: string): readonly Script[] {
  const scripts: Script[] = []
  /** The page without its blocks, line by line. */
  const sentences: string[] = []
  let block: { language: string; first: number; lines: string[] } | null = null
  for (const [index, line] of text.split('\n').entries()) {
    const fence = FENCE.exec(line)
    sentences.push(fence === null && block === null ? line : '')
    if (fence === null) block?.lines.push(line)
    else if (block === null) block = { language: fence[1] ?? '', first: index + 2, lines: [] }
    else {
      const shell = SHELLS[block.language]
      const typed = block.language === 'console' ? typedIn(block.lines) : block.lines
      if (shell !== undefined) {
        scripts.push({ file, line: block.first, shell, inline: false, text: typed.join('\n') })
      }
      block = null
    }
  }
  return [...scripts, ...inlineOf(file, sentences.join('\n'))].sort((a, b) => a.line - b.line)
}

function inlineOf(file: string, sentences: string): readonly Script[] {
  return [...sentences.matchAll(INLINE)].map(({ index, 1: start = '', 2: rest = '' }) => ({
    file,
    line: sentences.slice(0, index).split('\n').length,
    shell: 'bash',
    inline: true,
    text: `${start}${rest}`.replaceAll(/\s+/g, ' ').trim(),
  }))
}

/** The lines after a prompt, each with those that continue it. */
function typedIn(lines: readonly string[]): readonly string[] {
  const typed: string[] = []
  let goesOn = false
  for (const line of lines) {
    const command: string | undefined = goesOn ? line : PROMPT.exec(line)?.[1]
    if (command === undefined) continue
    typed.push(command)
    goesOn = command.endsWith('\\')
  }
  return typed
}

/** What the comments at the head of a scenario tell to type: their indented lines. */
export function scriptsOfScenario(file: string, text: string): readonly Script[] {
  const lines = text.split('\n')
  const typed = lines.flatMap((line, index) => {
    const command = /^# {5}(\S.*)$/.exec(line)?.[1]
    return command === undefined ? [] : [{ line: index + 1, command }]
  })
  const [first] = typed
  if (first === undefined) return []
  const script = typed.map(({ command }) => command).join('\n')
  return [{ file, line: first.line, shell: 'bash', inline: false, text: script }]
}

/** The examples of a command's help. What explains one stands beside it, two spaces apart. */
export function scriptsOfHelp(command: string, help: string): readonly Script[] {
  const typed = help.split('\n').flatMap((line) => {
    const example = /^ {2}\$ (.*)$/.exec(line)?.[1]
    return example === undefined ? [] : [example.replace(/ {2,}\S.*$/, '')]
  })
  if (typed.length === 0) return []
  return [
    { file: `help ${command}`, line: 1, shell: 'bash', inline: false, text: typed.join('\n') },
  ]
}

/** The statements of a script: its lines, with those that continue them; no empty ones, no comments. */
export function statementsOf(script: string): readonly string[] {
  return script
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
}
