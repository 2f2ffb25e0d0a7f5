import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { seededRandom, shuffle } from './random.ts'

const DRAWS = 100_000

function draw(seed: number, stream: number, count: number): number[] {
  const random = seededRandom(seed, stream)
  return Array.from({ length: count }, random)
}

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })

describe('a seeded source of numbers', () => {
  it('gives the same sequence for the same seed and stream', () => {
    fc.assert(
      fc.property(word, word, (seed, stream) => {
        assert.deepEqual(draw(seed, stream, 20), draw(seed, stream, 20))
      }),
    )
  })

  it('gives another one for another seed, and for another stream', () => {
    fc.assert(
      fc.property(word, fc.integer({ min: 0, max: 1000 }), (seed, stream) => {
        const other = (seed + 1) % 2 ** 32
        assert.notDeepEqual(draw(seed, stream, 5), draw(other, stream, 5))
        assert.notDeepEqual(draw(seed, stream, 5), draw(seed, stream + 1, 5))
      }),
    )
  })

  it('lies on [0, 1), evenly in a hundred bins', () => {
    const bins = new Array<number>(100).fill(0)
    for (const value of draw(1, 0, DRAWS)) {
      assert.ok(value >= 0 && value < 1)
      const bin = Math.floor(value * 100)
      bins[bin] = (bins[bin] ?? 0) + 1
    }
    const expected = DRAWS / 100
    const chiSquared = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // 99 degrees of freedom: mean 99, deviation 14; six deviations on either side.
    assert.ok(chiSquared > 15 && chiSquared < 183, `chi-squared is ${chiSquared}`)
  })

  it('has streams that do not follow each other', () => {
    for (const stream of [1, 2, 3]) {
      const one = draw(7, 0, DRAWS)
      const other = draw(7, stream, DRAWS)
      const covariance = one.reduce(
        (sum, value, index) => sum + (value - 0.5) * ((other[index] ?? 0) - 0.5),
        0,
      )
      // The correlation of independent ones deviates by 1/√n.
      const correlation = covariance / DRAWS / (1 / 12)
      assert.ok(Math.abs(correlation) < 6 / Math.sqrt(DRAWS), `correlation is ${correlation}`)
    }
  })
})

describe('shuffle', () => {
  it('keeps every item', () => {
    fc.assert(
      fc.property(fc.array(word), word, (items, seed) => {
        const shuffled = Uint32Array.from(items)
        shuffle(shuffled, seededRandom(seed, 0))
        assert.deepEqual(shuffled.sort(), Uint32Array.from(items).sort())
      }),
    )
  })

  it('puts each item into each place equally often', () => {
    const random = seededRandom(3, 0)
    const rounds = 12_000
    const places = [0, 0, 0, 0]
    for (let round = 0; round < rounds; round++) {
      const items = Uint32Array.of(0, 1, 2, 3)
      shuffle(items, random)
      const place = items.indexOf(0)
      places[place] = (places[place] ?? 0) + 1
    }
    // A binomial count of 3,000 deviates by 47; six of them.
    for (const count of places) assert.ok(Math.abs(count - rounds / 4) < 285, String(places))
  })
})
