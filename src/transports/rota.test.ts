import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Rota } from './rota.ts'

const PERIOD_MS = 16_000
const TURN_MS = 40

test('visits each member once a period, however many there are', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 450 }),
      fc.integer({ min: 1, max: 4 }),
      (size, periods) => {
        const visits = new Map<number, number>()
        const rota = new Rota<number>(PERIOD_MS, (member) =>
          visits.set(member, (visits.get(member) ?? 0) + 1),
        )
        for (let member = 0; member < size; member++) rota.add(member)
        context.mock.timers.tick(periods * PERIOD_MS)
        rota.stop()
        assert.equal(visits.size, size)
        for (const count of visits.values()) assert.equal(count, periods)
      },
    ),
    { numRuns: 20 },
  )
})

test('spreads the visits evenly over the period', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  let visits = 0
  const rota = new Rota<number>(PERIOD_MS, () => visits++)
  for (let member = 0; member < 4_000; member++) rota.add(member)
  for (let turn = 0; turn < 200; turn++) {
    visits = 0
    context.mock.timers.tick(TURN_MS)
    assert.equal(visits, 10)
  }
  rota.stop()
})

test('visits a fair share in any part of the period, however few there are', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  for (const size of [3, 12, 50, 1_000]) {
    let visits = 0
    const rota = new Rota<number>(PERIOD_MS, () => visits++)
    for (let member = 0; member < size; member++) {
      rota.add(member)
      // They come one after the other, as a ramp-up has them.
      context.mock.timers.tick(2_000 / size)
    }
    for (const part of [1 / 3, 1 / 5, 1 / 10, 1 / 2]) {
      visits = 0
      context.mock.timers.tick(part * PERIOD_MS)
      const due = part * size
      assert.ok(Math.abs(visits - due) < Math.max(2, 0.03 * due), `${visits} of ${size} in ${part}`)
    }
    rota.stop()
  }
})

test('keeps a period between two visits though others come and go', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  let now = 0
  const last = new Map<string, number>()
  const rota = new Rota<string>(PERIOD_MS, (member) => {
    const before = last.get(member)
    if (before !== undefined) assert.equal(now - before, PERIOD_MS)
    last.set(member, now)
  })
  rota.add('stays')
  const slices: number[] = []
  for (let turn = 0; turn < 1_000; turn++) {
    slices.push(rota.add(`passes ${turn}`))
    if (turn % 3 === 0)
      for (const [gone, slice] of slices.entries()) rota.delete(`passes ${gone}`, slice)
    now += TURN_MS
    context.mock.timers.tick(TURN_MS)
  }
  assert(now - (last.get('stays') ?? 0) <= PERIOD_MS)
  rota.stop()
})

test('visits nobody who has left, and nobody once stopped', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  const visited: string[] = []
  const rota = new Rota<string>(PERIOD_MS, (member) => visited.push(member))
  const [, second = -1] = ['a', 'b', 'c'].map((member) => rota.add(member))
  rota.delete('b', second)
  rota.delete('b', second)
  context.mock.timers.tick(PERIOD_MS)
  assert.deepEqual(visited, ['a', 'c'])
  assert.deepEqual([...rota.stop()], ['a', 'c'])
  context.mock.timers.tick(PERIOD_MS)
  assert.equal(visited.length, 2)
})

test('a visit may make its member leave', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  const slices: number[] = []
  const rota: Rota<number> = new Rota<number>(PERIOD_MS, (member) =>
    rota.delete(member, slices[member] ?? -1),
  )
  for (let member = 0; member < 250; member++) slices.push(rota.add(member))
  context.mock.timers.tick(PERIOD_MS)
  assert.deepEqual([...rota.stop()], [])
})
