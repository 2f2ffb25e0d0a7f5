import type { Result, Run } from '../result/document.ts'
import { keeps, type Metric, parseThreshold, pathOf } from '../scenario/threshold.ts'
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

/**
 * Holds every run that has a window against the scenario's thresholds. A figure that is missing keeps
 * none.
 */
export function missedThresholds({
  scenario,
  runs,
}: Pick<Result, 'scenario' | 'runs'>): readonly Miss[] {
  return scenario.thresholds.flatMap((text) => {
    const threshold = parseThreshold(text)
    if (isRefusal(threshold)) return []
    return runs.filter(hasWindow).flatMap((run) => {
      const value = figureOf(run, threshold.metric)
      if (value !== null && keeps(value, threshold)) return []
      const { transport, repetition, point } = run
      const which = { transport, repetition, ...(point === undefined ? {} : { point }) }
      return [{ threshold: text, metric: threshold.metric, ...which, value }]
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
  let found: unknown = run
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null) return null
    found = Object.hasOwn(found, key) ? (found as Readonly<Record<string, unknown>>)[key] : null
  }
  if (typeof found === 'number') return found
  // Causes that did not come up are not listed.
  return path.startsWith('errors.') ? 0 : null
}
