/** What GitHub Actions reads from a step's output: its workflow commands. */
import type { GateRow } from './gate.ts'
import { printable } from './plain-text.ts'

/**
 * An annotation for every row that asks for attention: `::error file=…,title=…::message`.
 * @param fileOf a scenario's path as the repository has it
 */
export function annotations(
  rows: readonly GateRow[],
  fileOf: (file: string) => string = (file) => file,
): readonly string[] {
  return rows.flatMap((row) => {
    const level = levelOf(row)
    if (level === null) return []
    const { scenario, transport, verdict, file, lines } = row
    const properties = [
      ...(file === null ? [] : [`file=${property(fileOf(file))}`]),
      `title=${property(`${scenario}, ${transport}: ${verdict}`)}`,
    ]
    return [`::${level} ${properties.join(',')}::${data(lines.join('\n'))}`]
  })
}

/** Of an invocation that has nothing else to show. */
export function failureAnnotation(message: string): string {
  return `::error title=rtbench ci::${data(message)}`
}

function levelOf({ outcome, verdict }: GateRow): 'error' | 'warning' | 'notice' | null {
  if (outcome === 'failed' || outcome === 'errored') return 'error'
  if (['suspect', 'not comparable', 'not confirmed'].includes(verdict)) return 'warning'
  return ['accepted', 'improved'].includes(verdict) ? 'notice' : null
}

/**
 * As the runner unescapes a command's data (actions/toolkit, packages/core/src/command.ts); of what
 * cannot be printed only line ends are left.
 */
function data(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => printable(line).replaceAll('%', '%25'))
    .join('%0A')
}

/** As it does with a command's properties. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
