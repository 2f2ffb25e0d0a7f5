import { createColors } from 'picocolors'
import type { Judgement, ScenarioComparison, Verdict } from '../result/judgement.ts'
import {
  breakWords,
  escaped,
  glued,
  grid,
  inertJson,
  list,
  pageOf,
  printable,
  unglued,
  wrap,
} from './plain-text.ts'
import { formatAmount, missing } from './quantity.ts'
import type { RenderOptions } from './reporter.ts'
import { drawnTable } from './table.ts'

interface ComparisonRenderOptions extends RenderOptions {
  /** Every metric, not only those that changed. */
  readonly all?: boolean
}

/** Turns the comparisons of one scenario or more into text. Pure: who calls it writes the text. */
export interface ComparisonReporter {
  /** As on the command line: `markdown`. */
  readonly name: string
  /** Ends in a line end. */
  render(comparisons: readonly ScenarioComparison[], options?: ComparisonRenderOptions): string
}

/** The judgements of one transport, as text in cells. */
interface JudgementGrid {
  readonly transport: string
  readonly rows: readonly JudgementRow[]
  /** What is not shown: `12 unchanged, 3 inconclusive (needs …)`, a line each. */
  readonly rest: readonly string[]
}

interface JudgementRow {
  readonly verdict: Verdict
  /** As the head has them. */
  readonly cells: readonly string[]
}

const judgementHead = ['Metric', 'Baseline', 'Candidate', 'Change', 'Verdict', 'Why'] as const

/** Groups a comparison by transport. @param all shows what did not change, too */
function gridsOf({ judgements }: ScenarioComparison, all: boolean): JudgementGrid[] {
  const byTransport = new Map<string, Judgement[]>()
  for (const judgement of judgements) {
    const group = byTransport.get(judgement.transportLabel)
    if (group === undefined) byTransport.set(judgement.transportLabel, [judgement])
    else group.push(judgement)
  }
  return [...byTransport].map(([transport, group]) => {
    const shown = all ? group : group.filter(hasChanged)
    const hidden = group.filter((judgement) => !shown.includes(judgement))
    return {
      transport,
      rows: shown.map((judgement) => ({ verdict: judgement.verdict, cells: cellsOf(judgement) })),
      rest: restOf(hidden),
    }
  })
}

function hasChanged({ verdict }: Judgement): boolean {
  return verdict === 'regressed' || verdict === 'improved'
}

function cellsOf(judgement: Judgement): readonly string[] {
  const { label, unit, baseline, candidate, verdict, reason, change, interval } = judgement
  const span = interval === null ? '' : ` (${signed(interval[0])} to ${signed(interval[1])})`
  return [
    label,
    formatAmount(unit, baseline),
    formatAmount(unit, candidate),
    change === null ? missing : `${signed(change)}${span}`,
    verdict,
    reason.replace(/^inconclusive: /, ''),
  ]
}

/** `+12.5 %` */
function signed(share: number): string {
  const percent = share * 100
  const digits = Math.abs(percent) < 10 ? 1 : 0
  const text = percent.toFixed(digits)
  return `${Number(text) > 0 ? '+' : ''}${Number(text) === 0 ? 0 : text} %`.replace('-', '−')
}

/** Counts by verdict, and by reason where that is what a person can act on. */
function restOf(hidden: readonly Judgement[]): string[] {
  const unchanged = hidden.filter(({ verdict }) => verdict === 'unchanged').length
  const reasons = new Map<string, string[]>()
  for (const { verdict, reason, label } of hidden) {
    if (verdict !== 'inconclusive') continue
    const labels = reasons.get(reason)
    if (labels === undefined) reasons.set(reason, [label])
    else labels.push(label)
  }
  return [
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
    ...[...reasons].map(([reason, labels]) => `${labels.length} ${reason} (${labels.join(', ')})`),
  ]
}

/** `REGRESSED: 2 metrics (Server-Sent Events: Push latency p99, …); 3 inconclusive, 40 unchanged` */
export function conclusionOf({ judgements, verdict, judged }: ScenarioComparison): string {
  const counts = (['regressed', 'improved', 'inconclusive', 'unchanged'] as const)
    .map(
      (one) => [one, judgements.filter((judgement) => judgement.verdict === one).length] as const,
    )
    .filter(([, count]) => count > 0)
    .map(([one, count]) => `${count} ${one}`)
    .join(', ')
  if (verdict === 'regressed') return `REGRESSED: ${counts}`
  switch (judged) {
    case 'nothing':
      return 'NOTHING COMPARED: no transport has a run that counts on both sides; measure again'
    case 'faults':
      return `NOT COMPARED but for faults, as runs are invalid: ${counts}; measure again`
    case 'part':
      return `NOT ALL COMPARED, as too few runs count (see the warnings): ${counts}; measure again`
    case 'all':
      return `No regression: ${counts}`
  }
}

type Colors = ReturnType<typeof createColors>

/** Of all columns but the last, which takes what is left. */
const widths = [29, 11, 11, 26, 14] as const
const narrowestWhy = 20

/** For a terminal: warnings first, one table for each transport, the conclusion last. */
const judgementTable: ComparisonReporter = {
  name: 'table',
  render(comparisons, options = {}) {
    return unglued(pageOf(comparisons.flatMap((comparison) => tableOf(comparison, options))))
  },
}

function tableOf(comparison: ScenarioComparison, options: ComparisonRenderOptions): string[][] {
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
  const head = [printable(transport), ...figures].map(colors.bold)
  const body = rows.map(({ verdict, cells }) =>
    cells
      .map((text, i) => breakWords(glued(printable(text)), (all[i] ?? why) - 2))
      .map((text) => (text === verdict ? paint(verdict, colors)(text) : text)),
  )
  return [drawnTable({ head, colWidths: all }, body)]
}

function paint(verdict: Verdict, colors: Colors): (text: string) => string {
  if (verdict === 'regressed') return colors.red
  return verdict === 'improved' ? colors.green : colors.dim
}

/** GitHub's Markdown, for the summary of a workflow and for a discussion. */
const judgementMarkdown: ComparisonReporter = {
  name: 'markdown',
  render(comparisons, { all = false } = {}) {
    return pageOf(comparisons.flatMap((comparison) => pageBlocks(comparison, all)))
  },
}

function pageBlocks(comparison: ScenarioComparison, all: boolean): string[][] {
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
