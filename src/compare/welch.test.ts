import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { welch } from './welch.ts'

/** By scipy.stats.ttest_ind with equal_var=False. */
const CASES = [
  [[1, 2, 3, 4, 5], [2, 4, 6, 8, 10], 0.10753119493062728],
  [[10.1, 9.9, 10.3, 10.2, 9.8], [12.5, 12.1, 12.9, 11.8, 12.2, 12.6], 2.1458172496041256e-6],
  [[1, 1.1], [5, 9], 0.20624552205639388],
] as const

describe('welch', () => {
  for (const [first, second, pValue] of CASES) {
    it(`agrees with scipy on ${first.join(' ')} and ${second.join(' ')}`, () => {
      assert.ok(Math.abs(welch(first, second) / pValue - 1) < 1e-8, `${welch(first, second)}`)
      assert.ok(Math.abs(welch(second, first) / pValue - 1) < 1e-8)
    })
  }

  it('knows what has no spread', () => {
    assert.equal(welch([2, 2, 2], [2, 2]), 1)
    assert.equal(welch([2, 2, 2], [3, 3]), 0)
    assert.equal(welch([2], [3, 4]), 1)
  })
})
