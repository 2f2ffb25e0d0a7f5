import { type PercentileCurve, percentileCurve } from '../../measure/histogram.ts'
import type { Run } from '../../result/document.ts'
import { shownRuns } from '../../result/repetitions.ts'
import { joined, type LineChart, type Series, scaleFor } from './line-chart.ts'
import { markOf } from './mark.ts'

/** A line of a percentile chart. */
export interface Curve {
  readonly label: string
  readonly hue: number
  /** Whose samples are added up, of those that count: percentiles are never averaged. */
  readonly runs: readonly Run[]
}

/**
 * Latency over percentiles, as HdrHistogram's plot shows it: each further nine is as wide as the
 * one before. Between a line and its lower bound lies what may be the instrument's own. Null where no
 * run has a sample.
 */
export function percentileChart(curves: readonly Curve[], title: string): LineChart | null {
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
  const series = whole.map((one) => withinDecade(one, leastOf(whole)))
  return {
    title,
    x: { label: 'Percentile of deliveries', quantity: 'nines', scale: 'linear' },
    y: {
      label: 'Push latency',
      quantity: 'microseconds',
      scale: scaleFor(series.flatMap(({ ys }) => ys)),
    },
    xs,
    series,
  }
}

/** What was observed least, of all lines. */
function leastOf(series: readonly Series[]): number {
  const figures = series.flatMap(({ ys }) => ys)
  return Math.min(...figures.filter((y) => y !== null && y > 0).map(Number))
}

/** A bound of nothing would take the whole of a logarithmic axis: its band ends a decade below. */
function withinDecade(series: Series, least: number): Series {
  const { lows } = series
  if (lows === undefined) return series
  return { ...series, lows: lows.map((low) => (low === null ? null : Math.max(low, least / 10))) }
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
