import { RtbenchError } from '../../error.ts'
import { grouped } from '../../grouped.ts'
import { explain, GLOSSARY, meantTerm, type Term } from '../../report/glossary.ts'
import { pageOf, unglued, whole } from '../../report/plain-text.ts'
import type { RenderOptions } from '../../report/reporter.ts'
import { terminalForm } from '../../report/table.ts'
import { showKey } from '../../scenario/problem.ts'
import { ExitCode } from '../exit-code.ts'
import { printText } from '../output.ts'

/**
 * Explains a term, or lists all.
 * @throws RtbenchError `usage` where nobody knows it
 */
export function act(words: readonly string[]): ExitCode {
  if (words.length === 0) {
    printText(termList)
    return ExitCode.done
  }
  const wanted = words.join(' ')
  const found = explain(wanted)
  if (found.length === 0) {
    const meant = meantTerm(wanted)
    const hint = meant === null ? '' : `, did you mean ${meant}?`
    throw new RtbenchError(
      'usage',
      `explain: ${showKey(wanted)} is no term of a report${hint}; rtbench explain lists all`,
    )
  }
  printText((options) => explanation(found, options))
  return ExitCode.done
}

/** A term and its meaning, a paragraph each. */
function explanation(terms: readonly Term[], options: RenderOptions): string {
  const { colors, paragraphs } = terminalForm(options)
  return page(
    terms.map(({ name, meaning }) =>
      paragraphs([`${name}: ${meaning}`]).map((line, i) =>
        i === 0 ? line.replace(name, colors.bold(name)) : line,
      ),
    ),
  )
}

/** The names of all terms by their groups. */
function termList(options: RenderOptions): string {
  const { colors, paragraphs } = terminalForm(options)
  const groups = grouped(GLOSSARY, ({ group }) => group)
  return page([
    ...[...groups].map(([group, terms]) => [
      colors.bold(group),
      ...paragraphs([terms.map(({ name }) => whole(name)).join(' · ')]),
    ]),
    ['What one means: rtbench explain TERM'],
  ])
}

function page(blocks: readonly (readonly string[])[]): string {
  return unglued(pageOf(blocks))
}
