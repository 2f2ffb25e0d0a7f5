import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { prepareHistograms } from './histogram.ts'
import type { Wait } from './lateness.ts'
import { type LateSamples, LowerBound } from './lower-bound.ts'

const MS = 1e6

/** Deliveries received at so many milliseconds, with so much latency and lateness. */
function samples(...rows: readonly (readonly [atMs: number, ms: number, lateMs: number])[]) {
  return {
    latenciesUs: Uint32Array.from(rows, ([, ms]) => ms * 1e3),
    latenessesUs: Uint32Array.from(rows, ([, , lateMs]) => lateMs * 1e3),
    servableUs: Uint32Array.from(rows, ([, ms]) => ms * 1e3),
    receivedUs: Uint32Array.from(rows, ([atMs]) => atMs * 1e3),
    sinceNs: 0,
  } satisfies LateSamples
}

function wait(startMs: number, endMs: number, ms = endMs - startMs): Wait {
  return { startNs: startMs * MS, endNs: endMs * MS, waitNs: ms * MS }
}

/** The lowest and the highest latency, milliseconds. */
function rangeOf(bound: LowerBound): readonly (number | null)[] {
  const { minUs, maxUs } = bound.summary()
  return [minUs, maxUs].map((us) => (us === null ? null : Math.round(us / 1e3)))
}

describe('the lower bound of latencies', () => {
  before(prepareHistograms)

  it('takes the lateness off each, and never more than there is', () => {
    const bound = new LowerBound()
    bound.take(samples([100, 50, 20], [200, 10, 30]))
    assert.deepEqual(rangeOf(bound), [0, 30])
    assert.equal(bound.histogram.count, 2)
    bound.destroy()
  })

  it('takes off what the server waited for a processor meanwhile, and not at other times', () => {
    const bound = new LowerBound(1)
    bound.take(samples([100, 50, 10]))
    bound.tell(0, [wait(10, 45), wait(60, 70), wait(80, 90, 4), wait(95, 130)], 200 * MS)
    // 50 ms from 50 to 100: 10 late, then 10 + 4 + 5 of the server's waits.
    assert.deepEqual(rangeOf(bound), [21, 21])
    bound.destroy()
  })

  it('not of the time before a client asked', () => {
    const bound = new LowerBound(1)
    bound.take({ ...samples([100, 50, 10]), servableUs: Uint32Array.of(5_000) })
    bound.tell(0, [wait(10, 45), wait(60, 70), wait(95, 97)], 200 * MS)
    assert.deepEqual(rangeOf(bound), [38, 38])
    bound.destroy()
  })

  it('takes off the longest wait of several servers, since one of them has served it', () => {
    const bound = new LowerBound(2)
    bound.take(samples([100, 50, 0]))
    bound.tell(0, [wait(60, 70)], 200 * MS)
    bound.tell(1, [wait(60, 65), wait(70, 78)], 200 * MS)
    assert.deepEqual(rangeOf(bound), [37, 37])
    bound.destroy()
  })

  it('waits for the word of every server, and at the end for none', () => {
    const bound = new LowerBound(2)
    bound.take(samples([100, 50, 0]))
    bound.tell(0, [], 150 * MS)
    assert.equal(bound.histogram.count, 0)
    bound.tell(1, [], 99 * MS)
    assert.equal(bound.histogram.count, 0)
    bound.tell(1, [wait(90, 95)], 150 * MS)
    assert.equal(bound.histogram.count, 1)
    bound.take(samples([170, 5, 0]))
    assert.deepEqual(rangeOf(bound), [5, 45])
    bound.destroy()
  })

  it('adds up waits as one after the other would', () => {
    const spans = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 9 })),
    )
    fc.assert(
      fc.property(spans, fc.integer({ min: 0, max: 300 }), fc.nat(200), (gaps, end, length) => {
        let at = 0
        const waits = gaps.map(([gap, ms]) => {
          at += gap + ms
          return wait(at - ms, at, Math.ceil(ms / 2))
        })
        const latencyMs = Math.min(length, end)
        const expected = waits.reduce((sum, { startNs, endNs, waitNs }) => {
          const overlap = Math.min(endNs, end * MS) - Math.max(startNs, (end - latencyMs) * MS)
          return sum + Math.max(0, Math.min(waitNs, overlap))
        }, 0)
        const bound = new LowerBound(1)
        bound.take(samples([end, latencyMs, 0]))
        bound.tell(0, waits, 1e12)
        const { meanUs } = bound.summary()
        bound.destroy()
        assert.ok(Math.abs((meanUs ?? 0) - (latencyMs * 1e3 - expected / 1e3)) <= 200)
      }),
    )
  })
})
