import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Result, Run } from '../result/document.ts'
import { sampleLatency, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { ask } from './question.conformance.ts'
import { renderAdvice } from './report.ts'

/** 100 channels with an event a second each, at three instances on a bus or at one without. */
function onBus(name: string | null, addedUs: number, ingestUs: number): Result {
  const sample = sampleRun('sse')
  const server = { ...(sample.server as NonNullable<Run['server']>), ingestCpuUsPerEvent: ingestUs }
  const bus: NonNullable<Run['bus']> = {
    ...{ name: name ?? '', routing: 'broadcast', bytesPerEvent: 700, bytesPerDelivery: 70 },
    ...{ hopMeanUs: addedUs, added: sampleLatency(addedUs, 10 * addedUs), receiptsPerEvent: 3 },
    ...{ cpuUsPerEvent: 120, cpuUsPerDelivery: 12, cpuUtilisation: 0.012, rssBytes: 50e6 },
    ...{ bytesIn: null, bytesOut: null, restarts: 0, gaps: 0, instances: [], outages: [] },
  }
  const run = { ...sample, seed: 1, server: { ...server, instances: name === null ? 1 : 3 } }
  const { scenario, ...result } = sampleResult()
  return {
    ...result,
    scenario: { ...scenario, channels: 100, rate: 1, payloadBytes: 128 },
    runs: [name === null ? run : { ...run, bus }],
  }
}

const RESULTS = [
  sampleResult(),
  onBus(null, 0, 300),
  onBus('Redis', 400, 1_100),
  onBus('memory', 200, 700),
]
/** As many events. */
const LIKE = { channels: 100, eventsPerUserPerSecond: 1, instances: 3 } as const

test('what buses between instances add and cost, by runs on them, the least added first', () => {
  const { bus } = ask(LIKE, RESULTS)
  assert.deepEqual(
    bus?.buses.map((one) => [one.name, one.percentile, one.addedUs?.value, one.eventsFactor]),
    [
      ['memory', 'p99', 2_000, 1],
      ['Redis', 'p99', 4_000, 1],
    ],
  )
  const [memory, redis] = bus?.buses ?? []
  // 400 and 800 µs more for each of 100 events a second, and 120 of the bus.
  assert.deepEqual([memory?.instancesCores, redis?.instancesCores], [0.04, 0.08])
  assert.deepEqual([memory?.busCores, memory?.bytesPerSecond], [0.012, 70_000])
  assert.equal(bus?.measure, null)
  // Once to the bus, and thrice from it.
  const longer = ask({ ...LIKE, payloadBytes: 228 }, RESULTS).bus?.buses[0]
  assert.equal(longer?.bytesPerSecond, 110_000)
  const median = { wanted: { percentile: 'p50', latencyUs: 500_000 } } as const
  assert.equal(ask({ ...LIKE, ...median }, RESULTS).bus?.buses[0]?.addedUs?.value, 200)
})

test('without a run of as many instances nothing is told but what measures it', () => {
  assert.equal(ask({}, RESULTS).bus, null)
  const advice = ask({ ...LIKE, instances: 5 }, RESULTS)
  const measure = 'rtbench bus memory --instances 5 --clients 1000 --channels 100 --rate 1'
  assert.deepEqual(advice.bus, { instances: 5, buses: [], measure })
  const text = renderAdvice(advice, { width: 400 })
  assert.match(text, /· 5 instances ·/)
  assert.ok(
    text.includes(
      `No result tells what a bus between 5 instances adds and costs; measure it: ${measure},`,
    ),
  )
})

test('far more events than were measured are told, with what measures them', () => {
  const { bus, ...advice } = ask({ ...LIKE, channels: 'per-client' }, RESULTS)
  assert.ok(bus !== null)
  assert.equal(bus.buses[0]?.eventsFactor, 10)
  const far = ask({ ...LIKE, channels: 'per-client', users: 50_000 }, RESULTS).bus
  assert.equal(far?.buses[0]?.eventsFactor, 500)
  assert.match(far?.measure ?? '', /--clients 1000 --channels 1000 --rate 0\.2$/)
  const text = renderAdvice({ ...advice, bus: far ?? null }, { width: 400 })
  assert.match(
    text,
    /^memory, broadcast: 2 ms at p99; 20 cores more of the instances; 6 of its own/m,
  )
  assert.match(text, /extrapolated to 500 times the events\.$/m)
  assert.match(text, /^The workload has far more events than these runs; measure it: rtbench bus/m)
})
