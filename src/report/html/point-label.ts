import type { Sweep } from '../../result/sweep.ts'
import { formatBytes, formatCount, formatDuration } from '../quantity.ts'

/** A value of a sweep with its unit: `500 ms`, `10,000 clients`. */
export function pointLabel({ unit }: Pick<Sweep, 'unit'>, value: number): string {
  switch (unit) {
    case 'ms':
      return formatDuration(value * 1000)
    case 'bytes':
      return formatBytes(value)
    default:
      return `${formatCount(value)} ${unit}`
  }
}
