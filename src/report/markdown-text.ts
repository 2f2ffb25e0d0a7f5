import { printable } from './plain-text.ts'

/** The lines of a table. */
export function grid(head: readonly string[], body: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...body.map(line)]
}

/** The lines of a list. */
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
