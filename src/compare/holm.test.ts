import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { holm } from './holm.ts'

/** By statsmodels.stats.multitest.multipletests. */
const CASES = [
  [
    [0.01, 0.04, 0.03, 0.005],
    [0.03, 0.06, 0.06, 0.02],
  ],
  [
    [0.5, 0.0001, 0.02, 0.02, 0.9],
    [1, 0.0005, 0.08, 0.08, 1],
  ],
  [[], []],
] as const

describe('holm', () => {
  for (const [given, expected] of CASES) {
    it(`corrects ${given.join(', ') || 'nothing'}`, () => {
      const found = holm(given)
      assert.equal(found.length, expected.length)
      for (const [i, value] of found.entries()) {
        assert.ok(Math.abs(value - (expected[i] ?? Number.NaN)) < 1e-12, `${found}`)
      }
    })
  }

  it('keeps the order, and stands between p and its number of times p', () => {
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 50 })
    fc.assert(
      fc.property(shares, (pValues) => {
        const found = holm(pValues)
        for (const [i, p] of pValues.entries()) {
          const adjusted = found[i] ?? Number.NaN
          assert.ok(adjusted >= p && adjusted <= Math.min(1, p * pValues.length) + 1e-12)
          for (const [j, other] of pValues.entries()) {
            if (other < p) assert.ok((found[j] ?? Number.NaN) <= adjusted)
          }
        }
      }),
    )
  })
})
