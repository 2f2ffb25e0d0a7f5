import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { EventBlocks } from './event-blocks.ts'
import { LatencyHistogram, prepareHistograms } from './histogram.ts'
import { type Intervals, intervalsOf } from './interval.ts'
import {
  broadcast,
  coverageOf,
  independent,
  intervalsOfWindow,
  pauses,
  queue,
  rare,
} from './known-load.conformance.ts'
import { seededRandom } from './random.ts'

/** Events at even distances over a minute, each with its deliveries. */
function minuteOf(
  events: readonly (readonly number[])[],
  { counted = events.length, cutAtS = 60 } = {},
): Intervals {
  const blocks = new EventBlocks()
  blocks.begin({ startNs: 0, endNs: 60e9 })
  const histogram = new LatencyHistogram()
  for (const [index, latencies] of events.entries()) {
    for (const us of latencies) {
      blocks.record((index / events.length) * cutAtS * 1e9, us)
      histogram.record(us)
    }
  }
  const summary = histogram.summary(counted)
  const found = intervalsOf(blocks, histogram, summary, blocks.until(cutAtS * 1e9), counted)
  histogram.destroy()
  return found
}

function width({ p50 }: Intervals): number {
  assert.ok(p50 !== null && p50.highUs !== null)
  return p50.highUs - p50.lowUs
}

describe('sampling intervals', () => {
  before(prepareHistograms)

  for (const load of [
    independent(100),
    queue(200, 0.8),
    broadcast(20, 20),
    rare(100, 3),
    pauses(100),
  ]) {
    for (const seconds of [5, 10, 60]) {
      it(`have the truth in them as often as they say: ${load.name}, ${seconds} s`, () => {
        for (const [figure, { windows, covered }] of Object.entries(
          coverageOf(load, seconds, 1_000 / seconds),
        )) {
          // 95 % is what they say; some fewer may, since these are few windows.
          assert.ok(covered >= 0.9 * windows, `${figure}: ${covered} of ${windows}`)
        }
      })
    }
  }

  it('would not, if deliveries of a broadcast were taken for independent', () => {
    const { events, cdf, name } = broadcast(20, 20)
    // The same load with each delivery at a time of its own: nothing is known of the events then.
    const torn = {
      name,
      cdf,
      *events(random: () => number, seconds: number) {
        for (const [, latencies] of events(random, seconds)) {
          for (const us of latencies) yield [random() * seconds, [us]] as const
        }
      },
    }
    const { p50 } = coverageOf(torn, 10, 60)
    assert.ok(p50.covered < 0.6 * p50.windows, `${p50.covered} of ${p50.windows}`)
  })

  it('hold the figure itself, and narrow with the length of the window', () => {
    const [short, long] = [5, 60].map((seconds) =>
      intervalsOfWindow(independent(100), seconds, seededRandom(7, 1)),
    )
    assert.ok(short !== undefined && long !== undefined)
    assert.ok(width(long) < width(short) / 2)
  })

  it('are a point where nothing varies', () => {
    const { p50, p99, mean } = minuteOf(new Array<number[]>(600).fill([700]))
    for (const interval of [p50, p99, mean]) {
      assert.deepEqual(interval, { lowUs: 700, highUs: 700 })
    }
  })

  it('end nowhere above, where a slower event may just not have come up', () => {
    const latencies = new Array<number[]>(400).fill([1_000])
    const open = (events: number): (boolean | null)[] => {
      const { p50, p90, p99 } = minuteOf(latencies.slice(0, events))
      return [p50, p90, p99].map((interval) => interval && interval.highUs === null)
    }
    // 0.5 ^ 5 and 0.9 ^ 35 and 0.99 ^ 367 are just above 2.5 %.
    assert.deepEqual(open(5), [true, null, null])
    assert.deepEqual(open(6), [false, null, null])
    assert.deepEqual(open(35), [false, true, null])
    assert.deepEqual(open(37), [false, false, null])
    assert.deepEqual(open(367), [false, false, true])
  })

  it('have none of a percentile that is not printed, nor of a window that is hardly one', () => {
    const events = Array.from({ length: 50 }, (_, index) => new Array<number>(10).fill(index))
    const { p90, p99 } = minuteOf(events)
    assert.ok(p90 !== null)
    assert.equal(p99, null)
    for (const none of [
      minuteOf(events, { cutAtS: 20 }),
      minuteOf(events.slice(0, 1)),
      minuteOf(events, { counted: 0 }),
      minuteOf([]),
    ]) {
      assert.ok(Object.values(none).every((interval) => interval === null))
    }
    assert.ok(minuteOf(events, { cutAtS: 30 }).p50 !== null)
  })
})
