import type { Miss } from '../compare/threshold.ts'
import { dimensionOf } from '../scenario/threshold.ts'

/** `threshold p99<200ms missed by sse #1: is 203.4 ms` */
export function describeMiss({ threshold, metric, transport, repetition, value }: Miss): string {
  const found = value === null ? 'not measured' : `is ${quantity(dimensionOf(metric), value)}`
  return `threshold ${threshold} missed by ${transport} #${repetition}: ${found}`
}

/** More exact than a report's figures: what misses a limit narrowly must not look like it. */
function quantity(dimension: ReturnType<typeof dimensionOf>, value: number): string {
  switch (dimension) {
    case 'time':
    case 'microseconds':
      return value < 1000 ? `${exact(value)} µs` : `${exact(value / 1000)} ms`
    case 'ratio':
      return `${exact(value * 100)} %`
    case 'bytes':
      return `${exact(value)} B`
    case 'rate':
      return `${exact(value)}/s`
    case 'count':
      return exact(value)
  }
}

const decimals = new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 })

function exact(value: number): string {
  return decimals.format(value)
}
