import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { RoundRobinTimer } from './round-robin-timer.ts'

const PERIOD_MS = 16_000
const TURN_MS = 40

/** Timers and a clock that go by hand, together. */
class HandClock {
  readonly #context: TestContext
  #nowMs = 0

  constructor(context: TestContext) {
    context.mock.timers.enable({ apis: ['setInterval'] })
    this.#context = context
  }

  readonly nowMs = (): number => this.#nowMs

  advance(ms: number): void {
    this.#nowMs += ms
    this.#context.mock.timers.tick(ms)
  }
}

test('visits each member once a period, however many there are', (context) => {
  const clock = new HandClock(context)
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 450 }),
      fc.integer({ min: 1, max: 4 }),
      (size, periods) => {
        const visits = new Map<number, number>()
        const visit = (member: number): void => {
          visits.set(member, (visits.get(member) ?? 0) + 1)
        }
        const timer = new RoundRobinTimer<number>(PERIOD_MS, visit, clock.nowMs)
        for (let member = 0; member < size; member++) timer.add(member)
        for (let period = 0; period < periods; period++) clock.advance(PERIOD_MS)
        timer.stop()
        assert.equal(visits.size, size)
        for (const count of visits.values()) assert.equal(count, periods)
      },
    ),
    { numRuns: 20 },
  )
})

test('spreads the visits evenly over the period', (context) => {
  const clock = new HandClock(context)
  let visits = 0
  const timer = new RoundRobinTimer<number>(PERIOD_MS, () => visits++, clock.nowMs)
  for (let member = 0; member < 4_000; member++) timer.add(member)
  for (let turn = 0; turn < 200; turn++) {
    visits = 0
    clock.advance(TURN_MS)
    assert.equal(visits, 10)
  }
  timer.stop()
})

test('visits a fair share in any part of the period, however few there are', (context) => {
  const clock = new HandClock(context)
  for (const size of [3, 12, 50, 1_000]) {
    let visits = 0
    const timer = new RoundRobinTimer<number>(PERIOD_MS, () => visits++, clock.nowMs)
    for (let member = 0; member < size; member++) {
      timer.add(member)
      // They come one after the other, as in a ramp-up.
      clock.advance(2_000 / size)
    }
    for (const part of [1 / 3, 1 / 5, 1 / 10, 1 / 2]) {
      visits = 0
      clock.advance(part * PERIOD_MS)
      const due = part * size
      assert.ok(Math.abs(visits - due) < Math.max(2, 0.03 * due), `${visits} of ${size} in ${part}`)
    }
    timer.stop()
  }
})

test('keeps a period between two visits though others come and go', (context) => {
  const clock = new HandClock(context)
  const last = new Map<string, number>()
  const visit = (member: string): void => {
    const before = last.get(member)
    if (before !== undefined) assert.equal(clock.nowMs() - before, PERIOD_MS)
    last.set(member, clock.nowMs())
  }
  const timer = new RoundRobinTimer<string>(PERIOD_MS, visit, clock.nowMs)
  timer.add('stays')
  const slices: number[] = []
  for (let turn = 0; turn < 1_000; turn++) {
    slices.push(timer.add(`passes ${turn}`))
    if (turn % 3 === 0)
      for (const [gone, slice] of slices.entries()) timer.delete(`passes ${gone}`, slice)
    clock.advance(TURN_MS)
  }
  assert(clock.nowMs() - (last.get('stays') ?? 0) <= PERIOD_MS)
  timer.stop()
})

test('keeps its period where timers are late, and visits nobody twice after a pause', (context) => {
  let nowMs = 0
  const visits: number[] = []
  const visit = (member: number): void => {
    visits.push(member)
  }
  context.mock.timers.enable({ apis: ['setInterval'] })
  const timer = new RoundRobinTimer<number>(PERIOD_MS, visit, () => nowMs)
  for (let member = 0; member < 800; member++) timer.add(member)
  // A busy loop: each turn comes 100 ms after the one before.
  for (let turn = 0; turn < PERIOD_MS / 100; turn++) {
    nowMs += 100
    context.mock.timers.tick(TURN_MS)
  }
  assert.equal(visits.length, 800)
  visits.length = 0
  nowMs += 10 * PERIOD_MS
  context.mock.timers.tick(TURN_MS)
  assert.equal(visits.length, 800)
  assert.equal(new Set(visits).size, 800)
  timer.stop()
})

test('visits nobody who has left, and nobody once stopped', (context) => {
  const clock = new HandClock(context)
  const visited: string[] = []
  const visit = (member: string): void => {
    visited.push(member)
  }
  const timer = new RoundRobinTimer<string>(PERIOD_MS, visit, clock.nowMs)
  const [, second = -1] = ['a', 'b', 'c'].map((member) => timer.add(member))
  timer.delete('b', second)
  timer.delete('b', second)
  clock.advance(PERIOD_MS)
  assert.deepEqual(visited.toSorted(), ['a', 'c'])
  assert.deepEqual([...timer.stop()].toSorted(), ['a', 'c'])
  clock.advance(PERIOD_MS)
  assert.equal(visited.length, 2)
})

test('rests while there is nobody, and goes on where it was', (context) => {
  const clock = new HandClock(context)
  const visited: string[] = []
  const visit = (member: string): void => {
    visited.push(member)
  }
  const timer = new RoundRobinTimer<string>(PERIOD_MS, visit, clock.nowMs)
  timer.delete('a', timer.add('a'))
  clock.advance(3 * PERIOD_MS)
  timer.add('b')
  clock.advance(PERIOD_MS)
  assert.deepEqual(visited, ['b'])
  timer.stop()
})

test('a visit may make its member leave', (context) => {
  const clock = new HandClock(context)
  const slices: number[] = []
  const visit = (member: number): void => timer.delete(member, slices[member] ?? -1)
  const timer: RoundRobinTimer<number> = new RoundRobinTimer<number>(PERIOD_MS, visit, clock.nowMs)
  for (let member = 0; member < 250; member++) slices.push(timer.add(member))
  clock.advance(PERIOD_MS)
  assert.deepEqual([...timer.stop()], [])
})
