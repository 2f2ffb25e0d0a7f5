import { grouped } from '../grouped.ts'
import type { Run, SweepResult } from '../result/document.ts'
import type { Sweep } from '../result/sweep.ts'
import type { Column } from './comparison.ts'
import { type Crossing, type Crossover, crossoverOf } from './crossover.ts'
import { type Cost, costs, curveOf, rivalsOf, type Swept, sweptColumns, sweptOf } from './swept.ts'
import { absent, faultsOf, leftOutWord, NO_RUN } from './warning.ts'
import { formatPoint, listed, pointNoun } from './wording.ts'

/** What a sweep tells: whom the swept key does not concern, and where costs cross, by what was measured soundly. */
export function sweepVerdict(result: SweepResult): string[] {
  const columns = sweptColumns(result)
  if (columns.length === 0) return [NO_RUN]
  const faults = [
    ...columns.flatMap((column) => {
      const ofColumn = result.sweep.key === 'rate' ? column.point : result.scenario.rate
      return faultsOf(column, ofColumn === 0)
    }),
    ...absent(result),
  ]
  const sound = columns.filter((column) => leftOutWord(column) === null)
  return [
    ...(faults.length > 0 ? [`Left out of what follows: ${faults.join('; ')}.`] : []),
    ...flatLine(columns, result.sweep),
    ...rivalsOf(sweptOf(sound))
      .filter((pair) => pair.some(isSwept))
      .flatMap(([told, asker]) =>
        costs.map((cost) => crossoverLine(told, asker, cost, result.sweep)),
      ),
  ]
}

/** The swept key concerns it: of two that it does not concern there is nothing to tell. */
function isSwept({ columns }: Swept): boolean {
  return columns.some(({ point }) => point !== null)
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

/** `Bytes: Server-Sent Events costs less than Short polling below 4.2/s …` */
function crossoverLine(one: Swept, other: Swept, cost: Cost, sweep: Sweep): string {
  const shown = (value: number): string => formatPoint(sweep, value)
  const repetitions = crossoversOf(one, other, cost, sweep)
  const alike = mostAlike(repetitions)
  const [example] = alike
  if (example === undefined || example.range === null) {
    return `${cost.label}, ${one.label} and ${other.label}: measured together at fewer than two values above 0.`
  }
  const { range, lowerFirst, crossings } = example
  const within = `${shown(range[0])} to ${shown(range[1])}`
  const disagreeing = repetitions.length - alike.length
  if (lowerFirst === null) {
    return `${cost.label}: ${one.label} and ${other.label} cost the same at every value measured, ${within}.`
  }
  const [less, than] = lowerFirst === 'one' ? [one, other] : [other, one]
  const subject = `${cost.label}: ${less.label} costs less than ${than.label}`
  if (crossings.length === 0) {
    const doubt =
      disagreeing > 0 ? `; not so in ${disagreeing} of ${repetitions.length} repetitions` : ''
    return `${subject} at every value measured, ${within}${doubt}.`
  }
  const [first = '', ...more] = crossings.map((_, index) => {
    const places = alike.flatMap((crossover) => crossover.crossings[index] ?? [])
    return placeOf(places, repetitions.length, shown)
  })
  const turns = more.map(
    (place, index) => `; above ${place} ${(index % 2 === 0 ? less : than).label} again`,
  )
  return `${subject} below ${first}, and more above${turns.join('')}.`
}

/**
 * How the costs cross in each repetition: its runs have one schedule, so that they differ by the
 * technique alone. Where none has both at every value, by the runs that are shown.
 */
function crossoversOf(one: Swept, other: Swept, cost: Cost, sweep: Sweep): readonly Crossover[] {
  const pair = (pick: (column: Column) => Run | undefined): Crossover => {
    const figure = (column: Column): number | null => {
      const run = pick(column)
      return run === undefined ? null : cost.figure(run)
    }
    return crossoverOf(curveOf(one, sweep, figure), curveOf(other, sweep, figure))
  }
  const numbers = sharedRepetitions(one, other)
  if (numbers.length === 0) return [pair(({ run }) => run)]
  return numbers.map((repetition) =>
    pair(({ runs }) => runs.find((run) => run.repetition === repetition)),
  )
}

/** Those that cross as often and in the same direction as most do. */
function mostAlike(repetitions: readonly Crossover[]): readonly Crossover[] {
  const byShape = grouped(
    repetitions,
    ({ lowerFirst, crossings }) => `${lowerFirst} ${crossings.length}`,
  )
  const groups = [...byShape.values()].sort((a, b) => b.length - a.length)
  return groups[0] ?? []
}

/** `4.2/s (measured at 3/s and 10/s; 3.9/s to 4.6/s over 5 repetitions)`, the median before. */
function placeOf(
  places: readonly Crossing[],
  repetitions: number,
  shown: (value: number) => string,
): string {
  const sorted = [...places].sort((a, b) => a.x - b.x)
  const middle = sorted[Math.floor((sorted.length - 1) / 2)]
  if (middle === undefined) return ''
  const [least = middle, greatest = middle] = [sorted[0], sorted.at(-1)]
  const count = places.length < repetitions ? `${places.length} of ${repetitions}` : repetitions
  const spread =
    repetitions < 2 ? '' : `; ${shown(least.x)} to ${shown(greatest.x)} over ${count} repetitions`
  const [from, to] = middle.between
  return `${shown(middle.x)} (measured at ${shown(from)} and ${shown(to)}${spread})`
}

/** Repetitions that both have at every value of theirs. */
function sharedRepetitions(one: Swept, other: Swept): readonly number[] {
  const columns = [...one.columns, ...other.columns]
  const numbers = new Set(columns.flatMap(({ runs }) => runs.map(({ repetition }) => repetition)))
  return [...numbers].filter((repetition) =>
    columns.every(({ runs }) => runs.some((run) => run.repetition === repetition)),
  )
}
