import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { positiveFit } from './least-squares.ts'

const evenly = (rows: readonly unknown[]): readonly number[] => rows.map(() => 1)

test('finds what figures are made of', () => {
  fc.assert(
    fc.property(
      fc.tuple(
        fc.double({ min: 0.1, max: 9, noNaN: true }),
        fc.double({ min: 0.1, max: 9, noNaN: true }),
      ),
      ([fixed, each]) => {
        const rows = [1, 2, 5, 9].map((load) => [1, load])
        const target = rows.map(([one = 0, load = 0]) => fixed * one + each * load)
        const [first = 0, second = 0] = positiveFit(rows, target, evenly(rows)) ?? []
        assert.ok(Math.abs(first - fixed) < 1e-9 && Math.abs(second - each) < 1e-9)
      },
    ),
  )
})

test('comes as near as anything does, by the weights', () => {
  // One figure for two: by squares it is the mean, nearer to the one that counts more.
  const rows = [[1], [1]]
  assert.ok(Math.abs((positiveFit(rows, [2, 4], [1, 1])?.[0] ?? 0) - 3) < 1e-12)
  assert.ok(Math.abs((positiveFit(rows, [2, 4], [3, 1])?.[0] ?? 0) - 2.2) < 1e-12)
})

test('does not tell apart what is the same but for noise, nor what would be negative', () => {
  const same = [
    [1, 2],
    [2, 4.01],
    [3, 6],
  ]
  assert.equal(positiveFit(same, [1, 2, 3], evenly(same)), null)
  const falling = [
    [1, 1],
    [1, 2],
    [1, 3],
  ]
  assert.equal(positiveFit(falling, [3, 2, 1], evenly(falling)), null)
  assert.equal(positiveFit([[1, 2]], [1], [1]), null, 'more unknowns than figures')
})
