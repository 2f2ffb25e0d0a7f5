import type { RecordedScenario } from '../result/document.ts'
import type { Sweep } from '../result/sweep.ts'
import { formatSwept } from '../scenario/sweep.ts'

/** ` at clients 500`; nothing outside a sweep, and where its key does not matter. */
export function pointName(sweep: Sweep | undefined, point: number | null | undefined): string {
  if (sweep === undefined || typeof point !== 'number') return ''
  return ` at ${sweep.key} ${formatSwept(sweep.key, point)}`
}

/** The scenario that a run was of: a sweep's own has the swept key's first value. */
export function scenarioAt(
  scenario: RecordedScenario,
  sweep: Sweep | undefined,
  point: number | null | undefined,
): RecordedScenario {
  if (sweep === undefined || typeof point !== 'number') return scenario
  switch (sweep.key) {
    case 'clients':
      return { ...scenario, clients: point }
    case 'channels':
      return { ...scenario, channels: point }
    case 'rate':
      return { ...scenario, rate: point }
    case 'payload':
      return { ...scenario, payloadBytes: point }
    case 'interval':
      return { ...scenario, intervalMs: point }
    case 'hold':
      return { ...scenario, holdMs: point }
  }
}
