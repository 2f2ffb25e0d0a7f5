/** A chart's figures as text, in a picture as in the reader's browser. */
import { formatBytes, formatCount, formatDuration, formatPercent, missing } from '../quantity.ts'

/** A figure as the reports show it. */
export function figureText(value: number | null, quantity: string): string {
  if (value === null) return missing
  switch (quantity) {
    case 'microseconds':
      return formatDuration(value)
    case 'milliseconds':
      return formatDuration(value * 1000)
    case 'seconds':
      return `${formatCount(value)} s`
    case 'bytes':
      return formatBytes(value)
    case 'share':
      return formatPercent(value)
    case 'nines':
      return percentileText(value)
    default:
      return formatCount(value)
  }
}

/** Shorter, for the line of an axis. */
export function tickText(value: number, quantity: string): string {
  if (quantity === 'share') return `${Number((value * 100).toPrecision(3))} %`
  if (value === 0) return quantity === 'nines' ? 'least' : '0'
  return figureText(value, quantity)
}

/** `p99.9` of 3 nines: as many digits as the percentile has. */
export function percentileText(nines: number): string {
  const percent = 100 * (1 - 10 ** -nines)
  const digits = Math.max(0, Math.ceil(nines + 0.2) - 1)
  return `p${Number(percent.toFixed(digits))}`
}
