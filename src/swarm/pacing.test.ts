import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../measure/random.ts'
import type { Alarms, Sleeper } from '../transports/transport.ts'
import {
  ARRIVALS,
  type Arrival,
  type Arrivals,
  connectingAtOnce,
  constantArrivals,
  firstEventsNs,
  poissonArrivals,
  RampUp,
  SCHEDULE_STREAM,
} from './pacing.ts'

const EVENTS = 100_000

function take(schedule: Arrivals, count: number): readonly Arrival[] {
  return Array.from({ length: count }, () => schedule.next().value)
}

function gapsOf(schedule: readonly Arrival[]): readonly number[] {
  return schedule.map(({ atNs }, index) => atNs - (schedule[index - 1]?.atNs ?? 0))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function countByChannel(schedule: readonly Arrival[], channels: number): readonly number[] {
  const counts = new Array<number>(channels).fill(0)
  for (const { channel } of schedule) counts[channel] = (counts[channel] ?? 0) + 1
  return counts
}

describe('Poisson arrivals', () => {
  // 2 per second and channel, 50 channels: 100 a second, a gap of 10 ms in the mean.
  const schedule = take(poissonArrivals(2, 50, seededRandom(1, 0)), EVENTS)
  const gaps = gapsOf(schedule)
  const meanNs = 1e7

  it('have the mean of the rate', () => {
    // The mean of n exponential gaps deviates by 1/√n; five of them.
    assert.ok(Math.abs(mean(gaps) / meanNs - 1) < 5 / Math.sqrt(EVENTS), `mean ${mean(gaps)}`)
  })

  it('have exponential gaps', () => {
    for (const times of [0.1, 0.5, 1, 2, 4]) {
      const share = gaps.filter((gap) => gap > times * meanNs).length / EVENTS
      const expected = Math.exp(-times)
      const deviation = Math.sqrt((expected * (1 - expected)) / EVENTS)
      assert.ok(Math.abs(share - expected) < 5 * deviation, `${times} means: ${share}`)
    }
  })

  it('have gaps that do not depend on the one before', () => {
    const covariance = mean(
      gaps.slice(1).map((gap, index) => (gap - meanNs) * ((gaps[index] ?? 0) - meanNs)),
    )
    const correlation = covariance / meanNs ** 2
    assert.ok(Math.abs(correlation) < 5 / Math.sqrt(EVENTS), `correlation ${correlation}`)
  })

  it('fall evenly on the channels, whose own gaps are exponential too', () => {
    const expected = EVENTS / 50
    for (const count of countByChannel(schedule, 50)) {
      assert.ok(Math.abs(count - expected) < 5 * Math.sqrt(expected), `${count} events`)
    }
    const own = gapsOf(schedule.filter(({ channel }) => channel === 7))
    const share = own.filter((gap) => gap > 0.5e9).length / own.length
    const deviation = Math.sqrt((Math.exp(-1) * (1 - Math.exp(-1))) / own.length)
    assert.ok(Math.abs(share - Math.exp(-1)) < 5 * deviation, `${share}`)
  })

  it('never go back, and stay on the known channels', () => {
    assert.ok(gaps.every((gap) => gap >= 0 && Number.isFinite(gap)))
    assert.ok(schedule.every(({ channel }) => channel >= 0 && channel < 50))
  })
})

describe('constant arrivals', () => {
  it('keep their spacing without a drift', () => {
    // 3 per second: a spacing that no number of nanoseconds hits.
    const schedule = constantArrivals(3, 1, seededRandom(1, 0))
    for (let event = 0; event < 1_000_000; event++) schedule.next()
    const { atNs } = schedule.next().value
    const exactNs = ((1_000_000 + 0.5) * 1e9) / 3
    assert.ok(Math.abs(atNs - exactNs) < 1, `${atNs - exactNs} ns off`)
  })

  it('give each channel one event a period, always at the same place in it', () => {
    const channels = 8
    const schedule = take(constantArrivals(0.5, channels, seededRandom(9, 0)), 4 * channels)
    const periodNs = 2e9
    for (const [index, { atNs, channel }] of schedule.entries()) {
      assert.equal(Math.floor(atNs / periodNs), Math.floor(index / channels))
      const next = schedule[index + channels]
      if (next === undefined) continue
      assert.equal(next.channel, channel)
      assert.equal(next.atNs - atNs, periodNs)
    }
    assert.deepEqual(countByChannel(schedule, channels), new Array(channels).fill(4))
  })

  it('spread the channels evenly over the period', () => {
    const gaps = gapsOf(take(constantArrivals(1, 10, seededRandom(2, 0)), 30)).slice(1)
    assert.ok(gaps.every((gap) => Math.abs(gap - 1e8) < 1))
  })
})

describe('a schedule', () => {
  for (const arrivals of ['poisson', 'constant'] as const) {
    it(`is the same for the same seed: ${arrivals}`, () => {
      const make = (seed: number) => take(ARRIVALS[arrivals](0.7, 20, seededRandom(seed, 0)), 1000)
      assert.deepEqual(make(5), make(5))
      assert.notDeepEqual(make(5), make(6))
    })
  }
})

it('the first events of channels are those of the schedule', () => {
  const schedule = take(constantArrivals(2, 50, seededRandom(7, SCHEDULE_STREAM)), 50)
  const firstNs = firstEventsNs(2, 50, 7)
  for (const { atNs, channel } of schedule) assert.equal(firstNs[channel], atNs)
  assert.equal(new Set(firstNs).size, 50)
})

const MOST_AT_ONCE = 128
const ramp = { first: 0, end: 300, rampUpMs: null, connecting: MOST_AT_ONCE }

/** Alarms of a clock that is set by hand. */
class HandAlarms implements Alarms {
  now = 0
  #set: { atNs: number; sleeper: Sleeper }[] = []

  nowNs(): number {
    return this.now
  }

  set(atNs: number, sleeper: Sleeper): void {
    this.#set.push({ atNs, sleeper })
  }

  get pending(): number {
    return this.#set.length
  }

  advanceTo(ms: number): void {
    this.now = ms * 1e6
    const due = this.#set.filter(({ atNs }) => atNs <= this.now)
    this.#set = this.#set.filter(({ atNs }) => atNs > this.now)
    for (const { atNs, sleeper } of due) sleeper.wake(atNs)
  }
}

describe('the ramp-up', () => {
  it('has no more under way in a swarm of many workers', () => {
    assert.equal(connectingAtOnce(1), MOST_AT_ONCE)
    assert.equal(connectingAtOnce(8), MOST_AT_ONCE)
    assert.equal(connectingAtOnce(26), 39)
    assert.equal(connectingAtOnce(5000), 1)
  })

  it('starts as many as may connect at once, and the next when one is through', () => {
    const started: number[] = []
    const rampUp = new RampUp(ramp, new HandAlarms(), (index) => started.push(index))
    assert.equal(started.length, 0)
    rampUp.begin()
    assert.equal(started.length, MOST_AT_ONCE)
    rampUp.release()
    rampUp.release()
    assert.equal(started.length, MOST_AT_ONCE + 2)
    for (let through = 2; through < 300; through++) rampUp.release()
    assert.deepEqual(
      started,
      Array.from({ length: 300 }, (_, index) => index),
    )
  })

  it('spreads the clients evenly over its time', () => {
    const alarms = new HandAlarms()
    const started: number[] = []
    const rampUp = new RampUp({ ...ramp, end: 10, rampUpMs: 1000 }, alarms, () =>
      started.push(alarms.now / 1e6),
    )
    rampUp.begin()
    for (let ms = 1; ms <= 1000; ms++) {
      alarms.advanceTo(ms)
      assert.ok(alarms.pending <= 1)
    }
    assert.deepEqual(started, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900])
  })

  it('knows its end where it has a time, and estimates it by its pace where not', () => {
    const alarms = new HandAlarms()
    const planned = new RampUp({ ...ramp, end: 10, rampUpMs: 1000 }, alarms, () => {})
    assert.equal(planned.endNs, 900e6)
    alarms.advanceTo(2000)
    assert.equal(planned.endNs, 2000e6)

    const atOnce = new RampUp({ ...ramp, end: 10_000 }, alarms, () => {})
    atOnce.begin()
    // One a millisecond, as it turns out, which is slow.
    const off = []
    for (let ms = 1; ms <= 10_000 - MOST_AT_ONCE; ms++) {
      alarms.advanceTo(2000 + ms)
      atOnce.release()
      if (ms % 1000 === 0) off.push(atOnce.endNs / 1e6 - 2000 - (10_000 - MOST_AT_ONCE))
    }
    assert.ok(
      off.every((errorMs, index) => Math.abs(errorMs) < 2000 - 200 * index),
      `${off}`,
    )
    assert.equal(atOnce.endNs, alarms.now)
  })

  it('never has more under way than its limit, and starts everybody once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.option(fc.integer({ min: 1, max: 100 })),
        fc.infiniteStream(fc.integer({ min: 0, max: 60 })),
        (clients, rampUpMs, releases) => {
          const alarms = new HandAlarms()
          const started: number[] = []
          let underWay = 0
          const rampUp = new RampUp({ ...ramp, end: clients, rampUpMs }, alarms, (index) => {
            started.push(index)
            underWay++
            assert.ok(underWay <= MOST_AT_ONCE)
          })
          rampUp.begin()
          for (let ms = 1; started.length < clients || underWay > 0; ms++) {
            assert.ok(ms < 10_000, 'it never comes to an end')
            alarms.advanceTo(ms)
            let through = Math.min(underWay, 1 + (releases.next().value ?? 0))
            while (through-- > 0) {
              underWay--
              rampUp.release()
            }
          }
          assert.deepEqual(
            started,
            Array.from({ length: clients }, (_, index) => index),
          )
        },
      ),
      { numRuns: 50 },
    )
  })
})
