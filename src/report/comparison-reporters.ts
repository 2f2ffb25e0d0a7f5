import { grouped } from '../grouped.ts'
import type { Judgement, ScenarioComparison } from '../result/judgement.ts'
import { printable } from '../text.ts'
import { escaped, grid, inertJson, list, pageOf, unglued } from './plain-text.ts'
import { formatAmount, missing } from './quantity.ts'
import type { RenderOptions } from './reporter.ts'
import { drawnTable, type TerminalForm, takenBy, terminalForm } from './table.ts'

interface ComparisonRenderOptions extends RenderOptions {
  /** Every metric, not only those that are judged by repetitions or changed. */
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
      rows: group.filter((one) => all || isWorthARow(one)).map(cellsOf),
      rest: restOf(all ? [] : group.filter((one) => !isWorthARow(one))),
    }),
  )
}

/** What changed or cannot be told, and what is unchanged by an interval that a reader wants to see. */
function isWorthARow({ isJudged, verdict, interval }: Judgement): boolean {
  return isJudged && (verdict !== 'unchanged' || interval !== null)
}

function cellsOf(judgement: Judgement): readonly string[] {
  const { label, unit, baseline, candidate, change, interval } = judgement
  const span = interval === null ? '' : ` (${signed(interval[0])} to ${signed(interval[1])})`
  return [
    label,
    formatAmount(unit, baseline),
    formatAmount(unit, candidate),
    change === null ? missing : `${signed(change)}${span}`,
    verdictWord(judgement),
    whyOf(judgement),
  ]
}

/** As people read it: nobody asked about what is not judged. */
export function verdictWord({ isJudged, verdict }: Judgement): string {
  if (!isJudged) return 'not judged'
  return verdict === 'inconclusive' ? 'cannot tell' : verdict
}

/** Why, and what a comparison as sure as this one sees at all: `surely within 10 %; 17 % would have been found`. */
export function whyOf({ reason, detectable }: Judgement): string {
  return detectable === null
    ? reason
    : `${reason}; a change of ${signed(detectable).replace('+', '')} would have been found`
}

/** `+12.5 %` */
export function signed(share: number): string {
  const percent = share * 100
  const digits = Math.abs(percent) < 10 ? 1 : 0
  const text = percent.toFixed(digits)
  return `${Number(text) > 0 ? '+' : ''}${Number(text) === 0 ? 0 : text} %`.replace('-', '−')
}

/** What has no row, by its verdict. */
function restOf(hidden: readonly Judgement[]): string[] {
  const unchanged = hidden.filter(({ isJudged }) => isJudged).length
  const others = hidden.filter(({ isJudged }) => !isJudged).map(({ label }) => label)
  return [
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
    ...(others.length > 0 ? [`${others.length} not judged (${others.join(', ')})`] : []),
  ]
}

/** `REGRESSED: 2 regressed, 12 unchanged`, `CANNOT TELL whether …: 3 cannot tell, 40 unchanged` */
export function conclusionOf({ judgements, verdict }: ScenarioComparison): string {
  const judged = judgements.filter(({ isJudged }) => isJudged)
  const counts = (['regressed', 'improved', 'inconclusive', 'unchanged'] as const)
    .map((one) => judged.filter((judgement) => judgement.verdict === one))
    .flatMap(([first, ...more]) =>
      first === undefined ? [] : [`${more.length + 1} ${verdictWord(first)}`],
    )
    .join(', ')
  if (verdict === 'regressed') return `REGRESSED: ${counts}`
  if (judged.length === 0) return 'NOTHING COMPARED: no transport has runs on both sides'
  return verdict === 'inconclusive'
    ? `CANNOT TELL whether something regressed: ${counts}`
    : `No regression: ${counts}`
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
    'cannot tell': colors.yellow,
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
