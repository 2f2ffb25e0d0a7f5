import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { studentTwoSided } from './student.ts'

/** t, degrees of freedom, and twice scipy.stats.t.sf. */
const TAILS = [
  [0, 5, 1],
  [1, 1, 0.5],
  [2.5, 8, 0.03694203771362412],
  [-3.2, 4.7, 0.026183869756802793],
  [12, 9, 7.699886222985653e-7],
  [40, 18, 4.865261692304997e-19],
  [2, 1000, 0.04577034649325166],
] as const

describe('studentTwoSided', () => {
  for (const [t, degrees, tails] of TAILS) {
    it(`is ${tails} beyond ${t} at ${degrees} degrees of freedom`, () => {
      const found = studentTwoSided(t, degrees)
      assert.ok(Math.abs(found / tails - 1) < 1e-8, `${found}`)
    })
  }

  it('is nothing beyond infinity', () => {
    assert.equal(studentTwoSided(Number.POSITIVE_INFINITY, 3), 0)
  })
})
