import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { binomialAtLeast } from './binomial.ts'

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
