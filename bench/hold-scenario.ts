import type { Scenario } from '../src/scenario/scenario.ts'

/** Clients that are held and get next to nothing. */
export function holdScenario(transport: string, clients: number): Scenario {
  return {
    name: `hold-${transport}-${clients}`,
    description: '',
    transports: [transport],
    clients,
    durationMs: 8_000,
    warmupMs: 1_000,
    rampUpMs: null,
    channels: 'per-client',
    rate: 200 / clients,
    arrivals: 'poisson',
    workload: 'push',
    sendRate: null,
    payloadBytes: 128,
    intervalMs: 1_000,
    holdMs: 60_000,
    engine: 'lean',
    liveness: 'on',
    backoff: 'full-jitter',
    heartbeatMs: null,
    disruptions: [],
    instances: 'auto',
    workers: 'auto',
    backplane: 'memory',
    busRouting: 'broadcast',
    front: 'none',
    balance: 'round-robin',
    url: null,
    target: null,
    repeat: 1,
    thresholds: [],
    seed: 1,
  }
}
