import type { Answer } from '../compare/threshold.ts'
import { boundedFigure, exactSpan } from '../report/figure.ts'
import { runName } from '../report/wording.ts'
import type { Sweep } from '../result/sweep.ts'

/**
 * What a threshold came to that was not kept: `threshold p99<200ms missed by sse #1: is 203.4 ms`, or
 * `threshold p99<200ms cannot be told of sse #1: is 180 to 250 ms, since …`.
 */
export function describeAnswer(answer: Answer, sweep?: Sweep): string {
  const { threshold, metric, value, lower, verdict, cause } = answer
  const name = runName(answer, sweep)
  if (value === null) return `threshold ${threshold} missed by ${name}: not measured`
  if (verdict !== 'untold') {
    return `threshold ${threshold} missed by ${name}: is ${boundedFigure(metric, lower, value)}`
  }
  const why = cause === null ? '' : `, since ${cause}`
  return `threshold ${threshold} cannot be told of ${name}: is ${exactSpan(metric, lower, value)}${why}`
}
