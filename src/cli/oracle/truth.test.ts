import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../../measure/random.ts'
import { drawDisturbances } from './disturbance.conformance.ts'
import { KNOWN_LATENCIES } from './known-latency.conformance.ts'
import type { ServedEvent } from './known-server.conformance.ts'
import {
  contains,
  containsSampled,
  isClose,
  percentileOf,
  rankInterval,
  truthOf,
} from './truth.conformance.ts'

const hundred = Array.from({ length: 100 }, (_, index) => index + 1)

describe('the truth of a run', () => {
  /** Of a queue of 4 ms, wanted each 8 ms. */
  const event = (index: number, readAtMs: number, leavesAtMs: number): ServedEvent => ({
    run: 7,
    channel: index,
    sequence: 1,
    intendedAtNs: index * 8e6,
    readAtNs: readAtMs * 1e6,
    takesMs: 4,
    dueAtNs: leavesAtMs * 1e6,
    writtenAtNs: leavesAtMs * 1e6,
  })

  it('tells a queue that was served in a bunch from one on schedule', () => {
    const events = [event(0, 0, 4), event(1, 30, 34), event(2, 30, 38), event(3, 30, 42)]
    const { served, scheduled } = truthOf(events, KNOWN_LATENCIES['M/D/1 0.5'], 3)
    assert.deepEqual(served, [4, 8, 12])
    assert.deepEqual(scheduled, [4, 4, 4])
  })

  it('adds what the server itself was late to both', () => {
    const late = { ...event(0, 0, 4), writtenAtNs: 5e6 }
    const { served, scheduled, serverLate } = truthOf([late], KNOWN_LATENCIES['M/D/1 0.5'], 1)
    assert.deepEqual([served, scheduled, serverLate], [[5], [5], [1]])
  })

  it('leaves out what has no mark, and refuses to judge what it does not have', () => {
    const unmarked = { ...event(0, 0, 4), run: 0 }
    assert.throws(() => truthOf([unmarked], KNOWN_LATENCIES.constant, 1), /0 events of 1/)
  })
})

describe('bounds', () => {
  it('contain a percentile to within a rank and the loopback', () => {
    assert.equal(percentileOf(hundred, 90), 90)
    assert.ok(contains({ lowerMs: 88, upperMs: 90 }, hundred, 90, 0))
    assert.ok(contains({ lowerMs: 90, upperMs: 120 }, hundred, 90, 0))
    assert.ok(!contains({ lowerMs: 80, upperMs: 88 }, hundred, 90, 0))
    assert.ok(!contains({ lowerMs: 92, upperMs: 120 }, hundred, 90, 0))
    assert.ok(contains({ lowerMs: 92, upperMs: 120 }, hundred, 90, 1))
  })

  it('contain it to within the interval of a sample', () => {
    assert.deepEqual(rankInterval(100, 0.9), [84, 96])
    assert.ok(containsSampled({ lowerMs: 96, upperMs: 120 }, hundred, 90, 0))
    assert.ok(!containsSampled({ lowerMs: 97, upperMs: 120 }, hundred, 90, 0))
    assert.ok(!containsSampled({ lowerMs: 60, upperMs: 83 }, hundred, 90, 0))
  })

  it('have ranks that 95 of 100 samples agree with', () => {
    const random = seededRandom(3, 0)
    const [low, high] = rankInterval(400, 0.9)
    let within = 0
    for (let trial = 0; trial < 2_000; trial++) {
      const below = Array.from({ length: 400 }, random).filter((value) => value < 0.9).length
      if (low <= below && below < high) within++
    }
    assert.ok(within > 1_860 && within < 1_990, `${within} of 2000`)
  })

  it('are close within a twentieth or 0.3 ms', () => {
    assert.ok(isClose({ lowerMs: 1, upperMs: 1.29 }))
    assert.ok(!isClose({ lowerMs: 1, upperMs: 1.31 }))
    assert.ok(isClose({ lowerMs: 100, upperMs: 104.9 }))
    assert.ok(!isClose({ lowerMs: 100, upperMs: 105.1 }))
  })
})

describe('disturbances', () => {
  it('are the same for a seed, within the window, and of every kind', () => {
    const kinds = new Set<string>()
    for (let seed = 1; seed <= 40; seed++) {
      const drawn = drawDisturbances(seed, 4_000)
      assert.deepEqual(drawDisturbances(seed, 4_000), drawn)
      for (const one of drawn) {
        kinds.add(one.kind === 'hogs' ? 'hogs' : `${one.kind} ${one.of}`)
        const lengthMs = one.kind === 'nice' ? 0 : one.lengthMs
        assert.ok(one.startMs >= 0 && one.startMs + lengthMs <= 4_000, JSON.stringify(one))
      }
    }
    assert.deepEqual([...kinds].sort(), [
      'hogs',
      'nice publisher',
      'nice worker',
      'stop publisher',
      'stop worker',
    ])
  })
})
