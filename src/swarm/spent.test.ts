import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sampleLatency } from '../result/sample.conformance.ts'
import type { InstanceReading } from './server-watch.ts'
import { fanOutMeanUs, fanOutOf, meansOf, spentOf } from './spent.ts'

function reading(
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
    const parts = spentOf(means)
    assert.deepEqual(parts, { slipUs: 100, acceptUs: 300, fanOutUs: 40_000, readUs: 30_000 })
    const uneven = spentOf({ responseUs: 100.7, serviceUs: 66.6, slipUs: 3.33, fanOutUs: 33.349 })
    const sum = Object.values(uneven ?? {}).reduce((total, part) => total + part, 0)
    assert.ok(Math.abs(sum - 100.7) <= 0.2, `${sum}`)
  })

  it('is not told where a part is below zero, beyond what histograms round', () => {
    assert.equal(spentOf({ ...means, fanOutUs: 70_200 }), null)
    assert.equal(spentOf({ ...means, slipUs: 500 }), null)
    assert.equal(spentOf({ ...means, fanOutUs: 70_050 })?.readUs, -50)
    assert.equal(spentOf({ ...means, slipUs: 450 })?.acceptUs, -50)
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
    const before = [reading(1_000, [5, 10]), reading(0, [0, 0])]
    const after = [reading(4_000, [5, 20]), reading(9_000, [10, 0])]
    assert.equal(fanOutMeanUs(before, after), 12_000 / 20)
    assert.equal(fanOutMeanUs(before, before), null)
    assert.equal(fanOutMeanUs(null, after), null)
    assert.equal(fanOutMeanUs(before, undefined), null)
    assert.equal(fanOutMeanUs(before, after.map(withoutFanOut)), null)
  })

  it('is nothing of what clients ask for themselves', () => {
    assert.equal(fanOutMeanUs([reading(0, [0])], [reading(0, [50])]), 0)
  })

  it('has the span of the slowest instance, and a p99 of enough events', () => {
    const one = reading(0, [], { p99: 10, max: 90 })
    const other = reading(0, [], { p99: 20, max: 30 })
    assert.deepEqual(fanOutOf([one, other]), { p99Us: 20, maxUs: 90 })
    const few = reading(0, [], { events: 99, p99: 500, max: 600 })
    assert.deepEqual(fanOutOf([one, few]), { p99Us: null, maxUs: 600 })
    assert.equal(fanOutOf([one, withoutFanOut(other)]), null)
    assert.equal(fanOutOf([]), null)
    assert.equal(fanOutOf(null), null)
  })
})
