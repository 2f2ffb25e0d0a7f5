import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Backoff,
  backoffMs,
  FIRST_DELAY_MS,
  LONGEST_DELAY_MS,
  LONGEST_TOLD_MS,
  SHORTEST_DELAY_MS,
} from './backoff.ts'

const KINDS: readonly Backoff[] = ['full-jitter', 'equal', 'none']
const kind = fc.constantFrom(...KINDS)
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const attempt = fc.nat({ max: 2 ** 31 })
/** What servers tell, by mistake and on purpose. */
const told = fc.oneof(
  fc.constantFrom(0, -1, 1, 1e15, Number.MAX_VALUE),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
)

for (const [name, tries, drawn, toldMs, expected] of [
  ['full-jitter', 0, 0.5, undefined, 50],
  ['full-jitter', 1, 0.5, undefined, 100],
  ['full-jitter', 4, 0.5, undefined, 800],
  ['full-jitter', 5, 0.5, undefined, 1_500],
  ['full-jitter', 1_000_000, 0.5, undefined, 1_500],
  ['full-jitter', 0, 0, undefined, SHORTEST_DELAY_MS],
  // On top of what the server tells, and as much again at the most.
  ['full-jitter', 0, 0, 1_000, 1_000],
  ['full-jitter', 0, 0.5, 1_000, 1_500],
  ['full-jitter', 1, 0.5, 1_000, 2_000],
  ['full-jitter', 3, 0.5, 0, 400],
  ['full-jitter', 9, 0.5, 30_000, 31_500],
  ['full-jitter', 0, 0.5, LONGEST_TOLD_MS, LONGEST_TOLD_MS + 1_500],
  ['full-jitter', 0, 0.5, LONGEST_TOLD_MS + 1, 50],
  ['none', 0, 0.5, 1e15, 100],
  ['equal', 0, 0, undefined, 50],
  ['equal', 0, 0.5, undefined, 75],
  ['equal', 1, 0.5, 1_000, 2_500],
  // All alike, whatever is drawn.
  ['none', 0, 0.1, undefined, 100],
  ['none', 3, 0.9, undefined, 800],
  ['none', 9, 0.9, undefined, LONGEST_DELAY_MS],
  ['none', 0, 0.9, 1_000, 1_000],
  ['none', 1, 0.9, 1_000, 2_000],
  ['none', 1, 0.9, 30_000, 30_000],
] as const) {
  test(`${name}, attempt ${tries}, ${drawn} drawn, ${toldMs ?? 'nothing'} told: ${expected} ms`, () => {
    assert.equal(backoffMs(name, tries, drawn, toldMs), expected)
  })
}

test('stays within its bounds, whatever a server tells', () => {
  fc.assert(
    fc.property(kind, attempt, random, told, (name, tries, drawn, toldMs) => {
      const wait = backoffMs(name, tries, drawn, toldMs)
      const lower = toldMs > LONGEST_TOLD_MS ? 0 : Math.max(0, toldMs)
      assert.ok(wait >= SHORTEST_DELAY_MS && wait >= lower)
      assert.ok(wait <= lower + LONGEST_DELAY_MS)
    }),
  )
})

test('never shrinks from attempt to attempt, for one and the same draw', () => {
  fc.assert(
    fc.property(kind, attempt, random, told, (name, tries, drawn, toldMs) => {
      assert.ok(backoffMs(name, tries + 1, drawn, toldMs) >= backoffMs(name, tries, drawn, toldMs))
    }),
  )
})

test('jitter spreads over the whole range, or its upper half', () => {
  for (const [name, lowest] of [
    ['full-jitter', SHORTEST_DELAY_MS],
    ['equal', FIRST_DELAY_MS / 2],
  ] as const) {
    const waits = Array.from({ length: 100 }, (_, index) => backoffMs(name, 0, index / 100))
    assert.ok(Math.min(...waits) === lowest && Math.max(...waits) >= FIRST_DELAY_MS * 0.99)
  }
})
