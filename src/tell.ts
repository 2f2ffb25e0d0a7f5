import { printableLines } from './text.ts'

/** Writes a line or several to stderr. Whatever somebody else's text is in them, it is no command to a terminal or a CI. */
export function tell(text: string): void {
  process.stderr.write(`${printableLines(text)}\n`)
}
