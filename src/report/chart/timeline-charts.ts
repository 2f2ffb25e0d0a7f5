import type { Run, TimelineEntry } from '../../result/document.ts'
import { joined, type LineChart, type Quantity, scaleFor } from './line-chart.ts'
import { markOf } from './mark.ts'

/** A line of the timeline: one run. */
export interface TimelineSubject {
  readonly label: string
  readonly hue: number
  readonly run: Run
}

/** A figure of every second. */
interface Trace {
  readonly title: string
  readonly quantity: Quantity
  /** What stands for several seconds: percentiles have no mean. */
  readonly merge: 'mean' | 'greatest'
  figure(entry: TimelineEntry): number | null
}

const TRACES: readonly Trace[] = [
  {
    title: 'Deliveries per second',
    quantity: 'count',
    merge: 'mean',
    figure: ({ deliveries }) => deliveries,
  },
  {
    title: 'Push latency p50',
    quantity: 'microseconds',
    merge: 'greatest',
    figure: ({ p50Us }) => p50Us,
  },
  {
    title: 'Push latency p99',
    quantity: 'microseconds',
    merge: 'greatest',
    figure: ({ p99Us }) => p99Us,
  },
  { title: 'Connections held', quantity: 'count', merge: 'mean', figure: ({ held }) => held },
  {
    title: 'Server CPU, of one core',
    quantity: 'share',
    merge: 'mean',
    figure: ({ serverCpuUtilisation }) => serverCpuUtilisation,
  },
  {
    title: 'Generator CPU, of one core',
    quantity: 'share',
    merge: 'mean',
    figure: ({ generatorCpuUtilisation }) => generatorCpuUtilisation,
  },
]

/** The charts of what happened in each second, those without any figure left out. */
export interface TimelineCharts {
  readonly charts: readonly LineChart[]
  /** Seconds that a point stands for: 1 unless the window is long. */
  readonly secondsPerPoint: number
}

/** @param mostPoints that a line may have */
export function timelineCharts(
  subjects: readonly TimelineSubject[],
  mostPoints: number,
): TimelineCharts {
  const longest = Math.max(0, ...subjects.map(({ run }) => run.timeline.length))
  const secondsPerPoint = Math.max(1, Math.ceil(longest / mostPoints))
  const charts = TRACES.flatMap((trace) => {
    const lines = subjects.flatMap(({ label, hue, run }) => {
      const points = pointsOf(run.timeline, trace, secondsPerPoint)
      return points.some(({ y }) => y !== null) ? [{ label, hue, points, ...markOf([run]) }] : []
    })
    return lines.length > 0 ? [chartOf(trace, joined(lines))] : []
  })
  return { charts, secondsPerPoint }
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

function pointsOf(
  timeline: readonly TimelineEntry[],
  { figure, merge }: Trace,
  each: number,
): { readonly x: number; readonly y: number | null }[] {
  const points = []
  for (let first = 0; first < timeline.length; first += each) {
    const entries = timeline.slice(first, first + each)
    const figures = entries.map(figure).filter((value) => value !== null)
    // A second is over where its point stands, so that a window of three seconds ends at 3 s.
    const last = timeline[first + entries.length - 1]?.second ?? first
    points.push({ x: last + 1, y: merged(figures, merge) })
  }
  return points
}

function merged(figures: readonly number[], by: Trace['merge']): number | null {
  if (figures.length === 0) return null
  if (by === 'greatest') return Math.max(...figures)
  return figures.reduce((sum, one) => sum + one, 0) / figures.length
}
