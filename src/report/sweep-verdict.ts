import type { Result, Run } from '../result/document.ts'
import type { Sweep } from '../result/sweep.ts'
import type { Column } from './comparison.ts'
import { type Cost, costs } from './cost.ts'
import { type Crossing, type CurvePoint, crossoverOf } from './crossover.ts'
import { absent, faultsOf } from './fault.ts'
import { formatPoint, pointNoun } from './point.ts'
import { formatCount } from './quantity.ts'
import { sweptColumns } from './trade-off.ts'

type SweepResult = Result & { readonly sweep: Sweep }

/** One transport over the values of a sweep. */
interface Series {
  readonly label: string
  /** It gets events by requests, some of them in vain. */
  readonly asks: boolean
  readonly columns: readonly Column[]
}

/**
 * What a sweep tells in sentences: who depends on the swept key, and where the costs of a technique
 * that asks and of one that is told cross. Values that were not measured soundly are left out.
 */
export function sweepVerdict(result: SweepResult): string[] {
  const columns = sweptColumns(result)
  const faults = [
    ...columns.flatMap((column) => faultsOf(column, result.scenario.rate === 0)),
    ...absent(result),
  ]
  const sound = columns.filter((column) => faultsOf(column, true).length === 0)
  const series = seriesOf(sound)
  const askers = series.filter(({ asks }) => asks)
  const told = series.filter(({ asks }) => !asks)
  const lines = askers.flatMap((asker) =>
    told.flatMap((other) => costs.map((cost) => crossoverLine(other, asker, cost, result.sweep))),
  )
  return [
    ...(faults.length > 0 ? [`Left out of what follows: ${faults.join('; ')}.`] : []),
    ...flatLine(columns, result.sweep),
    ...lines,
  ]
}

/** Whom the swept key does not concern, and how they stand in the table. */
function flatLine(columns: readonly Column[], sweep: Sweep): string[] {
  const flat = columns.filter(({ point }) => point === null).map(({ run }) => run.technique.label)
  if (flat.length === 0) return []
  const [subject, verb] = flat.length === 1 ? ['it was', 'does'] : ['each was', 'do']
  return [
    `${listed(flat)} ${verb} not depend on the ${pointNoun(sweep)}: ${subject} measured once a repetition, and counts for every value.`,
  ]
}

function seriesOf(columns: readonly Column[]): readonly Series[] {
  const byTransport = new Map<string, Column[]>()
  for (const column of columns) {
    const { transport } = column.run
    byTransport.set(transport, [...(byTransport.get(transport) ?? []), column])
  }
  return [...byTransport.values()].flatMap((own) => {
    const [first] = own
    if (first === undefined) return []
    const { label } = first.run.technique
    return [{ label, asks: first.run.exchanges.emptyRatio !== null, columns: own }]
  })
}

/** `Bytes: Server-Sent Events costs less than Short polling below 4.2/s …` */
function crossoverLine(one: Series, other: Series, cost: Cost, sweep: Sweep): string {
  const shown = (value: number): string => formatPoint(sweep, value)
  const pair = (pick: (column: Column) => Run | undefined) =>
    crossoverOf(curveOf(one, cost, sweep, pick), curveOf(other, cost, sweep, pick))
  const { crossings, range, lowerFirst } = pair(({ run }) => run)
  const subject = `${cost.label}, ${one.label} and ${other.label}`
  if (range === null) return `${subject}: measured together at fewer than two values above 0.`
  const within = `${shown(range[0])} to ${shown(range[1])}`
  const repetitions = pairsOf(one, other).map((repetition) =>
    pair(({ runs }) => runs.find((run) => run.repetition === repetition)),
  )
  const [first, ...more] = crossings
  if (first === undefined) {
    const unsure = repetitions.filter((repetition) => repetition.crossings.length > 0).length
    const doubt = unsure > 0 ? `; in ${unsure} of ${repetitions.length} repetitions they cross` : ''
    if (lowerFirst === null) return `${subject}: the same at every value, ${within}${doubt}.`
    const [less, than] = lowerFirst === 'one' ? [one, other] : [other, one]
    return `${cost.label}: ${less.label} costs less than ${than.label} at every value measured, ${within}${doubt}.`
  }
  const [less, than] = first.lowerBefore === 'one' ? [one, other] : [other, one]
  const spread = (crossing: Crossing, index: number): string => {
    const [from, to] = crossing.between
    return `${shown(crossing.x)} (measured at ${shown(from)} and ${shown(to)}${spreadOf(
      repetitions.map((repetition) => repetition.crossings),
      crossings.length,
      index,
      shown,
    )})`
  }
  const turns = more.map((crossing, index) => {
    const cheaper = crossing.lowerBefore === 'one' ? other : one
    return `; above ${spread(crossing, index + 1)} ${cheaper.label} again`
  })
  return `${cost.label}: ${less.label} costs less than ${than.label} below ${spread(first, 0)}, and more above${turns.join('')}.`
}

/** `; 3.9/s to 4.6/s over 5 repetitions`; nothing of a single one. */
function spreadOf(
  repetitions: readonly (readonly Crossing[])[],
  wanted: number,
  index: number,
  shown: (value: number) => string,
): string {
  if (repetitions.length < 2) return ''
  const alike = repetitions.filter(({ length }) => length === wanted)
  const places = alike.flatMap((crossings) => crossings[index]?.x ?? [])
  const count =
    alike.length === repetitions.length
      ? `${formatCount(alike.length)} repetitions`
      : `${formatCount(alike.length)} of ${formatCount(repetitions.length)} repetitions, and not in the others`
  if (places.length === 0)
    return `; in none of ${formatCount(repetitions.length)} repetitions alone`
  return `; ${shown(Math.min(...places))} to ${shown(Math.max(...places))} over ${count}`
}

/** The curve of a cost; where the key does not concern the transport, the same at every value. */
function curveOf(
  { columns }: Series,
  cost: Cost,
  { values }: Sweep,
  pick: (column: Column) => Run | undefined,
): readonly CurvePoint[] {
  return columns.flatMap((column) => {
    const run = pick(column)
    const y = run === undefined ? null : cost.figure(run)
    if (y === null) return []
    return (column.point === null ? values : [column.point]).map((x) => ({ x, y }))
  })
}

/** Repetitions that both have at every value of theirs. */
function pairsOf(one: Series, other: Series): readonly number[] {
  const columns = [...one.columns, ...other.columns]
  const numbers = new Set(columns.flatMap(({ runs }) => runs.map(({ repetition }) => repetition)))
  return [...numbers].filter((repetition) =>
    columns.every(({ runs }) => runs.some((run) => run.repetition === repetition)),
  )
}

function listed(labels: readonly string[]): string {
  return labels.length < 2
    ? labels.join('')
    : `${labels.slice(0, -1).join(', ')} and ${labels.at(-1)}`
}
