import { inert, printable } from '../text.ts'

/**
 * A text of blocks with a blank line between them, of which none is empty; ends in a line end. Where
 * a line, as it was broken, begins like a workflow command (`::error::`), it does not any more.
 */
export function pageOf(blocks: readonly (readonly string[])[]): string {
  const texts = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'))
  return inert(`${texts.join('\n\n')}\n`)
}

/** JSON of the same value in which no string can be a command to a CI, or moves a terminal's cursor. */
export function inertJson(json: string): string {
  return json.replace(/[\u007f-\u009f]|#(?=#)/g, inUnicode)
}

/** A character as a string of JSON may have it. */
export function inUnicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Lines of at most so many characters, broken between words and within a word that is longer. */
export function wrap(text: string, width: number): string[] {
  const lines = []
  let line = ''
  for (const word of breakWords(text, width).split(' ')) {
    if (line === '') line = word
    else if (line.length + 1 + word.length <= width) line += ` ${word}`
    else {
      lines.push(line)
      line = word
    }
  }
  lines.push(line)
  return lines
}

/** Puts a space into each word that is longer than so many characters. */
export function breakWords(text: string, width: number): string {
  return text.replace(new RegExp(`\\S{${width}}(?=\\S)`, 'gu'), '$& ')
}

/** Stands for a space at which no line may break; `unglued` makes a space of it again. */
const glue = '\u{e000}'

/** Keeps a whole text on one line, as far as that is possible. */
export function whole(text: string): string {
  return text.replaceAll(' ', glue)
}

/** Keeps each figure on one line with its unit and its percentile, in text to be wrapped; no line begins with a dot. */
export function glued(text: string): string {
  return text
    .replace(/(?<=\d) (?=(?:µs|ms|s|B|KiB|MiB|GiB|%)(?![\p{L}\d]))/gu, glue)
    .replace(/(?<=\bp[\d.]+) (?=\d)/g, glue)
    .replace(/ (?=· )/g, glue)
}

export function unglued(text: string): string {
  return text.replaceAll(glue, ' ')
}

/** A table as text in cells. */
export interface Grid {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function grid({ head, rows }: Grid): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)]
}

export function list(texts: readonly string[]): string[] {
  return texts.map((text) => `- ${escaped(text)}`)
}

/** Takes their meaning from the characters that Markdown or HTML would act on. */
export function escaped(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]|]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
}
