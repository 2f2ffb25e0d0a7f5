import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TimelineEntry } from '../result/document.ts'
import { sampleLatency } from '../result/sample.conformance.ts'
import { breakdownOf, meansOf } from './findings.ts'
import {
  type CostFacts,
  fanOutMeanUs,
  fanOutOf,
  serverCostOf,
  servingCpuUs,
} from './server-figures.ts'
import type { InstanceReading } from './server-reading.ts'

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

/** A second of the window, in which each event had ten receivers. */
function second(cpuUs: number, published: number): TimelineEntry {
  return {
    second: 0,
    published,
    deliveries: 10 * published,
    ...{ p50Us: null, p99Us: null, maxUs: null, held: null },
    ...{ openSockets: 0, exchanges: 0, bytesReceived: 0, cuts: 0 },
    serverCpuUtilisation: cpuUs / 1e6,
    generatorCpuUtilisation: null,
  }
}

/** Adds to the CPU time of one second, and takes off that of the next. */
function unevenly(seconds: readonly TimelineEntry[], us: number): readonly TimelineEntry[] {
  return seconds.map((one, at) => ({
    ...one,
    serverCpuUtilisation: (one.serverCpuUtilisation ?? 0) + (at % 2 === 0 ? us : -us) / 1e6,
  }))
}

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
    seconds: Array.from({ length: 10 }, () => second(window / 10, 50)),
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
    const seconds = unevenly(facts().seconds, 1_000)
    const [low = 0, high = 0] = serverCostOf(facts({ seconds })).cpuUsPerDeliveryInterval ?? []
    // Student's 2.26 times 1.054 ms, of 10 s, and five times over of the 2 s before.
    const expected = (2.262 * 1e3 * Math.sqrt(10 / 9) * Math.sqrt(10 + 25 * 2)) / 5_000
    assert.ok(Math.abs((high - low) / 2 - expected) < 0.01, `${low} to ${high}, ${expected}`)
    // What follows from the load is no unevenness.
    const uneven = facts().seconds.map((_, at) => {
      const sent = at % 2 === 0 ? 40 : 60
      return second(IDLE_US + sent * INGEST_US + 10 * sent * 50, sent)
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
    const seconds = unevenly(dear.seconds, 1e6)
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

function delivering(
  waitedUs: number,
  deliveries: readonly number[],
  spans: { readonly events?: number; readonly p99?: number; readonly max?: number } = {},
): InstanceReading {
  const meters = deliveries.map(
    (count, index) =>
      [`transport-${index}`, { held: 0, deliveries: count, slowConsumers: 0 }] as const,
  )
  return {
    upMs: 0,
    restarts: 0,
    transports: Object.fromEntries(meters),
    cpu: { userUs: 0, systemUs: 0 },
    memory: { rssBytes: 0 },
    loop: { delayP50Us: 0, delayP99Us: 0, delayMaxUs: 0, samples: 0, utilisation: 0 },
    fanOut: {
      waitedUs,
      events: spans.events ?? 100,
      spanP99Us: spans.p99 ?? 0,
      spanMaxUs: spans.max ?? 0,
    },
  }
}

function withoutFanOut({ fanOut: _, ...older }: InstanceReading): InstanceReading {
  return older
}

const means = { responseUs: 70_400, serviceUs: 70_000, slipUs: 100, fanOutUs: 40_000 }

describe('where latency was spent', () => {
  it('is told by parts that add up to the mean', () => {
    const parts = breakdownOf(means)
    assert.deepEqual(parts, { slipUs: 100, acceptUs: 300, fanOutUs: 40_000, readUs: 30_000 })
    const uneven = breakdownOf({
      responseUs: 100.7,
      serviceUs: 66.6,
      slipUs: 3.33,
      fanOutUs: 33.349,
    })
    const sum = Object.values(uneven ?? {}).reduce((total, part) => total + part, 0)
    assert.ok(Math.abs(sum - 100.7) <= 0.2, `${sum}`)
  })

  it('is not told where a part is below zero, beyond what histograms round', () => {
    assert.equal(breakdownOf({ ...means, fanOutUs: 70_200 }), null)
    assert.equal(breakdownOf({ ...means, slipUs: 500 }), null)
    assert.equal(breakdownOf({ ...means, fanOutUs: 70_050 })?.readUs, -50)
    assert.equal(breakdownOf({ ...means, slipUs: 450 })?.acceptUs, -50)
  })

  it('is not told of means that are of other deliveries, or unknown', () => {
    const [response, service] = [sampleLatency(3_000, 9_000), sampleLatency(2_800, 9_000)]
    const known = meansOf(response, service, 100, 50)
    assert.deepEqual(known, {
      responseUs: response.meanUs,
      serviceUs: service.meanUs,
      slipUs: 100,
      fanOutUs: 50,
    })
    assert.equal(meansOf(response, { ...service, count: service.count - 1 }, 100, 50), null)
    assert.equal(meansOf(response, null, 100, 50), null)
    assert.equal(meansOf(response, service, null, 50), null)
    assert.equal(meansOf(response, service, 100, null), null)
  })
})

describe("the server's fan-out", () => {
  it('is a mean over all that was delivered between two readings', () => {
    const before = [delivering(1_000, [5, 10]), delivering(0, [0, 0])]
    const after = [delivering(4_000, [5, 20]), delivering(9_000, [10, 0])]
    assert.equal(fanOutMeanUs(before, after), 12_000 / 20)
    assert.equal(fanOutMeanUs(before, before), null)
    assert.equal(fanOutMeanUs(null, after), null)
    assert.equal(fanOutMeanUs(before, undefined), null)
    assert.equal(fanOutMeanUs(before, after.map(withoutFanOut)), null)
  })

  it('is nothing of what clients ask for themselves', () => {
    assert.equal(fanOutMeanUs([delivering(0, [0])], [delivering(0, [50])]), 0)
  })

  it('has the span of the slowest instance, and a p99 of enough events', () => {
    const one = delivering(0, [], { p99: 10, max: 90 })
    const other = delivering(0, [], { p99: 20, max: 30 })
    assert.deepEqual(fanOutOf([one, other]), { p99Us: 20, maxUs: 90 })
    const few = delivering(0, [], { events: 99, p99: 500, max: 600 })
    assert.deepEqual(fanOutOf([one, few]), { p99Us: null, maxUs: 600 })
    assert.equal(fanOutOf([one, withoutFanOut(other)]), null)
    assert.equal(fanOutOf([]), null)
    assert.equal(fanOutOf(null), null)
  })
})

it('an instance that was started anew counts from when it listened', () => {
  const born = (upMs: number, cpuUs: number, startUs?: number) =>
    reading(upMs, cpuUs, 2).map((one) => ({
      ...one,
      cpu: { ...one.cpu, ...(startUs !== undefined && { startUs }) },
    }))
  const [before, after] = [reading(5_000, 900_000), reading(7_000, 950_000)]
  assert.equal(servingCpuUs(before, after), 50_000)
  assert.equal(servingCpuUs(before, born(1_000, 700_000, 400_000)), 300_000)
  assert.equal(
    servingCpuUs([...before, ...before], [...after, ...born(1_000, 700_000, 400_000)]),
    350_000,
  )
  // An older server does not say what it took to start.
  assert.equal(servingCpuUs(before, born(1_000, 700_000)), null)
})
