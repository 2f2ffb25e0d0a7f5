import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FastestDelivery, SlipDebt } from './slip-debt.ts'

const MS = 1e6

describe('the debt of late events', () => {
  it('is none of what is late by a little, and shrinks as a busy server works it off', () => {
    const debt = new SlipDebt()
    debt.take(4 * MS, 0)
    assert.equal(debt.at(0), 0)
    debt.take(100 * MS, 1_000 * MS)
    assert.deepEqual(
      [1_000, 1_250, 1_500, 2_000].map((ms) => debt.at(ms * MS) / MS),
      [100, 50, 0, 0],
    )
    // What is late by less in the meantime changes nothing.
    debt.take(20 * MS, 1_350 * MS)
    assert.equal(debt.at(1_400 * MS), 20 * MS)
  })

  it('covers the queue that a publisher leaves which stood still, at a server that is busy up to four fifths of its time', () => {
    const stop = fc.record({
      atMs: fc.nat(1_000),
      forMs: fc.integer({ min: 20, max: 600 }),
      serviceMs: fc.integer({ min: 1, max: 8 }),
    })
    fc.assert(
      fc.property(stop, ({ atMs, forMs, serviceMs }) => {
        const debt = new SlipDebt()
        let [free, freeInTime] = [0, 0]
        for (let intended = 5; intended < 5_000; intended += 10) {
          const stands = intended >= atMs && intended < atMs + forMs
          const left = stands ? atMs + forMs : intended
          const owedMs = Math.max(left - intended, debt.at(left * MS) / MS)
          debt.take((left - intended) * MS, left * MS)
          free = Math.max(free, left) + serviceMs
          freeInTime = Math.max(freeInTime, intended) + serviceMs
          // By as much as the publisher has kept it up, not more than it owns up to; a little is let pass.
          assert.ok(
            free - freeInTime <= owedMs + 15,
            `${intended}: ${free - freeInTime}, ${owedMs}`,
          )
        }
      }),
    )
  })
})

describe('the fastest delivery', () => {
  it('is the least that a publisher leaves of a latency by a queue that it owns up to', () => {
    const fastest = new FastestDelivery()
    const boundMs = (latencyMs: number, slipMs: number, otherMs = 0): number => {
      const slipUs = fastest.slipOf(slipMs * 1_000, latencyMs * 1_000, otherMs * 1_000)
      const lateUs = slipUs + otherMs * 1_000
      fastest.take(latencyMs * 1_000, lateUs)
      return latencyMs - lateUs / 1_000
    }
    assert.equal(boundMs(90, 80), 10)
    assert.equal(boundMs(50, 0), 50)
    assert.equal(boundMs(70, 0), 70)
    assert.equal(boundMs(90, 80), 50)
    assert.equal(boundMs(200, 80), 120)
    assert.equal(boundMs(90, 80, 10), 50)
    assert.equal(boundMs(90, 80, 60), 30)
    // What is late by little makes no queue, and is not punctual.
    assert.equal(boundMs(53, 4), 49)
    assert.equal(boundMs(90, 80), 50)
    // As observed, it was the fastest.
    assert.equal(boundMs(40, 30), 40)
    assert.equal(boundMs(90, 80), 40)
  })
})
