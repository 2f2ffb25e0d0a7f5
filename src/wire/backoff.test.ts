import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backoffMs, FIRST_DELAY_MS, LONGEST_DELAY_MS, SHORTEST_DELAY_MS } from './backoff.ts'

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const attempt = fc.nat({ max: 2 ** 31 })
const first = fc.oneof(
  fc.constantFrom(0, 1, 1e15, Number.MAX_VALUE),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
)

for (const [tries, drawn, firstMs, expected] of [
  [0, 0.5, undefined, 50],
  [1, 0.5, undefined, 100],
  [2, 0.5, undefined, 200],
  [5, 0.5, undefined, 1_600],
  [6, 0.5, undefined, 2_500],
  [1_000_000, 0.5, undefined, 2_500],
  [0, 0, undefined, SHORTEST_DELAY_MS],
  [0, 0.5, 1_000, 500],
  // What servers tell by `retry`.
  [0, 0.5, 0, SHORTEST_DELAY_MS],
  [3, 0.5, 0, 40],
  [0, 0.5, 1e15, 2_500],
  [9, 0.5, 1e15, 2_500],
] as const) {
  test(`attempt ${tries}, ${drawn} drawn, first ${firstMs ?? 'by default'}: ${expected} ms`, () => {
    assert.equal(backoffMs(tries, drawn, firstMs), expected)
  })
}

test('stays within its bounds, whatever a server tells', () => {
  fc.assert(
    fc.property(attempt, random, first, (tries, drawn, firstMs) => {
      const wait = backoffMs(tries, drawn, firstMs)
      assert(wait >= SHORTEST_DELAY_MS && wait <= LONGEST_DELAY_MS)
    }),
  )
})

test('never shrinks from attempt to attempt, for one and the same draw', () => {
  fc.assert(
    fc.property(attempt, random, first, (tries, drawn, firstMs) => {
      assert(backoffMs(tries + 1, drawn, firstMs) >= backoffMs(tries, drawn, firstMs))
    }),
  )
})

test('spreads over the whole range', () => {
  const waits = Array.from({ length: 100 }, (_, index) => backoffMs(0, index / 100))
  assert(Math.min(...waits) <= FIRST_DELAY_MS * 0.1)
  assert(Math.max(...waits) >= FIRST_DELAY_MS * 0.99)
})
