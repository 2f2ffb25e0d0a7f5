import type { RecordedScenario } from './document.ts'
import type { Sweep, SweepKey } from './sweep.ts'

const FIELDS = {
  clients: 'clients',
  channels: 'channels',
  rate: 'rate',
  payload: 'payloadBytes',
  interval: 'intervalMs',
  hold: 'holdMs',
} as const satisfies Record<SweepKey, keyof RecordedScenario>

/**
 * The scenario by which a run was measured: that of the result, or in a sweep the one of the run's
 * value.
 */
export function scenarioAt(
  scenario: RecordedScenario,
  sweep: Sweep | undefined,
  point: number | null | undefined,
): RecordedScenario {
  if (sweep === undefined || typeof point !== 'number') return scenario
  return { ...scenario, [FIELDS[sweep.key]]: point }
}
