/** A swarm as the bench measures it: one server, one worker, one broadcast a second. */
import { ownTarget, scenarioOf } from '../src/experiment/plan.ts'
import type { Scenario } from '../src/scenario/scenario.ts'
import { startInstances } from '../src/server/instances.ts'
import { DEFAULT_SERVER_OPTIONS, type ServerOptions } from '../src/server/reference-server.ts'
import { measureRun } from '../src/swarm/coordinator.ts'
import { transportNamed } from '../src/transports/registry.ts'
import type { Target } from '../src/transports/transport.ts'

export const CLIENTS = 10_000
export const ROUNDS = 5

export const SCENARIO: Scenario = {
  ...scenarioOf([]),
  name: 'bench',
  clients: CLIENTS,
  durationMs: 8_000,
  // As long as it takes until the compiler has done with the code that runs for each delivery (in the
  // window it was a twentieth of a worker's CPU time) and the deadlines of connecting, 10 s, have passed.
  warmupMs: 10_000,
  channels: 1,
  rate: 1,
  arrivals: 'constant',
  instances: 1,
  workers: 1,
  seed: 1,
}

export interface Figures {
  readonly cpuUsPerDelivery: number
  readonly p50Us: number
  readonly rssKib: number
}

/** With what is known of a run with a server of rtbench's own. */
export interface RunFigures extends Figures {
  /** All of the server's in the window. */
  readonly serverCpuUs: number
  readonly serverRssKib: number
  readonly bytesPerDelivery: number
}

/** One figure of all rounds. */
export function figuresOf<Key extends string>(
  rounds: readonly Readonly<Record<Key, number>>[],
  key: Key,
): number[] {
  return rounds.map((one) => one[key])
}

/** Measures against a fresh server in a process of its own. */
export async function withServer<T>(
  measure: (target: Target) => Promise<T>,
  { identity = null, http2 = false }: Partial<ServerOptions> = {},
): Promise<T> {
  const instances = await startInstances(1, { ...DEFAULT_SERVER_OPTIONS, identity, http2 })
  try {
    const port = instances.ports[0] as number
    return await measure(ownTarget([port], identity && { ca: identity.cert }))
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
  clients = CLIENTS,
): Promise<RunFigures> {
  const run = await measureRun({
    transport: transportNamed(transport),
    scenario: { ...SCENARIO, engine, clients },
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
  if (lost + duplicates + outOfOrder > 0 || run.clients.connected < clients) {
    throw new Error(`${transport}: ${JSON.stringify({ ...run.delivery, ...run.clients })}`)
  }
  return {
    cpuUsPerDelivery: run.generator.cpuUsPerDelivery ?? Number.NaN,
    p50Us: run.latency.p50Us ?? Number.NaN,
    rssKib: (run.generator.rssBytesPerClient ?? Number.NaN) / 1024,
    serverCpuUs: run.server?.totalCpuUsPerDelivery ?? Number.NaN,
    serverRssKib: (run.server?.rssBytesPerClient ?? Number.NaN) / 1024,
    bytesPerDelivery: run.wire.bytesPerDelivery ?? Number.NaN,
  }
}
