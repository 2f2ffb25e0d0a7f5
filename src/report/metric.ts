import { dimensionOf, type Metric } from '../scenario/threshold.ts'
import {
  differVisibly,
  formatBounds,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
} from './quantity.ts'

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

/** The same of a push latency with both its bounds: `75–81 ms` where they differ visibly. */
export function formatFigureBounds(metric: Metric, lower: number | null, upper: number): string {
  return lower === null || lower === upper
    ? formatFigure(metric, upper)
    : formatBounds({ lowerUs: lower, upperUs: upper })
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

/**
 * `180 to 250 ms`: where a push latency lies; of all other figures, and of equal ones, one of them.
 */
export function exactSpan(metric: Metric, lower: number | null, upper: number): string {
  if (lower === null || lower === upper) return exactFigure(metric, upper)
  const [scale, unit] = upper < 1000 ? [1, 'µs'] : [1000, 'ms']
  return `${exact(lower / scale)} to ${exact(upper / scale)} ${unit}`
}

/** As exact, and as a span only where its ends differ visibly. */
export function boundedFigure(metric: Metric, lower: number | null, upper: number): string {
  return lower !== null && differVisibly(lower, upper)
    ? exactSpan(metric, lower, upper)
    : exactFigure(metric, upper)
}

const decimals = new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 })

function exact(value: number): string {
  return decimals.format(value)
}
