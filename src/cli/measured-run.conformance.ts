/** Measures small runs against a server of the test's own process. */

import { readdirSync, readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { ownTarget } from '../experiment/plan.ts'
import type { Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { usualScenario } from '../scenario/usual.conformance.ts'
import { DEFAULT_SERVER_OPTIONS, startServer } from '../server/reference-server.ts'
import { measureRun } from '../swarm/coordinator.ts'
import type { Progress, RunOrder } from '../swarm/run-order.ts'
import { transportNamed } from '../transports/registry.ts'

export const CLIENTS = 20
export const RATE = 20

const scenario: Scenario = {
  ...usualScenario,
  name: 'test',
  transports: ['sse'],
  clients: CLIENTS,
  durationMs: 1_500,
  warmupMs: 100,
  channels: 'per-client',
  rate: RATE,
  arrivals: 'constant',
  instances: 1,
  workers: 1,
  seed: 1,
}

/** Measures a run against a server in this process. */
export async function measure(
  context: TestContext,
  changes: Partial<Scenario>,
  onProgress: (progress: Progress, stop: () => void) => void = () => {},
  more: Partial<RunOrder> = {},
): Promise<Run> {
  const server = await startServer(DEFAULT_SERVER_OPTIONS)
  context.after(() => server.drain())
  const controller = new AbortController()
  return measureRun({
    transport: transportNamed('sse'),
    scenario: { ...scenario, ...changes },
    repetition: 1,
    targets: [ownTarget([server.port])],
    workers: 1,
    sharedWithServer: true,
    signal: controller.signal,
    onProgress: (progress) => onProgress(progress, () => controller.abort()),
    onServerLost: () => {},
    ...more,
  })
}

/** The processes of this one that run a module. */
export function childrenOf(module: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')[1]
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return parent === String(process.pid) && command.includes(module)
      } catch {
        return false
      }
    })
    .map(Number)
}
