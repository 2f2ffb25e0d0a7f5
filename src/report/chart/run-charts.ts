import { type PercentileCurve, percentileCurve } from '../../measure/histogram.ts'
import type { Run, TimelineEntry } from '../../result/document.ts'
import { shownRuns } from '../../result/repetitions.ts'
import type { Column } from '../comparison.ts'
import {
  joined,
  type LineChart,
  type Marker,
  type Point,
  type Quantity,
  type Series,
  scaleFor,
} from './line-chart.ts'

/** The mark of a line whose figures show the instrument, not the technique: where one of its runs counts, it has none. */
export function markOf(runs: readonly Run[]): { readonly mark?: 'invalid' } {
  return runs.length > 0 && runs.every(({ validity }) => validity.verdict === 'invalid')
    ? { mark: 'invalid' }
    : {}
}

/** A column of the comparison, and a line in every chart. */
export interface Line extends Column {
  readonly hue: number
}

/**
 * Latency over percentiles, each further nine as wide as the one before; below a line lies what may be
 * the instrument's own. Samples of repetitions that count are added up; null where there is none.
 */
export function percentileChart(
  curves: readonly Pick<Line, 'label' | 'hue' | 'runs'>[],
  title: string,
): LineChart | null {
  const lines = curves.flatMap(({ label, hue, runs }) => {
    const shown = shownRuns(runs)
    const curve = readableCurve(
      shown.map(({ latency }) => latency.histogram),
      eventsOf(shown),
    )
    if (curve === null) return []
    const lows = lowerBoundOf(shown)
    const points = curve.points.map(({ nines, us }) => {
      const low = lows.get(nines)
      return { x: nines, y: us, ...(low === undefined ? {} : { low: Math.min(low, us) }) }
    })
    return [{ label, hue, points, soundTo: curve.soundNines, ...markOf(runs) }]
  })
  if (lines.length === 0) return null
  const { xs, series: whole } = joined(lines)
  const series = withinDecade(whole)
  const scale = scaleFor(series.flatMap(({ ys }) => ys))
  return {
    title,
    x: { label: 'Percentile of deliveries', quantity: 'nines', scale: 'linear' },
    y: { label: 'Push latency', quantity: 'microseconds', scale },
    xs,
    series,
  }
}

/** A bound of nothing would take the whole of a logarithmic axis: a band ends a decade below the least observed. */
function withinDecade(series: readonly Series[]): readonly Series[] {
  const observed = series.flatMap(({ ys }) => ys.filter((y) => y !== null && y > 0)).map(Number)
  const least = Math.min(...observed) / 10
  return series.map(({ lows, ...one }) =>
    lows === undefined
      ? one
      : { ...one, lows: lows.map((low) => (low === null ? null : Math.max(low, least))) },
  )
}

/** By the percentile; empty where a run does not have it. */
function lowerBoundOf(runs: readonly Run[]): ReadonlyMap<number, number> {
  const histograms = runs.flatMap(({ latencyLowerBound }) => latencyLowerBound?.histogram ?? [])
  const curve = histograms.length < runs.length ? null : readableCurve(histograms, eventsOf(runs))
  return new Map(curve?.points.map(({ nines, us }) => [nines, us]))
}

/** Of repetitions they add up, as their deliveries do; older results do not tell of them. */
function eventsOf(runs: readonly Run[]): number {
  return runs.reduce((sum, { sampling, latency }) => sum + (sampling?.events ?? latency.count), 0)
}

/** Null also where a histogram of another tool cannot be read: the figures beside it still can. */
function readableCurve(histograms: readonly string[], events: number): PercentileCurve | null {
  try {
    return percentileCurve(histograms, events)
  } catch {
    return null
  }
}

interface Trace {
  readonly title: string
  readonly quantity: Quantity
  readonly key: Exclude<keyof TimelineEntry, 'second' | 'disruptions'>
}

const TRACES: readonly Trace[] = [
  { title: 'Deliveries per second', quantity: 'count', key: 'deliveries' },
  { title: 'Push latency p50', quantity: 'microseconds', key: 'p50Us' },
  { title: 'Push latency p99', quantity: 'microseconds', key: 'p99Us' },
  { title: 'Connections held', quantity: 'count', key: 'held' },
  { title: 'Server CPU, of one core', quantity: 'share', key: 'serverCpuUtilisation' },
  { title: 'Generator CPU, of one core', quantity: 'share', key: 'generatorCpuUtilisation' },
]

/**
 * The charts of what happened in each second, with as many points a line at most, those without any
 * figure left out; and the seconds that a point stands for.
 */
export function timelineCharts(
  subjects: readonly Pick<Line, 'label' | 'hue' | 'run'>[],
  mostPoints: number,
): { readonly charts: readonly LineChart[]; readonly secondsPerPoint: number } {
  const longest = Math.max(0, ...subjects.map(({ run }) => run.timeline.length))
  const secondsPerPoint = Math.max(1, Math.ceil(longest / mostPoints))
  const markers = markersOf(subjects.map(({ run }) => run))
  const marked = markers.length === 0 ? {} : { markers }
  const charts = TRACES.flatMap((trace) => {
    const lines = subjects.flatMap(({ label, hue, run }) => {
      const points = pointsOf(run.timeline, trace, secondsPerPoint)
      return points.some(({ y }) => y !== null) ? [{ label, hue, points, ...markOf([run]) }] : []
    })
    return lines.length > 0 ? [{ ...chartOf(trace, joined(lines)), ...marked }] : []
  })
  return { charts, secondsPerPoint }
}

/** Where disruptions began, each once: those of several techniques are at the same time. */
function markersOf(runs: readonly Run[]): readonly Marker[] {
  const first = new Map<string, number>()
  for (const { what, fromMs } of runs.flatMap(({ disruptions = [] }) => disruptions)) {
    if (fromMs !== null && !first.has(what)) first.set(what, fromMs / 1e3)
  }
  return [...first].map(([label, x]) => ({ x, label }))
}

function chartOf(
  { title, quantity }: Trace,
  { xs, series }: Pick<LineChart, 'xs' | 'series'>,
): LineChart {
  const figures = series.flatMap(({ ys }) => ys)
  const scale = quantity === 'microseconds' ? scaleFor(figures) : 'linear'
  return {
    title,
    x: { label: 'Time in the window', quantity: 'seconds', scale: 'linear', from: 0 },
    y: { label: title, quantity, scale },
    xs,
    series,
  }
}

function pointsOf(timeline: readonly TimelineEntry[], trace: Trace, each: number): Point[] {
  const points = []
  for (let first = 0; first < timeline.length; first += each) {
    const entries = timeline.slice(first, first + each)
    const figures = entries.map((entry) => entry[trace.key]).filter((value) => value != null)
    // A second is over where its point stands, so that a window of three seconds ends at 3 s.
    const last = timeline[first + entries.length - 1]?.second ?? first
    points.push({ x: last + 1, y: merged(figures, trace) })
  }
  return points
}

/** What stands for several seconds: percentiles have no mean, so of them the greatest does. */
function merged(figures: readonly number[], { quantity }: Trace): number | null {
  if (figures.length === 0) return null
  if (quantity === 'microseconds') return Math.max(...figures)
  return figures.reduce((sum, one) => sum + one, 0) / figures.length
}
