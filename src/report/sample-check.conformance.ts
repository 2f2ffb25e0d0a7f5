/** A check made by hand, for tests of what reads them. */
import type { Check } from './check.ts'

export function sampleCheck(changes: Partial<Check> = {}): Check {
  return {
    kind: 'comparison',
    transport: 'WebSocket',
    name: 'Lost',
    outcome: 'passed',
    verdict: 'unchanged',
    message: '0 → 0: none',
    ...changes,
  }
}
