import CliTable from 'cli-table3'
import { createColors } from 'picocolors'
import type { ScenarioComparison, Verdict } from '../result/judgement.ts'
import type { ComparisonRenderOptions, ComparisonReporter } from './comparison-reporter.ts'
import { conclusionOf, gridsOf, type JudgementGrid, judgementHead } from './judgement-grid.ts'
import { breakWords, glued, pageOf, printable, unglued, wrap } from './plain-text.ts'

type Colors = ReturnType<typeof createColors>

/** Of all columns but the last, which takes what is left. */
const widths = [29, 11, 11, 26, 14] as const
const narrowestWhy = 20

/** For a terminal: warnings first, one table for each transport, the conclusion last. */
export const judgementTable: ComparisonReporter = {
  name: 'table',
  render(comparisons, options = {}) {
    return unglued(pageOf(comparisons.flatMap((comparison) => blocksOf(comparison, options))))
  },
}

function blocksOf(comparison: ScenarioComparison, options: ComparisonRenderOptions): string[][] {
  const width = Math.max(40, options.width ?? 120)
  const colors = createColors(options.color ?? false)
  const paragraph = (text: string): string[] => wrap(glued(printable(text)), width)
  const { scenario, warnings, verdict } = comparison
  return [
    paragraph(`Comparison of ${scenario}`).map(colors.bold),
    warnings.flatMap((warning) => paragraph(`WARNING: ${warning}`)).map(colors.yellow),
    ...gridsOf(comparison, options.all ?? false).map((grid) => [
      ...drawn(grid, width, colors),
      ...grid.rest.flatMap((line) => paragraph(`${grid.transport}: ${line}`)),
    ]),
    paragraph(conclusionOf(comparison)).map(verdict === 'regressed' ? colors.red : colors.bold),
  ]
}

function drawn({ transport, rows }: JudgementGrid, width: number, colors: Colors): string[] {
  if (rows.length === 0) return []
  const taken = widths.reduce((sum, one) => sum + one + 1, 2)
  const why = Math.max(narrowestWhy, width - taken)
  const all = [...widths, why]
  const [, ...figures] = judgementHead
  const table = new CliTable({
    head: [printable(transport), ...figures].map(colors.bold),
    colWidths: all,
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  })
  for (const { verdict, cells } of rows) {
    const texts = cells.map((text, i) => breakWords(glued(printable(text)), (all[i] ?? why) - 2))
    table.push(texts.map((text) => (text === verdict ? paint(verdict, colors)(text) : text)))
  }
  return [table.toString()]
}

function paint(verdict: Verdict, colors: Colors): (text: string) => string {
  if (verdict === 'regressed') return colors.red
  return verdict === 'improved' ? colors.green : colors.dim
}
