/** Reads as much of a shell's grammar as documents use. */

/** A program and its arguments. */
export interface SimpleCommand {
  /** Assignments before it: `RTBENCH_HOLD=5s rtbench run`. */
  readonly environment: Readonly<Record<string, string>>
  readonly words: readonly string[]
}

/** What stands between two commands: operators, and the brackets of `<(…)` and `$(…)`. */
const BETWEEN = /^(?:\|\||&&|<\(|\$\(|[|&;()\n])/
const REDIRECTION = /^\d?(?:>>|>|<)/
const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s

/** The programs that a script starts, in the order in which they are written. */
export function simpleCommands(script: string): readonly SimpleCommand[] {
  const commands: SimpleCommand[] = []
  let words: string[] = []
  /** Null between two words. */
  let word: string | null = null
  /** The next word is a file's name, and no argument. */
  let redirected = false
  const endWord = (): void => {
    if (word !== null && !redirected) words.push(word)
    if (word !== null) redirected = false
    word = null
  }
  const endCommand = (): void => {
    endWord()
    if (words.length > 0) commands.push(commandOf(words))
    words = []
  }
  let rest = script.replaceAll(/\\\n/g, ' ')
  while (rest !== '') {
    const quoted = /^(?:'([^']*)'|"([^"]*)")/.exec(rest)
    const between = BETWEEN.exec(rest)
    const redirection: RegExpExecArray | null = word === null ? REDIRECTION.exec(rest) : null
    const comment = word === null ? /^#[^\n]*/.exec(rest) : null
    const space = /^[ \t]+/.exec(rest)
    if (quoted !== null) word = `${word ?? ''}${quoted[1] ?? quoted[2] ?? ''}`
    else if (between !== null) endCommand()
    else if (redirection !== null) redirected = true
    else if (space !== null) endWord()
    else if (comment === null) word = `${word ?? ''}${rest[0]}`
    rest = rest.slice((quoted ?? between ?? redirection ?? space ?? comment)?.[0].length ?? 1)
  }
  endCommand()
  return commands
}

function commandOf(words: readonly string[]): SimpleCommand {
  const environment: Record<string, string> = {}
  let at = 0
  for (;;) {
    const [, name, value] = ASSIGNMENT.exec(words[at] ?? '') ?? []
    if (name === undefined || value === undefined) break
    environment[name] = value
    at += 1
  }
  return { environment, words: words.slice(at) }
}
