import { lowerOf } from '../compare/metric.ts'
import { amountOf } from '../figures/catalogue.ts'
import { grouped } from '../grouped.ts'
import type { Result, Run } from '../result/document.ts'
import { counts, repetitionsOf, shownRuns } from '../result/repetitions.ts'
import { scenarioAt, sweptName } from '../scenario/sweep.ts'
import { latencySlackUs, mayTie, missing } from './quantity.ts'
import { rows as allRows, type Cell, chapterOf, type Row } from './row.ts'

/** The table that all reports show, as text in cells. */
export interface Comparison {
  readonly columns: readonly Column[]
  readonly rows: readonly ComparisonRow[]
}

/** One transport of a result, at one value of a sweep. */
export interface Column {
  /** `Short polling`, in a sweep `Short polling at interval=500ms`. */
  readonly label: string
  /** Null outside a sweep, and where the swept key does not concern the transport. */
  readonly point: number | null
  /** The run that is shown: of those that count, or of all where none does, the one with the median p50. */
  readonly run: Run
  /** All its repetitions, in the order in which they ran. */
  readonly runs: readonly Run[]
  /** Which of several it is, and of how many that count: `run 2, median of 3`. */
  readonly pick: string | null
}

interface ComparisonRow extends Pick<Row, 'label' | 'definition'> {
  readonly chapter: string
  readonly cells: readonly string[]
  /** What is in them on the first screen; null where the row is not there. */
  readonly first: readonly string[] | null
  /** Indices of the cells that beat others; empty where nothing does or a run is not sound. */
  readonly best: readonly number[]
}

/** What stands above a column: its label, and which run it is where it has several. */
export function headOf({ label, pick }: Column): string {
  return pick === null ? label : `${label} (${pick})`
}

/** That all reached everybody goes without saying on the first screen. */
function isUsual({ figure }: Row, columns: readonly Column[]): boolean {
  return figure?.path === 'delivery.reach' && columns.every(({ run }) => run.delivery.reach === 1)
}

/** Builds the comparison of a result's transports, in the order in which they ran. */
export function compareTransports(result: Result): Comparison {
  const columns = columnsOf(result)
  const sound = result.runs.every(mayWin)
  const rows = []
  for (const row of allRows) {
    const cellsBy = (cell: Cell): readonly string[] =>
      columns.map(({ run, runs, point }) =>
        cell(run, runs, scenarioAt(result.scenario, result.sweep, point)),
      )
    const cells = cellsBy(row.cell)
    if (row.optional && cells.every((cell) => cell === missing)) continue
    const best = sound ? bestOf(row, columns) : []
    const first = row.first === undefined || isUsual(row, columns) ? null : cellsBy(row.first)
    rows.push({ ...row, chapter: chapterOf(row), cells, first, best })
  }
  return { columns, rows }
}

/** A run that may win: what was lost or not measured cannot be slow. */
function mayWin(run: Run): boolean {
  return counts(run) && run.validity.verdict === 'valid' && run.delivery.lost === 0
}

/** A result's transports, in a sweep each by its values. Repetitions are not averaged: percentiles have no average. */
export function columnsOf({ runs, sweep }: Pick<Result, 'runs' | 'sweep'>): Column[] {
  const groups = repetitionsOf(runs)
  // They run in an order drawn for each repetition, which tells a reader nothing.
  const byValue = [...grouped(groups, ({ transport }) => transport).values()].flatMap((own) =>
    [...own].sort((one, other) => (one.point ?? 0) - (other.point ?? 0)),
  )
  return byValue.map(({ label, point, runs }) => {
    const counted = runs.filter(counts)
    const run = medianRun(shownRuns(runs)) ?? runs[0]
    const pick = pickOf(run, counted.length, runs.length)
    return { label: sweptName(label, sweep, point), point, run, runs, pick }
  })
}

function pickOf({ repetition }: Run, counted: number, all: number): string | null {
  if (all === 1) return null
  if (counted === 0) return `run ${repetition}, none of ${all} counts`
  if (counted === 1) return `run ${repetition}, 1 of ${all} counts`
  return `run ${repetition}, median of ${counted === all ? all : `${counted} of ${all}`}`
}

/** Of an even number the faster of the two in the middle; runs without deliveries come last. */
function medianRun(runs: readonly Run[]): Run | undefined {
  const p50 = (run: Run): number => run.latency.p50Us ?? Number.MAX_VALUE
  const sorted = [...runs].sort((one, other) => p50(one) - p50(other))
  return sorted[Math.floor((sorted.length - 1) / 2)]
}

function bestOf({ figure }: Row, columns: readonly Column[]): number[] {
  if (figure?.better === undefined) return []
  const lower = lowerOf(figure)
  const spans = columns.map(({ run }) => {
    const upper = amountOf(run, figure)
    return upper === null ? null : { lower: lower?.(run) ?? upper, upper }
  })
  const known = spans.filter((span) => span !== null)
  const [best] = known.sort((one, other) =>
    figure.better === 'lower' ? one.upper - other.upper : other.upper - one.upper,
  )
  if (best === undefined) return []
  const slack = lower === null ? 0 : latencySlackUs
  const winners = spans.flatMap((span, index) =>
    span !== null && mayTie(span, best, slack) ? [index] : [],
  )
  // Where all are equal, nothing is best.
  return winners.length < known.length ? winners : []
}
