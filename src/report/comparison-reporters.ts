import { grouped } from '../grouped.ts'
import type { Judgement, ScenarioComparison } from '../result/judgement.ts'
import { escaped, grid, inertJson, list, pageOf, printable, unglued } from './plain-text.ts'
import { formatAmount, missing } from './quantity.ts'
import type { RenderOptions } from './reporter.ts'
import { drawnTable, type TerminalForm, takenBy, terminalForm } from './table.ts'

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

const judgementHead = ['Metric', 'Baseline', 'Candidate', 'Change', 'Verdict', 'Why'] as const
const VERDICT = judgementHead.indexOf('Verdict')

/** The judgements of each transport, and in lines what is not shown. @param all shows what did not change, too */
function gridsOf({ judgements }: ScenarioComparison, all: boolean) {
  return [...grouped(judgements, ({ transportLabel }) => transportLabel)].map(
    ([transport, group]) => ({
      transport,
      rows: group.filter((one) => all || hasChanged(one)).map(cellsOf),
      rest: restOf(all ? [] : group.filter((one) => !hasChanged(one))),
    }),
  )
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
  const inconclusive = hidden.filter(({ verdict }) => verdict === 'inconclusive')
  return [
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
    ...[...grouped(inconclusive, ({ reason }) => reason)].map(
      ([reason, own]) => `${own.length} ${reason} (${own.map(({ label }) => label).join(', ')})`,
    ),
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

/** Of all columns but the last, which takes what is left. */
const WIDTHS = [29, 11, 11, 26, 14] as const
const NARROWEST_WHY = 20

/** For a terminal: warnings first, one table for each transport, the conclusion last. */
const judgementTable: ComparisonReporter = {
  name: 'table',
  render(comparisons, options = {}) {
    return unglued(pageOf(comparisons.flatMap((comparison) => tableOf(comparison, options))))
  },
}

function tableOf(comparison: ScenarioComparison, options: ComparisonRenderOptions): string[][] {
  const form = terminalForm(options)
  const { colors, paragraphs } = form
  const { scenario, warnings, verdict } = comparison
  return [
    paragraphs([`Comparison of ${scenario}`], colors.bold),
    paragraphs(
      warnings.map((warning) => `WARNING: ${warning}`),
      colors.yellow,
    ),
    ...gridsOf(comparison, options.all ?? false).map(({ transport, rows, rest }) => [
      ...(rows.length > 0 ? [drawn(transport, rows, form)] : []),
      ...paragraphs(rest.map((line) => `${transport}: ${line}`)),
    ]),
    paragraphs([conclusionOf(comparison)], verdict === 'regressed' ? colors.red : colors.bold),
  ]
}

function drawn(
  transport: string,
  rows: readonly (readonly string[])[],
  { width, colors, fit }: TerminalForm,
): string {
  const colWidths = [...WIDTHS, Math.max(NARROWEST_WHY, width - takenBy(WIDTHS))]
  const paints: Readonly<Record<string, (text: string) => string>> = {
    regressed: colors.red,
    improved: colors.green,
  }
  const head = [printable(transport), ...judgementHead.slice(1)].map(colors.bold)
  const body = rows.map((cells) =>
    cells
      .map((text, i) => fit(text, (colWidths[i] ?? 0) - 2))
      .map((text, i) => (i === VERDICT ? (paints[text] ?? colors.dim)(text) : text)),
  )
  return drawnTable({ head, colWidths }, body)
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
      rows.length > 0 ? grid({ head: judgementHead, rows }) : [],
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
