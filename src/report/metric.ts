import { dimensionOf, type Metric } from '../scenario/threshold.ts'
import { formatBytes, formatCount, formatDuration, formatPercent } from './quantity.ts'

/** A metric's figure as reports show it, rounded: `81 ms`, `99.9 %`. */
export function formatFigure(metric: Metric, value: number): string {
  switch (dimensionOf(metric)) {
    case 'time':
    case 'microseconds':
      return formatDuration(value)
    case 'milliseconds':
      return formatDuration(value * 1000)
    case 'ratio':
    case 'utilisation':
      return formatPercent(value)
    case 'bytes':
      return formatBytes(value)
    case 'rate':
      return `${formatCount(value)}/s`
    case 'count':
    case 'amount':
      return formatCount(value)
  }
}

/** More exact than a report's figures: what misses a limit narrowly must not look like it. */
export function exactFigure(metric: Metric, value: number): string {
  switch (dimensionOf(metric)) {
    case 'time':
    case 'microseconds':
      return value < 1000 ? `${exact(value)} µs` : `${exact(value / 1000)} ms`
    case 'milliseconds':
      return `${exact(value)} ms`
    case 'ratio':
    case 'utilisation':
      return `${exact(value * 100)} %`
    case 'bytes':
      return `${exact(value)} B`
    case 'rate':
      return `${exact(value)}/s`
    case 'count':
    case 'amount':
      return exact(value)
  }
}

const decimals = new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 })

function exact(value: number): string {
  return decimals.format(value)
}
