/** A run on so many processes as it takes, with a server of the bench's own settings. */
import { ownTarget } from '../src/experiment/plan.ts'
import type { Run } from '../src/result/document.ts'
import type { Scenario } from '../src/scenario/scenario.ts'
import { startInstances } from '../src/server/instances.ts'
import { DEFAULT_LIMITS, DEFAULT_SERVER_OPTIONS } from '../src/server/reference-server.ts'
import { measureRun } from '../src/swarm/coordinator.ts'
import { transportNamed } from '../src/transports/registry.ts'
import type { ServerLimits } from '../src/transports/transport.ts'

export interface Fleet {
  readonly instances: number
  readonly workers: number
  readonly portsPerInstance: number
  readonly limits?: Partial<ServerLimits>
}

/** Measures once; throws where a client is missing or a delivery is lost. */
export async function measureFleet(
  transport: string,
  scenario: Scenario,
  { instances, workers, portsPerInstance, limits }: Fleet,
): Promise<Run> {
  const servers = await startInstances(instances, {
    ...DEFAULT_SERVER_OPTIONS,
    morePorts: portsPerInstance - 1,
    limits: { ...DEFAULT_LIMITS, ...limits },
  })
  try {
    const run = await measureRun({
      transport: transportNamed(transport),
      scenario,
      repetition: 1,
      targets: servers.allPorts.map(([port = 0, ...more]) => ownTarget([port, ...more])),
      workers,
      sharedWithServer: true,
      signal: new AbortController().signal,
      onProgress: () => {},
      onServerLost: () => {},
    })
    const { connected, requested } = run.clients
    const { lost, duplicates, outOfOrder } = run.delivery
    if (lost + duplicates + outOfOrder > 0 || connected < requested) {
      throw new Error(`${transport}: ${JSON.stringify({ ...run.delivery, ...run.clients })}`)
    }
    return run
  } finally {
    await servers.stop()
  }
}
