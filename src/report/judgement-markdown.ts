import type { ScenarioComparison } from '../result/judgement.ts'
import type { ComparisonReporter } from './comparison-reporter.ts'
import { conclusionOf, gridsOf, judgementHead } from './judgement-grid.ts'
import { escaped, grid, list } from './markdown-text.ts'
import { pageOf } from './plain-text.ts'

/** GitHub's Markdown, for the summary of a workflow and for a discussion. */
export const judgementMarkdown: ComparisonReporter = {
  name: 'markdown',
  render(comparisons, { all = false } = {}) {
    return pageOf(comparisons.flatMap((comparison) => blocksOf(comparison, all)))
  },
}

function blocksOf(comparison: ScenarioComparison, all: boolean): string[][] {
  return [
    [`## Comparison of ${escaped(comparison.scenario)}`],
    [`**${escaped(conclusionOf(comparison))}**`],
    list(comparison.warnings.map((warning) => `WARNING: ${warning}`)),
    ...gridsOf(comparison, all).flatMap(({ transport, rows, rest }) => [
      [`### ${escaped(transport)}`],
      rows.length > 0
        ? grid(
            judgementHead,
            rows.map(({ cells }) => cells),
          )
        : [],
      list(rest),
    ]),
  ]
}
