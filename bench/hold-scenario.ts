import { scenarioOf } from '../src/experiment/plan.ts'
import type { Scenario } from '../src/scenario/scenario.ts'

/** Clients that are held and get next to nothing. */
export function holdScenario(transport: string, clients: number): Scenario {
  return {
    ...scenarioOf([]),
    name: `hold-${transport}-${clients}`,
    transports: [transport],
    clients,
    durationMs: 8_000,
    warmupMs: 1_000,
    channels: 'per-client',
    rate: 200 / clients,
    holdMs: 60_000,
    seed: 1,
  }
}
