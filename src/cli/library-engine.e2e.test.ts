/** Whole runs on the library engine: what an audit of them finds is what the lean engine's would. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { ownTarget } from '../experiment/plan.ts'
import { prepareHistograms } from '../measure/histogram.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { usualScenario } from '../scenario/usual.conformance.ts'
import { DEFAULT_SERVER_OPTIONS, startServer } from '../server/reference-server.ts'
import { measureRun } from '../swarm/coordinator.ts'
import { transports } from '../transports/registry.ts'

const CLIENTS = 30
const RATE = 10
const SECONDS = 2

const scenario: Scenario = {
  ...usualScenario,
  name: 'library',
  transports: [],
  clients: CLIENTS,
  durationMs: SECONDS * 1_000,
  warmupMs: 200,
  channels: 'per-client',
  rate: RATE,
  arrivals: 'constant',
  intervalMs: 100,
  engine: 'library',
  instances: 1,
  workers: 2,
  seed: 1,
}

describe('a run on the library engine', { concurrency: 2 }, () => {
  before(prepareHistograms)

  for (const transport of transports) {
    it(`loses nothing and has all figures: ${transport.name}`, async (context) => {
      const server = await startServer(DEFAULT_SERVER_OPTIONS)
      context.after(() => server.drain())
      const run = await measureRun({
        transport,
        scenario,
        repetition: 1,
        targets: [ownTarget([server.port])],
        workers: scenario.workers === 'auto' ? 1 : scenario.workers,
        sharedWithServer: true,
        signal: context.signal,
        onProgress: () => {},
        onServerLost: () => {},
      })
      const { delivery, clients, exchanges, wire, generator, errors } = run
      assert.deepEqual([clients.connected, run.partial, errors], [CLIENTS, false, {}])
      assert.equal(delivery.expected, CLIENTS * RATE * SECONDS)
      assert.equal(delivery.delivered, delivery.expected)
      assert.deepEqual([delivery.lost, delivery.duplicates, delivery.outOfOrder], [0, 0, 0])
      assert.deepEqual([delivery.foreign, delivery.misrouted, delivery.gapSignals], [0, 0, 0])
      assert.equal(run.latency.count, delivery.delivered)
      assert.equal(run.serviceLatency?.count, delivery.delivered)
      assert.equal(clients.openSockets.mean, CLIENTS)
      assert.ok((wire.bytesPerDelivery ?? 0) > scenario.payloadBytes, `${wire.bytesPerDelivery}`)
      assert.ok((generator.cpuUsPerDelivery ?? 0) > 0 && (generator.rssBytes ?? 0) > 0)
      assert.equal(exchanges.requests > 0, transport.hasExchanges)
      assert.equal(exchanges.responses > 0, transport.hasExchanges)
    })
  }
})
