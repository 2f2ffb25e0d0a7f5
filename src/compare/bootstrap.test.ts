import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../measure/random.ts'
import { absoluteChange, bootstrapInterval, relativeChange } from './bootstrap.ts'
import { median } from './median.ts'

const sample = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), {
  minLength: 1,
  maxLength: 20,
})

describe('bootstrapInterval', () => {
  it('stays between the extremes of the samples, and is the same by the same seed', () => {
    fc.assert(
      fc.property(sample, sample, fc.nat(), (baseline, candidate, seed) => {
        const draw = (): readonly [number, number] =>
          bootstrapInterval(baseline, candidate, relativeChange, seededRandom(seed, 0))
        const interval = draw()
        const [low, high] = interval
        assert.ok(low <= high)
        assert.ok(low >= Math.min(...candidate) / Math.max(...baseline) - 1)
        assert.ok(high <= Math.max(...candidate) / Math.min(...baseline) - 1)
        assert.deepEqual(draw(), interval)
      }),
      { numRuns: 30 },
    )
  })

  it('is a point where nothing differs', () => {
    assert.deepEqual(
      bootstrapInterval([5, 5], [6, 6], relativeChange, seededRandom(1, 0)),
      [0.2, 0.2].map(near(6, 5)),
    )
  })

  it('is in the unit of the figures where they may be 0', () => {
    const interval = bootstrapInterval([0, 0, 0], [3, 3, 3], absoluteChange, seededRandom(1, 0))
    assert.deepEqual(interval, [3, 3])
  })

  it('holds the true difference in about 95 of 100 cases', () => {
    const random = seededRandom(3, 0)
    let held = 0
    for (let round = 0; round < 400; round++) {
      const draw = (scale: number): number[] =>
        Array.from({ length: 15 }, () => scale * Math.exp(0.2 * gaussian(random)))
      const interval = bootstrapInterval(draw(10), draw(13), relativeChange, random)
      if (interval[0] <= 0.3 && interval[1] >= 0.3) held++
    }
    assert.ok(held > 0.9 * 400, `${held} of 400`)
  })
})

describe('median', () => {
  it('is the middle, or the mean of the two there', () => {
    assert.equal(median([3, 1, 2]), 2)
    assert.equal(median([4, 1, 3, 2]), 2.5)
    assert.ok(Number.isNaN(median([])))
  })
})

function near(to: number, from: number): () => number {
  return () => to / from - 1
}

/** Box–Muller. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
