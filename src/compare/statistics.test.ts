import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../measure/random.ts'
import {
  absoluteChange,
  bootstrapInterval,
  holm,
  mannWhitney,
  median,
  relativeChange,
  welch,
} from './statistics.ts'

/** By scipy.stats.mannwhitneyu: exact without ties; asymptotic, continuity-corrected, with them. */
const CASES = [
  { first: [0.346, 0.822, 0.33], second: [-1.303, 0.905, 0.446], u: 4, pValue: 1 },
  {
    first: [-0.537, 0.581, 0.365, 0.294, 0.028],
    second: [1.547, 0.264, 0.837, 0.518, 1.599],
    u: 4,
    pValue: 0.09523809523809523,
  },
  {
    first: [0.04, -0.292, -0.782, -0.257, 0.008],
    second: [4.724, 6.294, 6.007, 2.289, 3.111],
    u: 0,
    pValue: 0.007936507936507936,
  },
  {
    first: [-0.175, -0.422, 0.214, 0.217, 2.118, -1.112, -0.378, 2.043],
    second: [1.647, 1.663, 0.486, -0.648, 1.167],
    u: 15,
    pValue: 0.5236985236985237,
  },
  {
    first: [0.109, -1.227, -0.683, -0.072, -0.945, -0.098, 0.095, 0.036, -0.506, 0.594],
    second: [2.091, 1.521, 0.382, 1.932, 0.699, 2.079, 0.128, 2.114, 1.18, -0.049],
    u: 6,
    pValue: 0.00032475264673407085,
  },
  {
    first: [-0.314, 0.054, 0.273, -0.982, -1.107, 0.2, -0.467, 0.236, 0.76, -1.649],
    second: [0.554, 1.525, 0.002, -0.511, 1.052, 0.553, 1.196],
    u: 14,
    pValue: 0.043089263677498976,
  },
  {
    first: [
      -0.345, -1.482, -0.11, -0.446, 0.775, 0.194, -1.631, -1.195, 0.884, 0.68, -0.64, -0.001,
      0.446, 0.468, 0.876, 0.256, -0.095, -0.259, 1.056, -2.251,
    ],
    second: [
      0.661, 0.833, -0.625, 1.133, 0.149, 1.662, 0.674, 1.469, 2.019, 1.183, -0.076, -0.714, 2.553,
      0.689, 0.111, 0.944, 0.609, 1.652, 0.834, 0.814,
    ],
    u: 88,
    pValue: 0.0019571244942430312,
  },
  { first: [0, 2, 2, 1, 1], second: [2, 3, 3, 2, 1], u: 5, pValue: 0.12512238701328704 },
  {
    first: [0, 1, 1, 1, 3, 1, 3, 0, 1, 0],
    second: [1, 3, 1, 2, 3, 4, 3, 3, 2, 4],
    u: 17,
    pValue: 0.010723673366632961,
  },
  {
    first: [1, 4, 0, 3, 1, 1, 2, 4, 4, 1, 3, 0],
    second: [6, 6, 3, 4, 4, 5, 1, 4, 6],
    u: 16.5,
    pValue: 0.00723394587668739,
  },
]

/**
 * Two-sided critical values of U at 5 %: the greatest that is significant, by the sizes of the
 * samples (L. C. Freeman, Elementary Applied Statistics, 1965, after Mann and Whitney).
 */
const CRITICAL = [
  [4, 4, 0],
  [5, 5, 2],
  [6, 6, 5],
  [5, 10, 8],
  [8, 8, 13],
  [10, 10, 23],
  [10, 20, 55],
  [15, 15, 64],
  [20, 20, 127],
] as const

/** Samples without a tie of these sizes with this U: one value of the first moves up at a time. */
function samplesOf(firstSize: number, secondSize: number, u: number): [number[], number[]] {
  const second = Array.from({ length: secondSize }, (_, i) => i + 1)
  let left = u
  const first = Array.from({ length: firstSize }, (_, i) => {
    const above = Math.min(secondSize, left)
    left -= above
    return above + 0.1 + i / 1000
  })
  return [first, second]
}

const sample = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
  minLength: 1,
  maxLength: 30,
})

describe('mannWhitney', () => {
  for (const { first, second, u, pValue } of CASES) {
    it(`agrees with scipy on ${first.length} and ${second.length}, p ${pValue}`, () => {
      const found = mannWhitney(first, second)
      assert.equal(found.u, u)
      assert.ok(Math.abs(found.pValue / pValue - 1) < 1e-6, `${found.pValue}, not ${pValue}`)
    })
  }

  for (const [first, second, critical] of CRITICAL) {
    it(`has the critical value ${critical} at ${first} and ${second}`, () => {
      const at = (u: number): number => {
        const found = mannWhitney(...samplesOf(first, second, u))
        assert.equal(found.u, u)
        return found.pValue
      }
      assert.ok(at(critical) <= 0.05, `${at(critical)}`)
      assert.ok(at(critical + 1) > 0.05, `${at(critical + 1)}`)
    })
  }

  it('says the same with the samples exchanged', () => {
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        const there = mannWhitney(first, second)
        const back = mannWhitney(second, first)
        assert.equal(there.u + back.u, first.length * second.length)
        assert.ok(Math.abs(there.pValue - back.pValue) < 1e-12)
        assert.ok(there.pValue > 0 && there.pValue <= 1)
      }),
    )
  })

  it('asks for ranks alone', () => {
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        // Far from each other, as what the cube's rounding makes equal is another question.
        const [one, other] = [first.map(Math.round), second.map(Math.round)]
        const cubed = mannWhitney(
          one.map((x) => x ** 3),
          other.map((x) => x ** 3),
        )
        assert.deepEqual(cubed, mannWhitney(one, other))
      }),
    )
  })

  it('tells nothing of no values, and of equal ones', () => {
    assert.equal(mannWhitney([], [1, 2]).pValue, 1)
    assert.equal(mannWhitney([3, 3, 3, 3, 3], [3, 3, 3, 3, 3]).pValue, 1)
  })
})

/** By scipy.stats.ttest_ind with equal_var=False. */
const WELCH_CASES = [
  [[1, 2, 3, 4, 5], [2, 4, 6, 8, 10], 0.10753119493062728],
  [[10.1, 9.9, 10.3, 10.2, 9.8], [12.5, 12.1, 12.9, 11.8, 12.2, 12.6], 2.1458172496041256e-6],
  [[1, 1.1], [5, 9], 0.20624552205639388],
] as const

describe('welch', () => {
  for (const [first, second, pValue] of WELCH_CASES) {
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

/** By statsmodels.stats.multitest.multipletests. */
const HOLM_CASES = [
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
  for (const [given, expected] of HOLM_CASES) {
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

const positives = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), {
  minLength: 1,
  maxLength: 20,
})

describe('bootstrapInterval', () => {
  it('stays between the extremes of the samples, and is the same by the same seed', () => {
    fc.assert(
      fc.property(positives, positives, fc.nat(), (baseline, candidate, seed) => {
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
