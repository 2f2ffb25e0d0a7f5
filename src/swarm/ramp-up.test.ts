import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Alarms, Sleeper } from '../transports/transport.ts'
import { connectingAtOnce, RampUp } from './ramp-up.ts'

const MOST_AT_ONCE = 128
const ramp = { clients: 300, rampUpMs: null, connecting: MOST_AT_ONCE }

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
    const rampUp = new RampUp({ ...ramp, clients: 10, rampUpMs: 1000 }, alarms, () =>
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
    const planned = new RampUp({ ...ramp, clients: 10, rampUpMs: 1000 }, alarms, () => {})
    assert.equal(planned.endNs, 900e6)
    alarms.advanceTo(2000)
    assert.equal(planned.endNs, 2000e6)

    const atOnce = new RampUp({ ...ramp, clients: 10_000 }, alarms, () => {})
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
          const rampUp = new RampUp({ ...ramp, clients, rampUpMs }, alarms, (index) => {
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
