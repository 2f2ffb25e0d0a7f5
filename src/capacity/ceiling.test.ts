import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RtbenchError } from '../error.ts'
import { ceilingOf } from './ceiling.ts'

/** A planner of a machine that carries so many. */
function carrying(most: number): (clients: number) => void {
  return (clients) => {
    if (clients > most) throw new RtbenchError('cannot-run', `not ${clients} clients`)
  }
}

test('finds the very number that a machine carries, and what is said of one more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 9_999_999 }), (most) => {
      const { clients, reason } = ceilingOf(carrying(most), 10, 10_000_000)
      assert.deepEqual([clients, reason], [most, `not ${most + 1} clients`])
    }),
  )
})

test('asks no more than a logarithm of times', () => {
  let asked = 0
  ceilingOf(
    (clients) => {
      asked++
      carrying(28_000)(clients)
    },
    1,
    10_000_000,
  )
  assert.ok(asked < 30, `${asked}`)
})

test('says nothing where all that are wanted can be carried', () => {
  assert.deepEqual(ceilingOf(carrying(500), 10, 500), { clients: 500, reason: null })
})

test('passes on what speaks against the least number, and any other error', () => {
  assert.throws(() => ceilingOf(carrying(5), 10, 100), /not 10 clients/)
  const broken = (clients: number): void => {
    if (clients > 50) throw new TypeError('broken')
  }
  assert.throws(() => ceilingOf(broken, 10, 100), TypeError)
})
