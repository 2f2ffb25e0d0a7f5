import type { ComparisonReporter } from './comparison-reporter.ts'
import { judgementMarkdown } from './judgement-markdown.ts'
import { judgementTable } from './judgement-table.ts'
import { inertJson } from './plain-text.ts'

/** The comparisons as a document, one array for all scenarios. */
const json: ComparisonReporter = {
  name: 'json',
  render: (comparisons) =>
    `${inertJson(JSON.stringify({ schemaVersion: 1, comparisons }, null, 2))}\n`,
}

/** All forms of a comparison of results. A new one is a file and a name here. */
export const comparisonReporters: readonly ComparisonReporter[] = [
  judgementTable,
  judgementMarkdown,
  json,
]
