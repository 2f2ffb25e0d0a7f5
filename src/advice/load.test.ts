import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Workload } from '../result/advice.ts'
import { sampleRun } from '../result/sample.conformance.ts'
import { loadOf, wantedLoad } from './load.ts'
import { sampleWorkload } from './question.conformance.ts'

test('a workload is so many events as are published, however many hear them', () => {
  const of = (channels: Workload['channels']) =>
    wantedLoad({ ...sampleWorkload, channels }, null, 128)
  const each = { process: 1, busy: 1, connections: 1_000, requests: 0 }
  const heard = { deliveries: 100, payloadBytes: 12_800 }
  assert.deepEqual(of('per-client'), { ...each, ...heard, events: 100 })
  assert.deepEqual(of(1), { ...each, ...heard, events: 0.1 })
  assert.deepEqual(of(50), { ...each, ...heard, events: 5 })
  // A channel that nobody hears is none.
  assert.deepEqual(of(5_000), { ...each, ...heard, events: 100 })
})

test('a poller asks once an interval, and who is held at each event or when it was long enough', () => {
  const asks = (intervalMs: number | null, eventsPerUserPerSecond: number) =>
    wantedLoad({ ...sampleWorkload, eventsPerUserPerSecond }, { intervalMs, holdMs: 30_000 }, 0)
      .requests
  assert.equal(asks(500, 0.1), 2_000)
  assert.equal(Math.round(asks(null, 10)), 10_000)
  assert.equal(asks(null, 1e-9).toFixed(2), (1_000 / 30).toFixed(2))
})

test('a run is what it had in its window', () => {
  const run = sampleRun('short-poll')
  const load = loadOf(run, { payloadBytes: 100 })
  const { deliveriesPerSecond } = run.throughput
  assert.deepEqual(load, {
    ...{ process: 1, busy: 1, connections: run.clients.requested },
    requests: run.exchanges.requests / (run.durationMs / 1000),
    events: run.publisher.achievedPerSecond,
    deliveries: deliveriesPerSecond,
    payloadBytes: 100 * deliveriesPerSecond,
  })
  const idle = { ...run, throughput: { ...run.throughput, deliveriesPerSecond: 0 } }
  assert.equal(loadOf(idle, { payloadBytes: 100 }).busy, 0)
})
