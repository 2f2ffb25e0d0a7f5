import type { CapacityResult, Result, RunResult, SweepResult } from '../result/document.ts'
import { type CapacityGrid, capacityGrid, capacityLine } from './capacity.ts'
import { type Comparison, compareTransports } from './comparison.ts'
import { sweepVerdict } from './sweep-verdict.ts'
import { type TradeOff, tradeOffOf } from './trade-off.ts'
import { verdictOf } from './verdict.ts'

interface ViewBase {
  /** What a person can act on, one sentence or two a line. */
  readonly answer: readonly string[]
  readonly comparison: Comparison
}

interface RunView extends ViewBase {
  readonly kind: 'run'
  readonly result: RunResult
}

interface SweepView extends ViewBase {
  readonly kind: 'sweep'
  readonly result: SweepResult
  readonly tradeOff: TradeOff
}

export interface CapacityView extends ViewBase {
  readonly kind: 'capacity'
  readonly result: CapacityResult
  readonly steps: CapacityGrid
}

/** What there is to show of a result, for all reporters. */
export type View = RunView | SweepView | CapacityView

export function viewOf(result: Result): View {
  const comparison = compareTransports(result)
  if (result.capacity !== undefined) {
    const steps = capacityGrid(result.capacity)
    return { kind: 'capacity', result, comparison, answer: [capacityLine(result)], steps }
  }
  if (result.sweep !== undefined) {
    const tradeOff = tradeOffOf(result)
    return { kind: 'sweep', result, comparison, answer: sweepVerdict(result), tradeOff }
  }
  return { kind: 'run', result, comparison, answer: verdictOf(result) }
}
