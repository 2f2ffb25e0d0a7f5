import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { NS_PER_MS, nowNs } from '../measure/clock.ts'
import { PunctualTimer } from './punctual-timer.ts'

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
