import type { Run } from '../result/document.ts'
import type { Sweep } from '../result/sweep.ts'
import { formatSwept } from '../scenario/sweep.ts'

/** `short-poll interval=500ms #2`: which of a result's runs it is, in one line. */
export function runName(
  { transport, point, repetition }: Pick<Run, 'transport' | 'point' | 'repetition'>,
  sweep: Sweep | undefined,
): string {
  return `${transport}${pointPhrase(point, sweep, ' ')} #${repetition}`
}

/** `interval=500ms` after a space; nothing outside a sweep, and where its key does not matter. */
export function pointPhrase(
  point: number | null | undefined,
  sweep: Sweep | undefined,
  before: string,
): string {
  if (sweep === undefined || typeof point !== 'number') return ''
  return `${before}${sweep.key}=${formatSwept(sweep.key, point)}`
}
