/**
 * Does the instrument tell the truth? What the oracles share: real processes measure a server of
 * which is known beforehand what they must find, and each oracle has a sibling that shows it fail
 * where the instrument is broken or the truth is another one.
 */

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Faults } from '../../backplane/faulty.ts'
import { ownTarget } from '../../experiment/plan.ts'
import { type LatencySummary, mergedHistogram, valueAt } from '../../measure/histogram.ts'
import type { Run } from '../../result/document.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import type { EndpointDescription } from '../../scenario/target.ts'
import { isRefusal } from '../../scenario/units.ts'
import { usualScenario } from '../../scenario/usual.conformance.ts'
import { startInstances } from '../../server/instances.ts'
import { DEFAULT_LIMITS, DEFAULT_SERVER_OPTIONS } from '../../server/reference-server.ts'
import type { ServerStatistics } from '../../server/statistics.ts'
import { measureRun } from '../../swarm/coordinator.ts'
import type { Phase } from '../../swarm/run-order.ts'
import { transportNamed } from '../../transports/registry.ts'
import type { ServerLimits } from '../../transports/transport.ts'
import { parseFaults } from '../serve/action.ts'

export const SEED = 20

const scenario: Scenario = {
  ...usualScenario,
  name: 'oracle',
  transports: [],
  clients: 40,
  durationMs: 1000,
  warmupMs: 0,
  channels: 'per-client',
  rate: 2,
  intervalMs: 200,
  holdMs: DEFAULT_LIMITS.holdMs,
  instances: 1,
  workers: 1,
  seed: SEED,
}

export interface Order {
  readonly transport: string
  readonly port: number
  /** What its clients speak; without it, what a reference server does. */
  readonly endpoint?: EndpointDescription
  /** Called once when a phase begins; the second argument ends the run. */
  onPhase?(phase: Phase, end: () => void): void
}

/** Measures a server that runs already. */
export function measure(order: Order, changes: Partial<Scenario>): Promise<Run> {
  const interruption = new AbortController()
  let known: Phase | null = null
  return measureRun({
    transport: transportNamed(order.transport),
    scenario: { ...scenario, ...changes },
    repetition: 1,
    targets: [
      {
        ...ownTarget([order.port]),
        ...(order.endpoint === undefined ? {} : { endpoint: order.endpoint }),
      },
    ],
    workers: 1,
    sharedWithServer: true,
    signal: interruption.signal,
    onProgress: ({ phase }) => {
      if (phase === known) return
      known = phase
      order.onPhase?.(phase, () => interruption.abort())
    },
    onServerLost: () => {},
  })
}

export interface OracleServer {
  readonly port: number
  statistics(): Promise<ServerStatistics>
}

/** A reference server in a process of its own, which is gone after the test. */
export async function ownServer(
  context: TestContext,
  faults?: string,
  limits: Partial<ServerLimits> = {},
): Promise<OracleServer> {
  const instances = await startInstances(1, {
    ...DEFAULT_SERVER_OPTIONS,
    limits: { ...DEFAULT_LIMITS, ...limits },
    faults: faults === undefined ? null : faultsOf(faults),
  })
  context.after(() => instances.stop())
  const port = instances.ports[0] ?? 0
  return {
    port,
    statistics: async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/stats`)
      return (await answer.json()) as ServerStatistics
    },
  }
}

/** As `--fault` reads them, with the oracles' seed. */
export function faultsOf(text: string): Faults {
  const spec = parseFaults(text)
  assert.ok(!isRefusal(spec))
  return { ...spec, seed: SEED }
}

/** From the stored histogram, as another program would read it. */
export function percentileMs(latency: LatencySummary | null, percentile: number): number {
  assert.ok(latency !== null)
  assert.ok(latency.count > 0)
  return valueAt(mergedHistogram([latency.histogram]), percentile) / 1000
}

/** Nothing was lost, nothing came that should not have. */
export function assertComplete({ delivery, clients, publisher }: Run): void {
  const { delivered, lost, duplicates, outOfOrder, foreign, misrouted } = delivery
  assert.ok(delivered > 50, `${delivered} delivered`)
  assert.deepEqual([lost, duplicates, outOfOrder, foreign, misrouted], [0, 0, 0, 0, 0])
  assert.equal(clients.connected, clients.requested)
  assert.equal(publisher.dropped, 0)
}
