import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CostFacts, serverCostOf } from './server-cost.ts'
import type { InstanceReading } from './server-watch.ts'

/** One instance, so many milliseconds old, that has taken so much. */
function reading(upMs: number, cpuUs: number, pid = 1): readonly InstanceReading[] {
  return [
    {
      pid,
      restarts: pid - 1,
      upMs,
      transports: {},
      cpu: { userUs: cpuUs / 2, systemUs: cpuUs / 2 },
      memory: { rssBytes: 1 },
      loop: { delayP50Us: 0, delayP99Us: 0, delayMaxUs: 0, samples: 0, utilisation: 0 },
    },
  ]
}

const IDLE_US = 2_000
const INGEST_US = 600
const DELIVERY_US = 50

/** Idle for a second, 100 events that nobody hears in two, then 10 s of 50 events to 10 clients. */
function facts(changes: Partial<CostFacts> = {}): CostFacts {
  const window = 10 * IDLE_US + 500 * INGEST_US + 5_000 * DELIVERY_US
  const ends = [3 * IDLE_US, 3 * IDLE_US + 100 * INGEST_US]
  const begin = (ends[1] ?? 0) + 9_000
  return {
    rehearsal: {
      begin: reading(1_000, 2 * IDLE_US),
      idle: reading(2_000, ends[0] ?? 0),
      end: reading(4_000, (ends[1] ?? 0) + 2 * IDLE_US),
    },
    unheard: 100,
    begin: reading(5_000, begin),
    end: reading(15_000, begin + window),
    sent: 500,
    deliveries: 5_000,
    asks: false,
    seconds: Array.from({ length: 10 }, () => ({ cpuUs: window / 10, sent: 50, deliveries: 500 })),
    ...changes,
  }
}

describe("a server's cost", () => {
  it('is taken apart into being there, taking events in, and delivering', () => {
    const cost = serverCostOf(facts())
    assert.equal(cost.idleCpuUtilisation, IDLE_US / 1e6)
    assert.equal(cost.ingestCpuUsPerEvent, INGEST_US)
    assert.ok(Math.abs((cost.cpuUsPerDelivery ?? 0) - DELIVERY_US) < 1e-9)
    assert.deepEqual(
      cost.cpuUsPerDeliveryInterval?.map((us) => Math.round(us)),
      [DELIVERY_US, DELIVERY_US],
    )
  })

  it('has what clients ask for in it, since that is how they are served', () => {
    const cost = serverCostOf(facts({ asks: true }))
    assert.ok(Math.abs((cost.cpuUsPerDelivery ?? 0) - DELIVERY_US - (10 * IDLE_US) / 5_000) < 1e-9)
  })

  it('is as uncertain as its seconds are uneven', () => {
    const seconds = facts().seconds.map((second, at) => ({
      ...second,
      cpuUs: second.cpuUs + (at % 2 === 0 ? 1_000 : -1_000),
    }))
    const [low = 0, high = 0] = serverCostOf(facts({ seconds })).cpuUsPerDeliveryInterval ?? []
    // Student's 2.26 times 1.054 ms, of 10 s, and five times over of the 2 s before.
    const expected = (2.262 * 1e3 * Math.sqrt(10 / 9) * Math.sqrt(10 + 25 * 2)) / 5_000
    assert.ok(Math.abs((high - low) / 2 - expected) < 0.01, `${low} to ${high}, ${expected}`)
    // What follows from the load is no unevenness.
    const uneven = facts().seconds.map((_, at) => {
      const sent = at % 2 === 0 ? 40 : 60
      return { sent, deliveries: 10 * sent, cpuUs: IDLE_US + sent * INGEST_US + 10 * sent * 50 }
    })
    const interval = serverCostOf(facts({ seconds: uneven })).cpuUsPerDeliveryInterval ?? []
    assert.ok((interval[1] ?? 9) - (interval[0] ?? 0) < 1e-6)
    assert.equal(
      serverCostOf(facts({ seconds: seconds.slice(0, 4) })).cpuUsPerDeliveryInterval,
      null,
    )
  })

  it('is not known by delivery where less than nothing would be left', () => {
    const dear = facts({ unheard: 30 })
    const { cpuUsPerDelivery, cpuUsPerDeliveryInterval, ingestCpuUsPerEvent } = serverCostOf(dear)
    assert.deepEqual([cpuUsPerDelivery, cpuUsPerDeliveryInterval], [null, null])
    assert.ok((ingestCpuUsPerEvent ?? 0) > INGEST_US)
    // Seconds that are as uneven explain it: nothing is left, or little.
    const seconds = dear.seconds.map((second, at) => ({
      ...second,
      cpuUs: second.cpuUs + (at % 2 === 0 ? 1e6 : -1e6),
    }))
    const [low, high = 0] = serverCostOf({ ...dear, seconds }).cpuUsPerDeliveryInterval ?? []
    assert.equal(low, 0)
    assert.ok(high > 0)
  })

  it('is not known without a rehearsal, or where the server was started anew', () => {
    const nothing = [null, null, null, null]
    assert.deepEqual(Object.values(serverCostOf(facts({ rehearsal: null }))), nothing)
    assert.deepEqual(Object.values(serverCostOf(facts({ unheard: 0 }))), nothing)
    assert.deepEqual(Object.values(serverCostOf(facts({ end: reading(15_000, 9, 2) }))), nothing)
    const { cpuUsPerDelivery, ingestCpuUsPerEvent } = serverCostOf(facts({ deliveries: 0 }))
    assert.deepEqual([cpuUsPerDelivery, ingestCpuUsPerEvent], [null, INGEST_US])
  })

  it('of taking an event in is not known where it is less than nothing', () => {
    const { begin, idle } = facts().rehearsal ?? { begin: [], idle: [] }
    const rehearsal = { begin, idle, end: reading(4_000, 3 * IDLE_US) }
    assert.equal(serverCostOf(facts({ rehearsal })).ingestCpuUsPerEvent, null)
  })
})
