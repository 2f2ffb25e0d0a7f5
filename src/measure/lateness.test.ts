import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { LoopMeter, type LoopView, LoopWatch, ScheduleAccount, type Wait } from './lateness.ts'

const MS = 1e6

/** A loop whose hands a test turns; all times in milliseconds. */
class TestLoop implements LoopView {
  now = 1_000
  idle = 0
  waited = 0
  ran = 0
  readonly waits: Wait[] = []
  readonly #ends: (() => void)[] = []
  readonly watch: LoopWatch

  constructor() {
    this.watch = new LoopWatch(this, (wait) => this.waits.push(wait))
  }

  readonly nowNs = (): number => this.now * MS
  readonly idleNs = (): number => this.idle * MS
  readonly waitedNs = (): number => this.waited * MS
  readonly ranNs = (): number => this.ran * MS

  afterTurn(call: () => void): void {
    this.#ends.push(call)
  }

  /** Nothing was ready: the poll waits, and the thread then so long for a processor. */
  poll(ms: number, waitMs = 0): this {
    this.now += ms + waitMs
    this.idle += ms + waitMs
    this.waited += waitMs
    return this
  }

  /** JavaScript runs, if not all of the time on a processor. */
  work(ms: number, waitMs = 0, stoodMs = 0): this {
    this.now += ms + waitMs + stoodMs
    this.waited += waitMs
    this.ran += ms
    return this
  }

