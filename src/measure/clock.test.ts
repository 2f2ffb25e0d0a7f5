import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ClockOffset, clockOffset, type StampFacts } from './clock.ts'

const means = { responseUs: 50_000, serviceUs: 48_000, slipUs: 1_900 }
const none: StampFacts = { early: 0, premature: 0, means }

const cases: readonly (readonly [string, Partial<StampFacts>, ClockOffset | null])[] = [
  ['one clock', {}, null],
  ['no stamps at all', { means: null }, null],
  // 100 µs and 2 of 1,000 are what stamps and histograms round.
  ['what is rounded', { means: { ...means, slipUs: 2_200 } }, null],
  [
    'a mean above what it is a part of',
    { means: { ...means, serviceUs: 1_048_000 } },
    { direction: 'behind', count: 0, leastUs: 999_900 },
  ],
  [
    'a clock behind by less than the latency: accepted before they were sent',
    { means: { ...means, slipUs: 2_201 } },
    { direction: 'behind', count: 0, leastUs: 201 },
  ],
  ['one instance of several', { premature: 7 }, { direction: 'behind', count: 7, leastUs: null }],
  [
    'one whose deliveries came before they were accepted',
    { early: 2, means: null },
    { direction: 'ahead', count: 2, leastUs: null },
  ],
  [
    'a clock that was set meanwhile',
    { early: 2, premature: 3 },
    { direction: 'behind', count: 3, leastUs: null },
  ],
]

describe("the offset of a server's clock", () => {
  for (const [name, facts, expected] of cases) {
    it(`is ${expected?.direction ?? 'none'} by ${name}`, () => {
      assert.deepEqual(clockOffset({ ...none, ...facts }), expected)
    })
  }
})
