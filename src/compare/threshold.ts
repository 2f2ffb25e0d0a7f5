import { amountOf } from '../figures/catalogue.ts'
import type { Result, Run } from '../result/document.ts'
import { keepsBetween, type Metric, parseThreshold, pathOf } from '../scenario/threshold.ts'
import { isRefusal } from '../scenario/units.ts'
import { lowerOf } from './metric.ts'

/** What a run says to a threshold. */
export interface Answer {
  /** As written: `p99<200ms`. */
  readonly threshold: string
  readonly metric: Metric
  readonly transport: string
  readonly repetition: number
  /** As of the run. */
  readonly point?: number | null
  /** In the metric's base unit, as observed; null when the run has no such figure. */
  readonly value: number | null
  /** Of a push latency, as if the instrument had been on time; of all else it is the value. */
  readonly lower: number | null
  /** `untold`: kept at one of the two and missed at the other. */
  readonly verdict: 'kept' | 'missed' | 'untold'
  /** What most of the difference comes from, and what to do; null where that is not known. */
  readonly cause: string | null
}

/**
 * Holds every run that has a window against the scenario's thresholds. A push latency is asked at both
 * of its bounds, and what they say alike is the answer. A figure that is missing keeps none.
 */
export function answersOf({
  scenario,
  runs,
}: Pick<Result, 'scenario' | 'runs'>): readonly Answer[] {
  return scenario.thresholds.flatMap((text) => {
    const threshold = parseThreshold(text)
    if (isRefusal(threshold)) return []
    const { metric } = threshold
    return runs.filter(hasWindow).map((run): Answer => {
      const { transport, repetition, point } = run
      const which = { transport, repetition, ...(point === undefined ? {} : { point }) }
      const value = figureOf(run, metric)
      const lower = lowerFigureOf(run, metric)
      const kept = value === null || lower === null ? false : keepsBetween(lower, value, threshold)
      const verdict = kept === null ? 'untold' : kept ? 'kept' : 'missed'
      const cause = run.lateness?.cause?.message ?? null
      return { threshold: text, metric, ...which, value, lower, verdict, cause }
    })
  })
}

/** A run that was stopped before its window has zeros, of which none was measured. */
export function hasWindow({ durationMs }: Pick<Run, 'durationMs'>): boolean {
  return durationMs > 0
}

/** A metric of a run, in the metric's base unit; null when the run has no such figure. */
export function figureOf(run: Run, metric: Metric): number | null {
  const path = pathOf(metric)
  // Causes that did not come up are not listed.
  return amountOf(run, { keys: path.split('.') }) ?? (path.startsWith('errors.') ? 0 : null)
}

/** The same as if the instrument had been on time; of what is no push latency there is no other. */
export function lowerFigureOf(run: Run, metric: Metric): number | null {
  const lower = lowerOf({ keys: pathOf(metric).split('.') })
  return lower === null ? figureOf(run, metric) : lower(run)
}
