import type { Run } from '../result/document.ts'
import type { Sweep } from '../result/sweep.ts'
import { sweptName } from '../scenario/sweep.ts'

/** `short-poll at interval=500ms #2`: which of a result's runs it is, in one line. */
export function runName(
  { transport, point, repetition }: Pick<Run, 'transport' | 'point' | 'repetition'>,
  sweep: Sweep | undefined,
): string {
  return `${sweptName(transport, sweep, point)} #${repetition}`
}
