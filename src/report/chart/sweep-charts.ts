import { amountOf, figureOf } from '../../figures/catalogue.ts'
import type { Run, SweepResult } from '../../result/document.ts'
import type { Sweep } from '../../result/sweep.ts'
import { crossoverOf } from '../crossover.ts'
import { costs, curveOf, rivalsOf, type Swept, sweptColumns, sweptOf, valuesOf } from '../swept.ts'
import { leftOutWord } from '../warning.ts'
import { capitalised, formatPoint, pointNoun } from '../wording.ts'
import {
  joined,
  type LineChart,
  type Marker,
  type Point,
  type Quantity,
  scaleFor,
} from './line-chart.ts'

interface Trace {
  readonly title: string
  readonly quantity: Quantity
  figure(run: Run): number | null
  /** Where lines of it cross, one costs as much as the other. */
  readonly crosses?: true
}

function gain(path: string, quantity: Quantity, title = figureOf(path).label ?? path): Trace {
  const figure = figureOf(path)
  return { title, quantity, figure: (run) => amountOf(run, figure) }
}

const TRACES: readonly Trace[] = [
  gain('latency.p50Us', 'microseconds'),
  gain('latency.p99Us', 'microseconds'),
  gain('exchanges.requestsPerClientPerDay', 'count'),
  gain('throughput.bytesPerSecond', 'bytes', 'Bytes received per second'),
  ...costs.map(({ heading, unit, figure }) => ({
    title: heading,
    quantity: unit,
    figure,
    crosses: true as const,
  })),
]

const QUANTITIES: Readonly<Record<Sweep['unit'], Quantity>> = {
  clients: 'count',
  channels: 'count',
  'events/s': 'count',
  bytes: 'bytes',
  ms: 'milliseconds',
  instances: 'count',
}

/** What a sweep trades for what: each figure over the swept value, by the hues of the transports. */
export function sweepCharts(
  result: SweepResult,
  hues: ReadonlyMap<string, number>,
): readonly LineChart[] {
  const all = sweptOf(sweptColumns(result))
  return TRACES.flatMap(({ title, quantity, figure, crosses = false }) => {
    const lines = all.flatMap((one) => {
      const { transport, label, mark } = one
      const points = pointsOf(one, result.sweep, figure)
      return points.some(({ y }) => y !== null)
        ? [
            {
              label,
              hue: hues.get(transport) ?? 0,
              points,
              ...(mark === undefined ? {} : { mark }),
            },
          ]
        : []
    })
    if (lines.length === 0) return []
    const { xs, series } = joined(lines)
    const markers = crosses ? crossings(all, result.sweep, figure) : []
    const figures = series.flatMap(({ ys }) => ys)
    // Where lines are said to cross they are powers of the value, which are straight on such axes.
    const scale = markers.length > 0 ? scaleOfPowers(figures) : scaleFor(figures)
    const x = xAxis(result.sweep, xs, markers.length > 0)
    return [{ title, x, y: { label: title, quantity, scale }, xs, series, markers, dots: true }]
  })
}

function pointsOf({ columns }: Swept, sweep: Sweep, figure: Trace['figure']): Point[] {
  return columns.flatMap((column) => {
    const [y, leftOut] = [figure(column.run), leftOutWord(column)]
    return valuesOf(column, sweep).map((x) => ({ x, y, leftOut }))
  })
}

/** Logarithmic where all can be. */
function scaleOfPowers(figures: readonly (number | null)[]): LineChart['y']['scale'] {
  return figures.every((figure) => figure === null || figure > 0) ? 'log' : 'linear'
}

/** Logarithmic where the values span a power of ten, or where lines cross. */
function xAxis(sweep: Sweep, xs: readonly number[], crosses: boolean): LineChart['x'] {
  const [first = 0, last = 0] = [xs[0], xs.at(-1)]
  return {
    label: capitalised(pointNoun(sweep)),
    quantity: QUANTITIES[sweep.unit],
    scale: first > 0 && (crosses || last >= 10 * first) ? 'log' : 'linear',
  }
}

/** Where what is asked for and what is told cost the same, by what was measured soundly. */
function crossings(all: readonly Swept[], sweep: Sweep, figure: Trace['figure']): Marker[] {
  const sound = all.map((one) => ({
    ...one,
    columns: one.columns.filter((column) => leftOutWord(column) === null),
  }))
  return rivalsOf(sound).flatMap((pair) => {
    const [told, asker] = pair.map((one) => curveOf(one, sweep, ({ run }) => figure(run)))
    const { crossings } = crossoverOf(told ?? [], asker ?? [])
    return crossings.map(({ x }) => ({ x, label: `equal at ${formatPoint(sweep, x)}` }))
  })
}
