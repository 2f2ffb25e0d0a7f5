import type { Result, Run } from '../result/document.ts'
import { keeps, type Metric, parseThreshold } from '../scenario/threshold.ts'
import { isRefusal } from '../scenario/units.ts'

/** A threshold that a run did not keep. */
export interface Miss {
  /** As written: `p99<200ms`. */
  readonly threshold: string
  readonly metric: Metric
  readonly transport: string
  readonly repetition: number
  /** As of the run. */
  readonly point?: number | null
  /** In the metric's base unit; null when the run has no such figure. */
  readonly value: number | null
}

/** Holds every run against the scenario's thresholds. A figure that is missing keeps none. */
export function missedThresholds({
  scenario,
  runs,
}: Pick<Result, 'scenario' | 'runs'>): readonly Miss[] {
  return scenario.thresholds.flatMap((text) => {
    const threshold = parseThreshold(text)
    if (isRefusal(threshold)) return []
    return runs.flatMap((run) => {
      const value = figureOf(run, threshold.metric)
      if (value !== null && keeps(value, threshold)) return []
      const { transport, repetition, point } = run
      const which = { transport, repetition, ...(point === undefined ? {} : { point }) }
      return [{ threshold: text, metric: threshold.metric, ...which, value }]
    })
  })
}

/** A metric of a run, in the metric's base unit; null when the run has no such figure. */
export function figureOf(run: Run, metric: Metric): number | null {
  return READERS[metric](run)
}

const READERS: Readonly<Record<Metric, (run: Run) => number | null>> = {
  p50: (run) => run.latency.p50Us,
  p90: (run) => run.latency.p90Us,
  p95: (run) => run.latency.p95Us,
  p99: (run) => run.latency.p99Us,
  p999: (run) => run.latency.p999Us,
  max: (run) => run.latency.maxUs,
  mean: (run) => run.latency.meanUs,
  lost: (run) => run.delivery.lost,
  duplicates: (run) => run.delivery.duplicates,
  outOfOrder: (run) => run.delivery.outOfOrder,
  reach: (run) => run.delivery.reach,
  emptyRatio: (run) => run.exchanges.emptyRatio,
  bytesPerDelivery: (run) => run.wire.bytesPerDelivery,
  deliveriesPerSecond: (run) => run.throughput.deliveriesPerSecond,
  cpuUsPerDelivery: (run) => run.server?.cpuUsPerDelivery ?? null,
  connected: (run) => run.clients.connected,
}
