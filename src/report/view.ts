import type { Result } from '../result/document.ts'
import { capacityGrid, capacityLine } from './capacity.ts'
import { compareTransports } from './comparison.ts'
import { sweepVerdict } from './sweep-verdict.ts'
import { tradeOffOf } from './trade-off.ts'
import { verdictOf } from './verdict.ts'

/** What there is to show of a result, for all reporters. */
export type View = ReturnType<typeof viewOf>
export type CapacityView = Extract<View, { readonly kind: 'capacity' }>

/** The view of a result; its answer is what a person can act on, one sentence or two a line. */
export function viewOf(result: Result) {
  const comparison = compareTransports(result)
  if (result.capacity !== undefined) {
    const steps = capacityGrid(result.capacity)
    return { kind: 'capacity', result, comparison, answer: [capacityLine(result)], steps } as const
  }
  if (result.sweep !== undefined) {
    const tradeOff = tradeOffOf(result)
    return { kind: 'sweep', result, comparison, answer: sweepVerdict(result), tradeOff } as const
  }
  return { kind: 'run', result, comparison, answer: verdictOf(result) } as const
}
