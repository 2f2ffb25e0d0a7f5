import type { Miss } from '../compare/threshold.ts'
import { exactFigure } from '../report/metric.ts'

/** `threshold p99<200ms missed by sse #1: is 203.4 ms` */
export function describeMiss({ threshold, metric, transport, repetition, value }: Miss): string {
  const found = value === null ? 'not measured' : `is ${exactFigure(metric, value)}`
  return `threshold ${threshold} missed by ${transport} #${repetition}: ${found}`
}
