import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import type { Sleeper } from '../transports/transport.ts'
import { Agenda } from './agenda.ts'

/** Hands that are turned, and an agenda that reads them. */
class Hands {
  nowMs = 0
  readonly agenda = new Agenda(() => this.nowMs * 1e6)
  readonly woken: string[] = []
  readonly #mock: TestContext['mock']

  constructor(context: TestContext) {
    this.#mock = context.mock
    this.#mock.timers.enable({ apis: ['setTimeout'] })
  }

  set(atMs: number, name: string, then: () => void = () => {}): void {
    const wake = (atNs: number): void => {
      this.woken.push(`${name}@${this.nowMs}`)
      assert.equal(atNs, atMs * 1e6)
      then()
    }
    this.agenda.set(atMs * 1e6, { wake })
  }

  /** A millisecond at a time, as the clock and the timers go together. */
  turn(ms: number): void {
    for (let step = 0; step < ms; step++) {
      this.nowMs++
      this.#mock.timers.tick(1)
    }
  }
}

describe('the agenda', () => {
  it('wakes everything in the order of its time, whatever the order of setting', (context) => {
    const hands = new Hands(context)
    for (const atMs of [30, 10, 50, 20, 40]) hands.set(atMs, String(atMs))
    hands.turn(35)
    assert.deepEqual(hands.woken, ['10@10', '20@20', '30@30'])
    hands.turn(35)
    assert.deepEqual(hands.woken.slice(3), ['40@40', '50@50'])
  })

  it('wakes all that is due in one tick, ties and the past included', (context) => {
    const hands = new Hands(context)
    hands.turn(5)
    hands.set(3, 'past')
    for (const name of ['a', 'b', 'c']) hands.set(9, name)
    hands.turn(1)
    assert.deepEqual(hands.woken, ['past@6'])
    // A stall: the clock goes on, and no timer comes.
    hands.nowMs = 40
    hands.set(20, 'd')
    hands.turn(10)
    const [first] = hands.woken[1]?.match(/@\d+/) ?? []
    assert.deepEqual(
      hands.woken.slice(1).sort(),
      ['a', 'b', 'c', 'd'].map((name) => `${name}${first}`),
    )
  })

  it('takes alarms that are set while it wakes', (context) => {
    const hands = new Hands(context)
    hands.set(10, 'first', () => {
      hands.set(15, 'later')
      hands.set(8, 'overdue')
    })
    hands.set(12, 'between')
    hands.turn(20)
    assert.deepEqual(hands.woken, ['first@10', 'overdue@10', 'between@12', 'later@15'])
  })

  it('moves its timer forward for an earlier alarm', (context) => {
    const hands = new Hands(context)
    hands.set(100, 'late')
    hands.set(3, 'early')
    hands.turn(3)
    assert.deepEqual(hands.woken, ['early@3'])
    hands.turn(97)
    assert.deepEqual(hands.woken, ['early@3', 'late@100'])
  })

  it('wakes nobody after a stop, not even the rest of its tick', (context) => {
    const hands = new Hands(context)
    hands.set(10, 'stopper', () => hands.agenda.stop())
    hands.set(10, 'companion')
    hands.set(20, 'later')
    hands.turn(30)
    assert.deepEqual(hands.woken, ['stopper@10'])
  })

  it('wakes each alarm once and in order, for any alarms', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 })), {
          maxLength: 60,
        }),
        (alarms) => {
          let nowNs = 0
          const agenda = new Agenda(() => nowNs)
          const woken: number[] = []
          for (const [firstMs, againAfterMs] of alarms) {
            const again: Sleeper = { wake: (atNs) => woken.push(atNs) }
            const first: Sleeper = {
              wake(atNs) {
                woken.push(atNs)
                if (againAfterMs > 0) agenda.set(atNs + againAfterMs * 1e6, again)
              },
            }
            agenda.set(firstMs * 1e6, first)
          }
          for (let ms = 0; ms <= 110; ms++) {
            nowNs = ms * 1e6
            context.mock.timers.tick(1)
          }
          const expected = alarms.flatMap(([firstMs, againAfterMs]) =>
            againAfterMs > 0 ? [firstMs, firstMs + againAfterMs] : [firstMs],
          )
          assert.deepEqual(
            woken,
            expected.sort((a, b) => a - b).map((ms) => ms * 1e6),
          )
        },
      ),
    )
  })
})

describe('whoever waits for reads', () => {
  const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  it('goes on once a turn brings nobody else, in order, and as late as it is since its wish', async () => {
    let nowNs = 0
    const agenda = new Agenda(() => nowNs)
    const gone: [string, number | null][] = []
    const wait = (name: string): void => {
      agenda.afterReads(nowNs, { goOn: () => gone.push([name, agenda.dueNs]) })
    }
    wait('first')
    nowNs = 1_000
    wait('second')
    await turnOfLoop()
    assert.deepEqual(gone, [], 'there may be more')
    await turnOfLoop()
    assert.deepEqual(gone, [
      ['first', 0],
      ['second', 1_000],
    ])
    assert.equal(agenda.dueNs, null)
  })

  it('waits no longer than some milliseconds, though there is always somebody else', async () => {
    let nowNs = 0
    const agenda = new Agenda(() => nowNs)
    let gone = 0
    for (let ms = 0; ms < 10; ms++) {
      nowNs = ms * 1e6
      agenda.afterReads(nowNs, { goOn: () => gone++ })
      await turnOfLoop()
      if (gone > 0) break
    }
    assert.equal(gone, 4)
  })

  it('may wait again when it goes on, and not after the end', async () => {
    const agenda = new Agenda(() => 0)
    let gone = 0
    const waiter = {
      goOn(): void {
        gone++
        agenda.afterReads(0, waiter)
      },
    }
    agenda.afterReads(0, waiter)
    while (gone < 3) await turnOfLoop()
    agenda.stop()
    for (let turn = 0; turn < 5; turn++) await turnOfLoop()
    assert.equal(gone, 3)
  })
})