  /** The turn is over. */
  end(): this {
    for (const call of this.#ends.splice(0)) call()
    return this
  }

  /** From, until, of which, and behind before. */
  get waitsMs(): readonly (readonly number[])[] {
    return this.waits.map(({ startNs, endNs, waitNs, behindNs }) =>
      [startNs, endNs, waitNs, behindNs].map((ns) => ns / MS),
    )
  }

  /** Milliseconds by which what is read now may be late. */
  get late(): { busy: number; wait: number; stall: number } {
    const { busyNs, waitNs, stallNs } = this.watch.at(this.nowNs())
    const [busy, wait, stall] = [busyNs, waitNs, stallNs].map((ns) => Math.round(ns / 1e3) / 1e3)
    return { busy: busy ?? 0, wait: wait ?? 0, stall: stall ?? 0 }
  }
}

/** A loop that has had a turn and a beat, and is in its poll. */
function calm(): TestLoop {
  const loop = new TestLoop().poll(10)
  loop.watch.beat()
  return loop.end()
}

describe('the loop watch', () => {
  it('what the poll waited for is not late, but by the turn so far', () => {
    const loop = calm().poll(5)
    assert.deepEqual(loop.late, { busy: 0, wait: 0, stall: 0 })
    loop.work(3)
    assert.deepEqual(loop.late, { busy: 3, wait: 0, stall: 0 })
    loop.work(1).end().poll(2)
    assert.deepEqual(loop.late, { busy: 0, wait: 0, stall: 0 })
  })

  it('what the poll found at once may have come in the whole turn before', () => {
    const loop = calm().poll(5)
    loop.watch.enter()
    loop.work(8).end().poll(0.001)
    assert.deepEqual(loop.late, { busy: 8.001, wait: 0, stall: 0 })
    loop.work(2)
    assert.deepEqual(loop.late, { busy: 10.001, wait: 0, stall: 0 })
  })

  it('work that nobody announced keeps the loop from its poll as well', () => {
    const loop = calm().work(4).poll(3)
    assert.deepEqual(loop.late, { busy: 4, wait: 0, stall: 0 })
  })

  it('a thread that waits for a processor reads late, and says from when to when', () => {
    const loop = calm().poll(5, 7)
    assert.deepEqual(loop.late, { busy: 0, wait: 7, stall: 0 })
    assert.deepEqual(loop.waitsMs, [[1_015, 1_022, 7, 0]])
    assert.deepEqual(loop.watch.takeStalls(), [])
  })

  it('one that loses its processor in a turn is as late as the turn is long', () => {
    const loop = calm().poll(5)
    loop.watch.enter()
    loop.work(2, 6)
    assert.deepEqual(loop.late, { busy: 8, wait: 0, stall: 0 })
    loop.end()
    assert.deepEqual(loop.waitsMs, [[1_015, 1_023, 6, 0]])
    // The next turn does not count it again.
    loop.poll(3)
    assert.deepEqual(loop.late, { busy: 0, wait: 0, stall: 0 })
  })

  it('is behind by its waits until its poll has nothing to tell', () => {
    const loop = calm().poll(5, 7)
    loop.watch.enter()
    loop.work(1).end().poll(0.001)
    loop.watch.enter()
    loop.work(2, 3).end().poll(4)
    loop.watch.enter()
    loop.work(1, 2)
    loop.end()
    assert.deepEqual(loop.waitsMs, [
      [1_015, 1_022, 7, 0],
      [1_023.001, 1_028.001, 3, 7],
      [1_028.001, 1_028.001, 0, 10],
      [1_032.001, 1_035.001, 2, 0],
    ])
  })

  it('a poll is not idle where it only waits for a processor', () => {
    const loop = calm().poll(5)
    loop.watch.enter()
    loop.work(8).end().poll(0.001, 6)
    assert.deepEqual(loop.late, { busy: 8.001, wait: 6, stall: 0 })
  })

  it('a process that stood still in its poll is late from its last sign of life on', () => {
    const loop = calm().poll(12)
    loop.watch.enter()
    loop.end().poll(500)
    assert.deepEqual(loop.late, { busy: 0, wait: 0, stall: 500 })
    // It was due 20 ms after the beat, 12 of which had gone by.
    assert.deepEqual(loop.watch.takeStalls(), [{ endNs: 1_522 * MS, lengthNs: 492 * MS }])
    loop.end().poll(5)
    assert.deepEqual(loop.late, { busy: 0, wait: 0, stall: 0 })
    assert.deepEqual(loop.watch.takeStalls(), [])
  })

  it('also for what the poll found only the next time, at once', () => {
    const loop = calm().poll(500, 40)
    loop.watch.enter()
    loop.work(3).end().poll(0.001)
    assert.deepEqual(loop.late, { busy: 543.001, wait: 0, stall: 0 })
    loop.end().poll(5)
    assert.deepEqual(loop.late, { busy: 0, wait: 0, stall: 0 })
  })

  it('whether it is a read or the beat that ends a stall', () => {
    const loop = calm().poll(300)
    loop.watch.beat()
    loop.work(1)
    assert.deepEqual(loop.late, { busy: 1, wait: 0, stall: 300 })
    assert.equal(loop.watch.takeStalls().length, 1)
  })

  it('a process that stood still within a turn has a stall as well', () => {
    const loop = calm().poll(5)
    loop.watch.enter()
    loop.work(1, 2, 400)
    assert.deepEqual(loop.late, { busy: 403, wait: 0, stall: 0 })
    loop.end()
    assert.deepEqual(loop.watch.takeStalls(), [{ endNs: 1_418 * MS, lengthNs: 400 * MS }])
  })

  it('a long turn, or a long wait for a processor, is no stall', () => {
    const loop = calm().poll(5)
    loop.watch.enter()
    loop.work(200).end()
    loop.watch.beat()
    loop.end().poll(10, 150)
    assert.deepEqual(loop.late, { busy: 0, wait: 150, stall: 0 })
    assert.deepEqual(loop.watch.takeStalls(), [])
  })

  it('is never late by less than a read was, whatever a loop goes through', () => {
    // What came at a random moment of the last poll or turn is read in the next turn.
    let seed = 1
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const loop = calm()
    for (let round = 0; round < 10_000; round++) {
      const before = loop.now
      const isBusy = random() < 0.5
      if (isBusy) {
        loop.watch.enter()
        loop.work(random() * 30, random() < 0.1 ? random() * 30 : 0).end()
      }
      const cameAt = isBusy ? before + random() * (loop.now - before) : loop.now + 5
      if (isBusy) loop.poll(0.001)
      else loop.poll(5, random() < 0.1 ? random() * 30 : 0)
      loop.work(random() < 0.1 ? random() * 4 : 0)
      const { busy, wait, stall } = loop.late
      assert.ok(busy + wait + stall >= loop.now - cameAt - 0.01, `round ${round}`)
      loop.watch.beat()
      loop.end()
    }
  })
})

describe('the account of the scheduler', () => {
  it('is a thread’s own, and only grows', { skip: process.platform !== 'linux' }, () => {
    const account = new ScheduleAccount()
    const { ranNs } = account.read()
    const untilMs = performance.now() + 30
    while (performance.now() < untilMs);
    const { ranNs: later, waitedNs } = account.read()
    assert.ok(ranNs > 0 && later > ranNs && waitedNs >= 0)
  })

  it('is empty where nobody tells', () => {
    const { ranNs, waitedNs } = new ScheduleAccount('/nowhere/schedstat').read()
    assert.deepEqual([ranNs, waitedNs], [0, 0])
  })
})

const STALL_MS = 200
/** Two samples and more. */
const SETTLE_MS = 120
/** What a stall between two samples may lose, and a timer's own lateness. */
const SLACK_MS = 70

function stall(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}

describe('the loop meter', () => {
  it('sees a stall, without its own resolution, and forgets it at a reset', async () => {
    const meter = new LoopMeter()
    meter.reset()
    // A delay is the time between two samples, so there must be one before.
    await sleep(SETTLE_MS)
    stall(STALL_MS)
    await sleep(SETTLE_MS)
    const { delayP50Us, delayP99Us, delayMaxUs, samples, utilisation } = meter.read()
    assert.ok(delayMaxUs >= (STALL_MS - SLACK_MS) * 1000, `the longest delay is ${delayMaxUs} µs`)
    const atMost = Math.ceil((2 * SETTLE_MS + STALL_MS) / 50) + 2
    assert.ok(samples >= 2 && samples <= atMost, `${samples} samples`)
    assert.ok(delayP50Us >= 0 && delayP50Us <= delayP99Us && delayP99Us <= delayMaxUs)
    assert.ok(utilisation > 0.1 && utilisation <= 1, `utilisation is ${utilisation}`)
    // Again where the machine itself stood still meanwhile.
    for (let attempt = 0; attempt < 3; attempt++) {
      meter.reset()
      await sleep(SETTLE_MS)
      if (meter.read().delayMaxUs < delayMaxUs) break
    }
    assert.ok(meter.read().utilisation < utilisation)
    assert.ok(meter.read().delayMaxUs < delayMaxUs)
  })

  it('reads nothing before its first sample', () => {
    const meter = new LoopMeter()
    meter.reset()
    const { delayP99Us, delayMaxUs, samples } = meter.read()
    assert.deepEqual([delayP99Us, delayMaxUs, samples], [0, 0, 0])
  })
})
