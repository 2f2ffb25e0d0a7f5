import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { NS_PER_MS, nowNs } from '../measure/clock.ts'
import { FastestDelivery, PunctualTimer, SlipDebt } from './slip.ts'

describe('the punctual timer', () => {
  it('never wakes up early, be the time near, far or over', async () => {
    for (const waitMs of [-5, 0, 0.7, 1.9, 2.1, 12.3]) {
      const atNs = nowNs() + waitMs * NS_PER_MS
      const wokenAtNs = await new Promise<number>((resolve) => {
        new PunctualTimer(() => resolve(nowNs())).set(atNs)
      })
      assert.ok(wokenAtNs >= atNs, `${waitMs} ms: ${(wokenAtNs - atNs) / NS_PER_MS} ms early`)
    }
  })

  it('prepares for a wake-up that was far off, once, and before it', async () => {
    for (const [waitMs, expected] of [
      [0.2, ['wake']],
      [12.3, ['prepare', 'wake']],
    ] as const) {
      const told: string[] = []
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          told.push('wake')
          resolve()
        }
        new PunctualTimer(wake, () => told.push('prepare')).set(nowNs() + waitMs * NS_PER_MS)
      })
      assert.deepEqual(told, expected)
    }
  })

  it('never wakes up early where it listens meanwhile', async () => {
    for (const waitMs of [0, 0.3, 1.7, 5.2]) {
      const atNs = nowNs() + waitMs * NS_PER_MS
      const wokenAtNs = await new Promise<number>((resolve) => {
        const timer = new PunctualTimer(
          () => resolve(nowNs()),
          () => {},
          () => true,
        )
        timer.set(atNs)
      })
      assert.ok(wokenAtNs >= atNs)
    }
  })

  it('lets the event loop run between wake-ups that are overdue', async () => {
    let wakes = 0
    let turns = 0
    await new Promise<void>((resolve) => {
      const timer = new PunctualTimer(() => {
        if (++wakes === 20) resolve()
        else timer.set(0)
      })
      const turn = (): void => {
        turns++
        if (wakes < 20) setImmediate(turn)
      }
      setImmediate(turn)
      timer.set(0)
    })
    assert.ok(turns >= 20, `the loop turned ${turns} times`)
  })

  it('wakes up once, at the time that was set last, and not at all when cancelled', async () => {
    let wakes = 0
    const timer = new PunctualTimer(() => wakes++)
    timer.set(nowNs() + 1 * NS_PER_MS)
    timer.set(nowNs() + 8 * NS_PER_MS)
    // After a pause of the machine timers that are due all run before the wake-up, which is last.
    for (let round = 0; round < 100 && wakes === 0; round++) await sleep(10)
    await sleep(20)
    assert.equal(wakes, 1)
    timer.set(nowNs() + 5 * NS_PER_MS)
    timer.cancel()
    await sleep(40)
    assert.equal(wakes, 1)
  })
})

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
