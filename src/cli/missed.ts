import type { Miss } from '../compare/threshold.ts'
import { exactFigure } from '../report/metric.ts'
import { runName } from '../report/run-name.ts'
import type { Sweep } from '../result/sweep.ts'

/** `threshold p99<200ms missed by sse #1: is 203.4 ms` */
export function describeMiss(miss: Miss, sweep?: Sweep): string {
  const { threshold, metric, value } = miss
  const found = value === null ? 'not measured' : `is ${exactFigure(metric, value)}`
  return `threshold ${threshold} missed by ${runName(miss, sweep)}: ${found}`
}
