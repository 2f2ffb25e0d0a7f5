/** What a gate over some scenarios found: for a terminal, as Markdown, and as GitHub's annotations. */
import { createColors } from 'picocolors'
import type { Check } from '../report/check.ts'
import type { Suite } from '../report/junit.ts'
import { breakWords, escaped, glued, pageOf, unglued } from '../report/plain-text.ts'
import type { RenderOptions } from '../report/reporter.ts'
import { drawnTable } from '../report/table.ts'
import { printable } from '../text.ts'

/** How one technique did in one scenario. */
export interface GateRow {
  readonly scenario: string
  /** Of the scenario; null where it is not known. */
  readonly file: string | null
  readonly transport: string
  /** `regressed`, `missed`, `invalid` … or the best that can be said: `unchanged`, `kept`. */
  readonly verdict: string
  readonly outcome: Check['outcome']
  /** What decided, one line each; the others counted. */
  readonly lines: readonly string[]
}

/** A row for each scenario and technique, in the order in which they were measured. */
export function gateRows(suites: readonly Suite[]): readonly GateRow[] {
  return suites.flatMap(({ name, file, checks }) => {
    const transports = [...new Set(checks.map(({ transport }) => transport))]
    return transports.map((transport) => {
      const own = checks.filter((check) => check.transport === transport)
      const worst = gravestOf(own)
      return {
        scenario: name,
        file,
        transport,
        verdict: worst?.verdict ?? 'valid',
        outcome: worst?.outcome ?? 'passed',
        lines: [...own.filter(isTold).flatMap(linesOf), ...countLines(own)],
      }
    })
  })
}

/** The gravest of all rows, as one word. */
export function gateVerdict(rows: readonly GateRow[]): string {
  return [...rows].sort((a, b) => rankOf(a) - rankOf(b))[0]?.verdict ?? 'nothing measured'
}

/** One table, as wide as the terminal. */
export function gateTable(rows: readonly GateRow[], options: RenderOptions = {}): string {
  const width = Math.max(60, options.width ?? 120)
  const colors = createColors(options.color ?? false)
  const columnOf = (title: string, cell: (row: GateRow) => string): number =>
    Math.max(title.length, ...rows.map((row) => cell(row).length)) + 2
  const widths = [
    Math.min(
      24,
      columnOf('Scenario', ({ scenario }) => scenario),
    ),
    Math.min(
      24,
      columnOf('Technique', ({ transport }) => transport),
    ),
    columnOf('Verdict', ({ verdict }) => verdict),
  ]
  const rest = width - widths.reduce((sum, one) => sum + one, 0) - 5
  const head = ['Scenario', 'Technique', 'Verdict', 'What decided'].map(colors.bold)
  const colWidths = [...widths, Math.max(30, rest)]
  const fit = (text: string, columns: number): string =>
    breakWords(glued(printable(text)), columns - 2)
  const body = rows.map((row) => {
    const [first = 24, second = 24] = widths
    const paint = PAINT[row.outcome]
    return [
      fit(row.scenario, first),
      fit(row.transport, second),
      paint === null ? row.verdict : colors[paint](row.verdict),
      row.lines.map((line) => fit(line, Math.max(30, rest))).join('\n'),
    ]
  })
  return `${unglued(drawnTable({ head, colWidths }, body))}\n`
}

const PAINT = { passed: null, failed: 'red', errored: 'red', skipped: 'yellow' } as const

/** GitHub's Markdown, for the summary of a step. */
export function gateMarkdown(rows: readonly GateRow[], notes: readonly string[]): string {
  const body = rows.map(({ scenario, transport, verdict, outcome, lines }) => {
    const mark = outcome === 'failed' || outcome === 'errored' ? `**${verdict}**` : verdict
    return `| ${[scenario, transport].map(escaped).join(' | ')} | ${mark} | ${lines.map(escaped).join('<br>')} |`
  })
  const blocks = [
    [`## rtbench: ${gateVerdict(rows)}`],
    ['| Scenario | Technique | Verdict | What decided |', '| --- | --- | --- | --- |', ...body],
    notes.map((note) => `- ${escaped(note)}`),
  ]
  return `${pageOf(blocks)}\n`
}

/** The same of an invocation that failed before there was anything to show. */
export function failureMarkdown(message: string): string {
  return `${pageOf([['## rtbench: failed'], [escaped(message)]])}\n`
}

/** Verdicts, the gravest first. */
const RANK = [
  'not measured',
  'invalid',
  'partial',
  'regressed',
  'missed',
  'cannot tell',
  'accepted',
  'improved',
  'late',
  'suspect',
  'unchanged',
  'kept',
  'not judged',
  'valid',
]

/** They are told by their message, and not by their name. */
const EXPLAINED = ['late', 'suspect']

function rankOf({ verdict }: Pick<Check, 'verdict'>): number {
  const rank = RANK.indexOf(verdict)
  return rank === -1 ? RANK.length : rank
}

function gravestOf(checks: readonly Check[]): Check | undefined {
  return [...checks].sort((a, b) => rankOf(a) - rankOf(b))[0]
}

/** No failures, and yet news. */
const TOLD = ['accepted', 'improved']

/** Worth a line of its own. */
function isTold({ outcome, verdict }: Check): boolean {
  return outcome === 'failed' || outcome === 'errored' || TOLD.includes(verdict)
}

function linesOf({ kind, name, verdict, message, lines }: Check): readonly string[] {
  return kind === 'comparison' ? [`${name} ${verdict}: ${message}`] : (lines ?? [message])
}

/** `7 unchanged: Lost, …`; of what is unchanged by an interval, each with that. */
function countLines(checks: readonly Check[]): string[] {
  const explained = checks.filter(
    (check) => EXPLAINED.includes(check.verdict) || check.name === 'times',
  )
  const rest = checks.filter(
    (check) => check.kind !== 'validity' && !isTold(check) && !explained.includes(check),
  )
  const verdicts = [...new Set(rest.map(({ verdict }) => verdict))]
  return [
    ...verdicts.flatMap((verdict) => {
      const own = rest.filter((check) => check.verdict === verdict)
      const sure = own.filter(({ hasInterval }) => hasInterval)
      const names = own.filter((check) => !sure.includes(check)).map(({ name }) => name)
      return [
        ...sure.map(({ name, message }) => `${name} ${verdict}: ${message}`),
        ...(names.length === 0 ? [] : [`${names.length} ${verdict}: ${names.join(', ')}`]),
      ]
    }),
    ...explained.map(({ message }) => message),
  ]
}

/**
 * Annotations as GitHub Actions reads them from a step's output, for every row that asks for
 * attention: `::error file=…,title=…::message`.
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
  if (['late', 'suspect', 'cannot tell'].includes(verdict)) return 'warning'
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
