import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { binomialAtLeast, normalUpperTail, studentTwoSided } from './distribution.ts'

/** t, degrees of freedom, and twice scipy.stats.t.sf. */
const STUDENT_TAILS = [
  [0, 5, 1],
  [1, 1, 0.5],
  [2.5, 8, 0.03694203771362412],
  [-3.2, 4.7, 0.026183869756802793],
  [12, 9, 7.699886222985653e-7],
  [40, 18, 4.865261692304997e-19],
  [2, 1000, 0.04577034649325166],
] as const

describe('studentTwoSided', () => {
  for (const [t, degrees, tails] of STUDENT_TAILS) {
    it(`is ${tails} beyond ${t} at ${degrees} degrees of freedom`, () => {
      const found = studentTwoSided(t, degrees)
      assert.ok(Math.abs(found / tails - 1) < 1e-8, `${found}`)
    })
  }

  it('is nothing beyond infinity', () => {
    assert.equal(studentTwoSided(Number.POSITIVE_INFINITY, 3), 0)
  })
})

/** Term by term, as the definition has it. */
function summed(count: number, trials: number, share: number): number {
  let term = (1 - share) ** trials
  let sum = 0
  for (let k = 0; k <= trials; k++) {
    if (k >= count) sum += term
    term *= ((trials - k) / (k + 1)) * (share / (1 - share))
  }
  return sum
}

describe('the upper tail of the binomial distribution', () => {
  it('is the sum of its terms', () => {
    for (const share of [0.05, 0.5, 0.9]) {
      for (const trials of [1, 2, 11, 60]) {
        for (let count = 0; count <= trials + 1; count++) {
          const [found, expected] = [
            binomialAtLeast(count, trials, share),
            summed(count, trials, share),
          ]
          assert.ok(
            Math.abs(found - expected) < 1e-9,
            `${count} of ${trials} at ${share}: ${found}`,
          )
        }
      }
    }
  })

  it('is half in the middle of millions', () => {
    assert.ok(Math.abs(binomialAtLeast(1_000_001, 2_000_001, 0.5) - 0.5) < 0.01)
  })
})

/** By scipy.stats.norm.sf. */
const NORMAL_TAILS = [
  [0, 0.5],
  [0.5, 0.3085375387259869],
  [1.959963984540054, 0.025],
  [3, 0.0013498980316300933],
  [6, 9.865876450376946e-10],
  [-1, 0.8413447460685429],
  [-3, 0.9986501019683699],
] as const

describe('normalUpperTail', () => {
  for (const [z, tail] of NORMAL_TAILS) {
    it(`is ${tail} from ${z} on`, () => {
      assert.ok(Math.abs(normalUpperTail(z) / tail - 1) < 3e-7, `${normalUpperTail(z)}`)
    })
  }
})
