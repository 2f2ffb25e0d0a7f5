/** A swarm as the bench measures it: one server, one worker, one broadcast a second. */
import { ownTarget } from '../src/experiment/plan.ts'
import type { Scenario } from '../src/scenario/scenario.ts'
import { startInstances } from '../src/server/instances.ts'
import { DEFAULT_SERVER_OPTIONS } from '../src/server/reference-server.ts'
import { measureRun } from '../src/swarm/coordinator.ts'
import { transportNamed } from '../src/transports/registry.ts'
import type { Target } from '../src/transports/transport.ts'

export const CLIENTS = 10_000
export const ROUNDS = 5

export const SCENARIO: Scenario = {
  name: 'bench',
  description: '',
  transports: [],
  clients: CLIENTS,
  durationMs: 8_000,
  // As long as it takes until the compiler has done with the code that runs for each delivery (in the
  // window it was a twentieth of a worker's CPU time) and the deadlines of connecting, 10 s, have passed.
  warmupMs: 10_000,
  rampUpMs: null,
  channels: 1,
  rate: 1,
  arrivals: 'constant',
  workload: 'push',
  sendRate: null,
  payloadBytes: 128,
  intervalMs: 1_000,
  holdMs: 30_000,
  engine: 'lean',
  liveness: 'on',
  heartbeatMs: null,
  disruptions: [],
  instances: 1,
  workers: 1,
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

export interface Figures {
  readonly cpuUsPerDelivery: number
  readonly p50Us: number
  readonly rssKib: number
}

/** One figure of all rounds. */
export function figuresOf(rounds: readonly Figures[], key: keyof Figures): number[] {
  return rounds.map((one) => one[key])
}

/** Measures against a fresh server in a process of its own. */
export async function withServer<T>(measure: (target: Target) => Promise<T>): Promise<T> {
  const instances = await startInstances(1, DEFAULT_SERVER_OPTIONS)
  try {
    const port = instances.ports[0] as number
    return await measure(ownTarget([port]))
  } finally {
    await instances.stop()
  }
}

/**
 * Measures rtbench's own swarm; anything lost is an error, for a figure of it would be none.
 *
 * @param onWarmUp told 300 ms before the publisher begins
 */
export async function measureSwarm(
  transport: string,
  target: Target,
  engine: Scenario['engine'] = 'lean',
  onWarmUp: () => void = () => {},
): Promise<Figures> {
  const run = await measureRun({
    transport: transportNamed(transport),
    scenario: { ...SCENARIO, engine },
    repetition: 1,
    targets: [target],
    workers: 1,
    sharedWithServer: true,
    signal: new AbortController().signal,
    onProgress: ({ phase }) => {
      if (phase === 'warm-up') onWarmUp()
    },
    onServerLost: () => {},
  })
  const { lost, duplicates, outOfOrder } = run.delivery
  if (lost + duplicates + outOfOrder > 0 || run.clients.connected < CLIENTS) {
    throw new Error(`${transport}: ${JSON.stringify({ ...run.delivery, ...run.clients })}`)
  }
  return {
    cpuUsPerDelivery: run.generator.cpuUsPerDelivery ?? Number.NaN,
    p50Us: run.latency.p50Us ?? Number.NaN,
    rssKib: (run.generator.rssBytesPerClient ?? Number.NaN) / 1024,
  }
}
