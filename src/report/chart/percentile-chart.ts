import { type PercentileCurve, percentileCurve } from '../../measure/percentile-curve.ts'
import type { Run } from '../../result/document.ts'
import { shownRuns } from '../../result/repetitions.ts'
import { joined, type LineChart, scaleFor } from './line-chart.ts'
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
 * one before. Null where no run has a sample.
 */
export function percentileChart(curves: readonly Curve[], title: string): LineChart | null {
  const lines = curves.flatMap(({ label, hue, runs }) => {
    const curve = readableCurve(shownRuns(runs))
    if (curve === null) return []
    const points = curve.points.map(({ nines, us }) => ({ x: nines, y: us }))
    return [{ label, hue, points, soundTo: curve.soundNines, ...markOf(runs) }]
  })
  if (lines.length === 0) return null
  const { xs, series } = joined(lines)
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

/** Null also where a histogram of another tool cannot be read: the figures beside it still can. */
function readableCurve(runs: readonly Run[]): PercentileCurve | null {
  try {
    // Events of repetitions add up, as their deliveries do; older results do not tell of them.
    const events = runs.reduce(
      (sum, { sampling, latency }) => sum + (sampling?.events ?? latency.count),
      0,
    )
    const histograms = runs.map(({ latency }) => latency.histogram)
    return percentileCurve(histograms, events)
  } catch {
    return null
  }
}
