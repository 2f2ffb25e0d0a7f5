import { figureOf } from '../figures/catalogue.ts'
import type { Run, SweepResult } from '../result/document.ts'
import { scenarioAt } from '../scenario/sweep.ts'
import { figureText, headingOf } from './figure.ts'
import type { Grid } from './plain-text.ts'
import { missing } from './quantity.ts'
import type { Cell } from './row.ts'
import { costs, costText, sweptColumns } from './swept.ts'
import { capitalised, formatPoint, pointNoun } from './wording.ts'

/** What a sweep is for: what each value gives, and what it costs. One row a transport and value. */
export interface TradeOff extends Grid {
  /** `heading: what it means`, of the columns that are not plain. */
  readonly definitions: readonly string[]
}

interface TradeOffColumn {
  readonly heading: string
  readonly definition?: string | undefined
  readonly cell: Cell
  /** A column that has nothing but this is left out. */
  readonly usual?: string
}

/** A figure of the catalogue. @param plain needs no definition */
function column(
  path: string,
  { heading, plain }: { heading?: string; plain?: true } = {},
): TradeOffColumn {
  const figure = figureOf(path)
  return {
    heading: heading ?? headingOf(figure),
    definition: plain ? undefined : figure.definition,
    cell: (run, _, scenario) => figureText(figure, run, scenario),
  }
}

const COLUMNS: readonly TradeOffColumn[] = [
  column('latency.p50Us', { plain: true }),
  column('latency.p99Us', { plain: true }),
  column('exchanges.requestsPerClientPerDay'),
  column('exchanges.emptyRatio', { heading: 'Empty' }),
  ...[...costs].reverse().map((cost) => ({ ...cost, cell: (run: Run) => costText(cost, run) })),
  column('clients.held.mean'),
  { ...column('delivery.lost', { plain: true }), usual: '0' },
  { heading: 'Validity', cell: validity, usual: 'valid' },
]

export function tradeOffOf(result: SweepResult): TradeOff {
  const { sweep, scenario } = result
  const figures = COLUMNS.filter(({ usual = missing, cell }) =>
    result.runs.some((run) => cell(run, [run], scenario) !== usual),
  )
  return {
    head: ['Technique', capitalised(pointNoun(sweep)), ...figures.map(({ heading }) => heading)],
    rows: sweptColumns(result).map(({ run, runs, point }) => [
      run.technique.label,
      point === null ? 'any' : formatPoint(sweep, point),
      ...figures.map(({ cell }) => cell(run, runs, scenarioAt(scenario, sweep, point))),
    ]),
    definitions: figures.flatMap(({ heading, definition }) =>
      definition === undefined ? [] : [`${heading}: ${definition}`],
    ),
  }
}

/** `valid`, or `valid (1 of 2 runs)`. */
function validity({ validity: { verdict } }: Run, runs: readonly Run[]): string {
  const same = runs.filter((run) => run.validity.verdict === verdict).length
  return same === runs.length ? verdict : `${verdict} (${same} of ${runs.length} runs)`
}
