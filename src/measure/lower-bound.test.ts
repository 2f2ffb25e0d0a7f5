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

function wait(startMs: number, endMs: number, ms = endMs - startMs, behindMs = 0): Wait {
  return { startNs: startMs * MS, endNs: endMs * MS, waitNs: ms * MS, behindNs: behindMs * MS }
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

  it('takes off what a server waited before and has not caught up with, and never more than its time', () => {
    const rows = samples([100, 20, 0], [160, 20, 0], [180, 40, 0], [300, 20, 0])
    const waits = [
      wait(0, 30, 5),
      wait(60, 70, 8, 5),
      wait(90, 92, 2, 13),
      // It had caught up by 150.
      wait(150, 150, 0, 15),
      wait(200, 260, 60, 0),
    ]
    const bound = new LowerBound(1)
    bound.take(rows)
    bound.tell(0, waits, 400 * MS)
    // Behind by 15, by 15, by 15, and by 60 of which nobody has said the end: 5, 5, 25 and 0 are left.
    assert.deepEqual(rangeOf(bound), [0, 25])
    assert.ok(Math.abs((bound.histogram.summary().meanUs ?? 0) - 8_750) < 50)
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

  it('takes off nothing of a time that a server has not told of', () => {
    const bound = new LowerBound(1)
    bound.tell(0, [wait(10, 45)], 60 * MS)
    bound.take(samples([58, 5, 0], [100, 20, 0]))
    // It may have caught up since, or not.
    assert.deepEqual(rangeOf(bound), [0, 20])
    bound.destroy()
  })

  it('waits for the word of every server, and at the end for none', () => {
    const bound = new LowerBound(2)
    bound.take(samples([100, 50, 0]))
    bound.tell(0, [], 150 * MS)
    assert.equal(bound.histogram.count, 0)
    bound.tell(1, [], 99 * MS)
    assert.equal(bound.histogram.count, 0)
    bound.tell(1, [wait(90, 95), wait(99, 99, 0, 5)], 150 * MS)
    assert.equal(bound.histogram.count, 1)
    bound.take(samples([170, 5, 0]))
    assert.deepEqual(rangeOf(bound), [5, 45])
    bound.destroy()
  })

  it('is no more than the latency of a server that never waited, and the same where it did not', () => {
    const jobs = fc.array(fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 6 })), { minLength: 1 })
    const taken = fc.array(fc.boolean(), { maxLength: 200 })
    fc.assert(
      fc.property(jobs, taken, fc.nat(), (gaps, isTaken, choice) => {
        let atMs = 0
        const queue = gaps.map(([gap, ms]) => {
          atMs += gap
          return { atMs, ms }
        })
        const observed = serve(queue, (tick) => isTaken[tick] === true)
        const onTime = serve(queue, () => false)
        const chosen = choice % queue.length
        const { atMs: askedMs } = queue[chosen] as Job
        const doneMs = observed.doneMs[chosen] as number
        const bound = new LowerBound(1)
        bound.take(samples([doneMs, doneMs - askedMs, 0]))
        bound.tell(0, observed.waits, 1e12)
        const meanUs = bound.summary().meanUs ?? 0
        bound.destroy()
        const leastUs = ((onTime.doneMs[chosen] as number) - askedMs) * 1e3
        // Within the histogram's step.
        assert.ok(meanUs <= leastUs * 1.005 + 1, `${meanUs} of ${leastUs} µs`)
        if (observed.waits.length === 0) assert.ok(meanUs >= leastUs * 0.995 - 1)
      }),
    )
  })
})

interface Job {
  readonly atMs: number
  readonly ms: number
}

/** What a server does that serves in turn, millisecond by millisecond, some of which others take. */
function serve(
  jobs: readonly Job[],
  isTaken: (tick: number) => boolean,
): { readonly doneMs: readonly number[]; readonly waits: readonly Wait[] } {
  const doneMs: number[] = []
  const waits: Wait[] = []
  let behindMs = 0
  let now = 0
  for (const { atMs, ms } of jobs) {
    if (now < atMs) {
      if (behindMs > 0) waits.push(wait(now, now, 0, behindMs))
      behindMs = 0
      now = atMs
    }
    for (let left = ms; left > 0; now++) {
      if (!isTaken(now)) left--
      else waits.push(wait(now, now + 1, 1, behindMs++))
    }
    doneMs.push(now)
  }
  return { doneMs, waits }
}
