import type { Sweep } from '../result/sweep.ts'
import { formatSwept } from '../scenario/sweep.ts'

/** ` at clients 500`; nothing outside a sweep, and where its key does not matter. */
export function pointName(sweep: Sweep | undefined, point: number | null | undefined): string {
  if (sweep === undefined || typeof point !== 'number') return ''
  return ` at ${sweep.key} ${formatSwept(sweep.key, point)}`
}
