import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventBlocks, type TimedSamples } from './event-blocks.ts'

/** A minute: each block is a second. */
function minute(): EventBlocks {
  const blocks = new EventBlocks()
  blocks.begin({ startNs: 5e9, endNs: 65e9 })
  return blocks
}

/** Deliveries of events that were intended at so many seconds of the minute. */
function samples(...rows: readonly (readonly [intendedS: number, us: number])[]): TimedSamples {
  return {
    latenciesUs: Uint32Array.from(rows, ([, us]) => us),
    receivedUs: Uint32Array.from(rows, ([intendedS, us]) => (2 + intendedS) * 1e6 + us),
    sinceNs: 3e9,
  }
}

function nonzero(counts: Float64Array): readonly (readonly number[])[] {
  return [...counts.entries()].filter(([, count]) => count > 0)
}

describe('blocks of events', () => {
  it('have a delivery by when its event was intended, not by when it came', () => {
    const blocks = minute()
    blocks.recordAll(samples([1.5, 100], [1.5, 40e6], [59.9, 7e6]))
    const { counts, amounts } = blocks.sums(60)
    assert.deepEqual(nonzero(counts), [
      [1, 2],
      [59, 1],
    ])
    assert.deepEqual(nonzero(amounts), [
      [1, 40_000_100],
      [59, 7e6],
    ])
  })

  it('tell what a share of some of them does not exceed, and how many exceed a latency', () => {
    const blocks = minute()
    const us = (s: number, latencyUs: number) => [s, latencyUs] as const
    blocks.recordAll(samples(...[1, 2, 3, 4].map((latency) => us(0.5, latency * 1_000))))
    blocks.recordAll(samples(us(1.5, 5_000), us(1.5, 900_000), us(2.5, 70_000)))
    assert.equal(blocks.quantileUs(0.5, 0, 1), 2_000)
    const within = (found: number | null, expected: number): void => {
      assert.ok(found !== null && found >= expected && found < expected * 1.002, `${found}`)
    }
    within(blocks.quantileUs(1, 0, 1), 4_000)
    within(blocks.quantileUs(0.99, 0, 2), 900_000)
    within(blocks.quantileUs(0.99, 2, 60), 70_000)
    assert.equal(blocks.quantileUs(0.99, 3, 60), null)
    const above = (limitUs: number) => [...blocks.above(limitUs, 3).amounts]
    assert.deepEqual(above(0), [4, 2, 1])
    assert.deepEqual(above(2_000.5), [2, 2, 1])
    assert.deepEqual(above(6_000), [0, 1, 1])
    assert.deepEqual(above(1e12), [0, 0, 0])
    assert.deepEqual([...blocks.above(0, 3).counts], [4, 2, 1])
  })

  it('do not part the deliveries of an event that is due as a block begins', () => {
    const blocks = minute()
    // What is known of its time is off by a microsecond either way.
    for (const offNs of [-999, 0, 999]) blocks.record(7e9 + offNs, 50)
    assert.deepEqual(nonzero(blocks.sums(60).counts), [[2, 3]])
    blocks.record(5e9 - 999, 1)
    blocks.record(65e9 - 1, 1)
    assert.deepEqual(
      nonzero(blocks.sums(60).counts).map(([block]) => block),
      [0, 2, 59],
    )
  })

  it('tell by block how many are among the fastest, to three digits', () => {
    const blocks = minute()
    for (let us = 1; us <= 1_000; us++) blocks.record(5e9 + (us > 900 ? 30e9 : 0), us * 1_000)
    const [half, most, all] = blocks.below([0.5, 0.95, 1], 60).map(({ amounts }) => amounts)
    assert.ok(half !== undefined && most !== undefined && all !== undefined)
    assert.ok(Math.abs((half[0] as number) - 500) <= 1, `${half[0]}`)
    assert.equal(half[30], 0)
    assert.equal(most[0], 900)
    assert.ok(Math.abs((most[30] as number) - 50) <= 1, `${most[30]}`)
    assert.deepEqual([all[0], all[30]], [900, 100])
  })

  it('hold the longest latency that a sample can have', () => {
    const blocks = minute()
    for (const us of [0, 2_047, 2_048, 4_095, 4_096, 2 ** 31, 2 ** 32 - 1]) blocks.record(5e9, us)
    assert.deepEqual(nonzero(blocks.sums(60).counts), [[0, 7]])
    const shares = [1, 2, 3, 4, 5, 6, 7].map((count) => count / 7)
    assert.deepEqual(
      blocks.below(shares, 60).map(({ amounts }) => amounts[0]),
      [1, 2, 3, 4, 5, 6, 7],
    )
  })

  it('are as many as a window that was cut short had', () => {
    const blocks = minute()
    assert.deepEqual(
      [65e9, 35e9, 5e9, 90e9].map((endNs) => blocks.until(endNs)),
      [60, 30, 0, 60],
    )
    blocks.recordAll(samples([1, 10], [50, 10]))
    assert.deepEqual(nonzero(blocks.sums(30).counts), [[1, 1]])
  })

  it('record nothing before there is a window', () => {
    const blocks = new EventBlocks()
    blocks.record(5e9, 10)
    assert.equal(blocks.until(65e9), 0)
    assert.equal(blocks.sums(60).counts.length, 60)
  })
})
