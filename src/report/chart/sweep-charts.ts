import type { Run, SweepResult } from '../../result/document.ts'
import type { Sweep } from '../../result/sweep.ts'
import type { Column } from '../comparison.ts'
import { type Cost, costs } from '../cost.ts'
import { crossoverOf } from '../crossover.ts'
import { sweptColumns } from '../trade-off.ts'
import { leftOutWord } from '../warning.ts'
import { formatPoint, pointNoun } from '../wording.ts'
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

const GAINS: readonly Trace[] = [
  { title: 'Push latency p50', quantity: 'microseconds', figure: ({ latency }) => latency.p50Us },
  { title: 'Push latency p99', quantity: 'microseconds', figure: ({ latency }) => latency.p99Us },
  {
    title: 'Requests per client and day',
    quantity: 'count',
    figure: ({ exchanges }) => exchanges.requestsPerClientPerDay,
  },
  {
    title: 'Bytes received per second',
    quantity: 'bytes',
    figure: ({ throughput }) => throughput.bytesPerSecond,
  },
]

const QUANTITIES: Readonly<Record<Sweep['unit'], Quantity>> = {
  clients: 'count',
  channels: 'count',
  'events/s': 'count',
  bytes: 'bytes',
  ms: 'milliseconds',
}

/** A transport's columns, by value. */
export interface Swept {
  readonly transport: string
  readonly label: string
  /** It gets events by requests, some of them in vain. */
  readonly asks: boolean
  /** In a word why it is left out at every value. */
  readonly mark?: string
  readonly columns: readonly Column[]
}

/**
 * What a sweep trades for what: each figure over the swept value. What the key does not concern has
 * one figure for all values, and is a level line.
 * @param hueOf of a transport
 */
export function sweepCharts(
  result: SweepResult,
  hueOf: (transport: string) => number,
): readonly LineChart[] {
  const all = sweptOf(sweptColumns(result))
  return [...GAINS, ...costs.map(traceOf)].flatMap((trace) => {
    const lines = all.flatMap(({ transport, label, mark, columns }) => {
      const points = pointsOf(columns, result.sweep, trace.figure)
      return points.some(({ y }) => y !== null)
        ? [{ label, hue: hueOf(transport), points, ...(mark === undefined ? {} : { mark }) }]
        : []
    })
    if (lines.length === 0) return []
    const { xs, series } = joined(lines)
    const markers = trace.crosses ? crossings(all, result.sweep, trace.figure) : []
    const figures = series.flatMap(({ ys }) => ys)
    // Where lines are said to cross they are powers of the value, which are straight on such axes.
    const scale = markers.length > 0 ? scaleOfPowers(figures) : scaleFor(figures)
    const y = { label: trace.title, quantity: trace.quantity, scale }
    return [
      {
        title: trace.title,
        x: xAxis(result.sweep, xs, markers.length > 0),
        y,
        xs,
        series,
        markers,
        dots: true,
      },
    ]
  })
}

function traceOf({ heading, figure, unit }: Cost): Trace {
  return { title: heading, quantity: unit, figure, crosses: true }
}

/** Each transport of a sweep's columns. */
export function sweptOf(columns: readonly Column[]): readonly Swept[] {
  const transports = [...new Set(columns.map(({ run }) => run.transport))]
  return transports.map((transport) => {
    const own = columns.filter(({ run }) => run.transport === transport)
    const first = own[0]?.run
    const words = own.map(leftOutWord)
    const mark = words.includes(null) ? undefined : (words[0] ?? undefined)
    return {
      transport,
      label: first?.technique.label ?? transport,
      asks: first?.exchanges.emptyRatio !== null,
      ...(mark === undefined ? {} : { mark }),
      columns: own,
    }
  })
}

function pointsOf(columns: readonly Column[], { values }: Sweep, figure: Trace['figure']): Point[] {
  return columns.flatMap((column) => {
    const { point, run } = column
    const leftOut = leftOutWord(column)
    return (point === null ? values : [point]).map((x) => ({ x, y: figure(run), leftOut }))
  })
}

/** Logarithmic where all can be. */
function scaleOfPowers(figures: readonly (number | null)[]): LineChart['y']['scale'] {
  return figures.every((figure) => figure === null || figure > 0) ? 'log' : 'linear'
}

/** Logarithmic where the values span a power of ten, or where lines cross. */
function xAxis(sweep: Sweep, xs: readonly number[], crosses: boolean): LineChart['x'] {
  const [first = 0, last = 0] = [xs[0], xs.at(-1)]
  const noun = pointNoun(sweep)
  return {
    label: noun.charAt(0).toUpperCase() + noun.slice(1),
    quantity: QUANTITIES[sweep.unit],
    scale: first > 0 && (crosses || last >= 10 * first) ? 'log' : 'linear',
  }
}

/** Where what is asked for and what is told cost the same, by what was measured soundly. */
function crossings(all: readonly Swept[], sweep: Sweep, figure: Trace['figure']): Marker[] {
  const curveOf = ({ columns }: Swept) =>
    pointsOf(columns, sweep, figure).flatMap(({ x, y }) => (y === null ? [] : [{ x, y }]))
  const sound = all.map((one) => ({
    ...one,
    columns: one.columns.filter((column) => leftOutWord(column) === null),
  }))
  const askers = sound.filter(({ asks }) => asks)
  const told = sound.filter(({ asks }) => !asks)
  return askers.flatMap((asker) =>
    told.flatMap((other) =>
      crossoverOf(curveOf(other), curveOf(asker)).crossings.map(({ x }) => ({
        x,
        label: `equal at ${formatPoint(sweep, x)}`,
      })),
    ),
  )
}
