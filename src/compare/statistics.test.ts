import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { dispersionOf, holm, type Interval, median, middleOf, shiftOf } from './statistics.ts'

/** The level of a comparison that looks once, and some of the looks of a gate. */
const LEVELS = [0.025, 0.0125, 0.012, 0.004, 0.2] as const

/** Some figures no two of which, and no two of whose means or differences, are the same. */
function generic(size: number, from = 1): number[] {
  return Array.from({ length: size }, (_, i) => Math.sqrt(7 * from + 11 * i) + i / 13)
}

/** Every way to take some of so many. */
function subsets(size: number): readonly (readonly boolean[])[] {
  return Array.from({ length: 2 ** size }, (_, bits) =>
    Array.from({ length: size }, (_, i) => (bits & (2 ** i)) !== 0),
  )
}

/** The chance that a statistic is so small, of all ways that are equally likely. */
function chancesOf(statistics: readonly number[]): (atMost: number) => number {
  return (atMost) => statistics.filter((one) => one <= atMost).length / statistics.length
}

/** The most values that are cut off at an end, so that the chance of less is within the level. */
function cutOf(chanceOf: (atMost: number) => number, level: number): number {
  let cut = 0
  while (chanceOf(cut) <= level) cut++
  return cut
}

/** Of every n: how often each sum of ranks, or number of pairs won, comes up. Whole numbers, and no rounding. */
function signedRankCounts(size: number): readonly bigint[] {
  const sums = (size * (size + 1)) / 2
  let counts = [1n, ...Array<bigint>(sums).fill(0n)]
  for (let rank = 1; rank <= size; rank++) {
    counts = counts.map((count, sum) => count + (counts[sum - rank] ?? 0n))
  }
  return counts
}

/** By the recursion of Mann and Whitney: the greatest of all is of the one sample or of the other. */
function mannWhitneyCounts(first: number, second: number): readonly bigint[] {
  const known = new Map<string, readonly bigint[]>()
  const of = (m: number, n: number): readonly bigint[] => {
    if (m === 0 || n === 0) return [1n]
    const key = `${m} ${n}`
    const found = known.get(key)
    if (found !== undefined) return found
    const [lesser, less] = [of(m, n - 1), of(m - 1, n)]
    const counts = Array.from(
      { length: m * n + 1 },
      (_, won) => (lesser[won - m] ?? 0n) + (less[won] ?? 0n),
    )
    known.set(key, counts)
    return counts
  }
  return of(first, second)
}

function exactCut(counts: readonly bigint[], level: number): number {
  const all = Number(counts.reduce((sum, one) => sum + one, 0n))
  let below = 0n
  return counts.findIndex((count) => {
    below += count
    return Number(below) / all > level
  })
}

function assertNear(found: number, expected: number, message?: string): void {
  assert.ok(Math.abs(found - expected) < 1e-9, message ?? `${found}, not ${expected}`)
}

function assertInterval(found: Interval | null, expected: Interval): void {
  assert.ok(found !== null)
  assertNear(found.estimate, expected.estimate)
  assertNear(found.lower, expected.lower)
  assertNear(found.upper, expected.upper)
}

const figures = fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 6, maxLength: 20 })
const level = fc.constantFrom(...LEVELS)

function sortedMeans(differences: readonly number[]): number[] {
  return differences
    .flatMap((one, i) => differences.slice(i).map((other) => (one + other) / 2))
    .sort((a, b) => a - b)
}

function sortedDifferences(first: readonly number[], second: readonly number[]): number[] {
  return second.flatMap((one) => first.map((other) => one - other)).sort((a, b) => a - b)
}

/** Two-sided critical values of the signed ranks at 5 % (F. Wilcoxon, R. A. Wilcox, 1964). */
const SIGNED_RANKS = [
  [6, 0],
  [7, 2],
  [8, 3],
  [9, 5],
  [10, 8],
  [12, 13],
  [15, 25],
  [20, 52],
  [25, 89],
  [30, 137],
] as const

describe('middleOf', () => {
  for (const size of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
    it(`misses 0 as often as the level allows, of all signs of ${size} differences`, () => {
      const sizes = generic(size)
      const patterns = subsets(size).map((signs) =>
        sizes.map((one, i) => (signs[i] === true ? one : -one)),
      )
      const chanceOf = chancesOf(
        subsets(size).map((signs) => signs.reduce((sum, is, i) => sum + (is ? i + 1 : 0), 0)),
      )
      for (const level of LEVELS) {
        const found = patterns.map((pattern) => middleOf(pattern, level))
        const allowed = cutOf(chanceOf, level)
        if (allowed === 0) {
          assert.ok(found.every((one) => one === null))
          continue
        }
        const above = found.filter((one) => one !== null && one.lower > 0).length
        const below = found.filter((one) => one !== null && one.upper < 0).length
        assert.equal(above / patterns.length, chanceOf(allowed - 1))
        assert.equal(below, above)
        assert.ok(found.every((one) => one !== null))
      }
    })
  }

  for (const [size, critical] of SIGNED_RANKS) {
    it(`has the critical value ${critical} of ${size} differences`, () => {
      const differences = generic(size)
      const means = sortedMeans(differences)
      assertInterval(middleOf(differences, 0.025), {
        estimate: median(means),
        lower: means[critical] ?? Number.NaN,
        upper: means.at(-1 - critical) ?? Number.NaN,
      })
    })
  }

  for (const size of [30, 60]) {
    it(`counts exactly of ${size} differences`, () => {
      const differences = generic(size)
      const means = sortedMeans(differences)
      for (const level of LEVELS) {
        const cut = exactCut(signedRankCounts(size), level)
        assertInterval(middleOf(differences, level), {
          estimate: median(means),
          lower: means[cut - 1] ?? Number.NaN,
          upper: means.at(-cut) ?? Number.NaN,
        })
      }
    })
  }

  it("agrees with R's wilcox.test on its own example of pairs", () => {
    // Hamilton depression scale factors (M. Hollander, D. A. Wolfe, 1973, p. 29 and 35).
    const x = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3]
    const y = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    const differences = x.map((one, i) => (y[i] ?? Number.NaN) - one)
    assertInterval(middleOf(differences, 0.025), { estimate: -0.46, lower: -0.786, upper: -0.01 })
  })

  it('is known by hand of six, of which the least and the greatest are the ends', () => {
    const [estimate, lower, upper] = [3.5, 1, 6]
    assertInterval(middleOf([1, 2, 3, 4, 5, 6], 0.025), { estimate, lower, upper })
    // By 1 of 32 five are as sure of less.
    assertInterval(middleOf([5, 1, 4, 2, 3], 1 / 32), { estimate: 3, lower: 1, upper: 5 })
  })

  it('is null of too few to be as sure', () => {
    assert.equal(middleOf([], 0.025), null)
    assert.equal(middleOf([1, 2, 3, 4, 5], 0.025), null)
    assert.equal(middleOf([1, 2, 3, 4, 5], 1 / 33), null)
    assert.equal(middleOf(generic(8), 0.003), null)
    assert.notEqual(middleOf(generic(9), 0.003), null)
  })

  it('is decided by none that is wild', () => {
    const tame = generic(12)
    const wild = [...tame.slice(0, 11), 1e12]
    const [one, other] = [middleOf(tame, 0.025), middleOf(wild, 0.025)]
    assert.ok(one !== null && other !== null)
    assert.ok(other.upper < 2 * Math.max(...tame), `${other.upper}`)
    assert.ok(other.estimate < one.upper)
  })

  it('moves with the differences, turns with their sign, and asks for no order', () => {
    fc.assert(
      fc.property(figures, fc.integer({ min: -1e6, max: 1e6 }), level, (values, by, level) => {
        const found = middleOf(values, level)
        const moved = middleOf(
          values.map((one) => one + by),
          level,
        )
        const turned = middleOf(
          values.map((one) => -one),
          level,
        )
        assert.deepEqual(middleOf(values.toReversed(), level), found)
        if (found === null) {
          assert.deepEqual([moved, turned], [null, null])
          return
        }
        const { estimate, lower, upper } = found
        assert.ok(lower <= estimate && estimate <= upper)
        assert.ok(lower >= Math.min(...values) && upper <= Math.max(...values))
        assertInterval(moved, { estimate: estimate + by, lower: lower + by, upper: upper + by })
        assertInterval(turned, { estimate: -estimate, lower: -upper, upper: -lower })
      }),
    )
  })

  it('is the wider the less it may err', () => {
    fc.assert(
      fc.property(figures, (values) => {
        const [wide, narrow] = [middleOf(values, 0.012), middleOf(values, 0.025)]
        assert.ok(narrow !== null)
        assert.ok(wide === null || (wide.lower <= narrow.lower && wide.upper >= narrow.upper))
      }),
    )
  })
})

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

describe('shiftOf', () => {
  for (const [first, second] of [
    [1, 1],
    [2, 3],
    [3, 3],
    [3, 5],
    [4, 4],
    [5, 5],
    [2, 9],
    [6, 4],
    [6, 6],
  ] as const) {
    it(`misses 0 as often as the level allows, of all orders of ${first} and ${second}`, () => {
      const values = generic(first + second)
      const orders = subsets(first + second)
        .filter((isSecond) => isSecond.filter(Boolean).length === second)
        .map((isSecond) => ({
          first: values.filter((_, i) => isSecond[i] === false),
          second: values.filter((_, i) => isSecond[i] === true),
        }))
      const chanceOf = chancesOf(
        orders.map((one) =>
          one.second.reduce((sum, mine) => sum + one.first.filter((x) => x < mine).length, 0),
        ),
      )
      for (const level of LEVELS) {
        const found = orders.map((one) => shiftOf(one.first, one.second, level))
        const allowed = cutOf(chanceOf, level)
        if (allowed === 0) {
          assert.ok(found.every((one) => one === null))
          continue
        }
        const above = found.filter((one) => one !== null && one.lower > 0).length
        const below = found.filter((one) => one !== null && one.upper < 0).length
        assert.equal(above / orders.length, chanceOf(allowed - 1))
        assert.equal(below, above)
      }
    })
  }

  for (const [first, second, critical] of CRITICAL) {
    it(`has the critical value ${critical} at ${first} and ${second}`, () => {
      const samples = [generic(first), generic(second, 3)] as const
      const differences = sortedDifferences(...samples)
      assertInterval(shiftOf(...samples, 0.025), {
        estimate: median(differences),
        lower: differences[critical] ?? Number.NaN,
        upper: differences.at(-1 - critical) ?? Number.NaN,
      })
    })
  }

  for (const [first, second] of [
    [30, 30],
    [50, 50],
    [12, 50],
  ] as const) {
    it(`counts exactly at ${first} and ${second}`, () => {
      const samples = [generic(first), generic(second, 3)] as const
      const differences = sortedDifferences(...samples)
      for (const level of LEVELS) {
        const cut = exactCut(mannWhitneyCounts(first, second), level)
        assertInterval(shiftOf(...samples, level), {
          estimate: median(differences),
          lower: differences[cut - 1] ?? Number.NaN,
          upper: differences.at(-cut) ?? Number.NaN,
        })
      }
    })
  }

  for (const [first, second] of [
    [60, 60],
    [51, 20],
  ] as const) {
    it(`is as good as exact at ${first} and ${second}`, () => {
      const samples = [generic(first), generic(second, 3)] as const
      const differences = sortedDifferences(...samples)
      const counts = mannWhitneyCounts(first, second)
      for (const level of [0.025, 0.0125, 0.012]) {
        const found = shiftOf(...samples, level)
        assert.ok(found !== null)
        const cut = differences.indexOf(found.lower) + 1
        const exact = exactCut(counts, level)
        assert.ok(Math.abs(cut - exact) <= 0.002 * counts.length, `${cut}, exactly ${exact}`)
      }
    })
  }

  it("agrees with R's wilcox.test on its own example of two samples", () => {
    // Permeability constants of the human chorioamnion (M. Hollander, D. A. Wolfe, 1973, p. 69).
    const x = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    const y = [1.15, 0.88, 0.9, 0.74, 1.21]
    assertInterval(shiftOf(y, x, 0.025), { estimate: 0.305, lower: -0.15, upper: 0.76 })
  })

  it('is known by hand of four and four, of which the farthest apart are the ends', () => {
    const second = [10, 20, 30, 40]
    assertInterval(shiftOf([1, 2, 3, 4], second, 0.025), { estimate: 22.5, lower: 6, upper: 39 })
  })

  it('is null of too few to be as sure', () => {
    assert.equal(shiftOf([], [1, 2], 0.025), null)
    assert.equal(shiftOf([1, 2], [], 0.025), null)
    assert.equal(shiftOf([1, 2, 3], [4, 5, 6, 7], 0.025), null)
    assert.equal(shiftOf([1, 2, 3, 4], [4, 5, 6, 7], 0.0125), null)
    assert.notEqual(shiftOf([1, 2, 3, 4], [4, 5, 6, 7], 0.025), null)
  })

  it('moves with the second sample, turns with the sides, and asks for no order', () => {
    const by = fc.integer({ min: -1e6, max: 1e6 })
    fc.assert(
      fc.property(figures, figures, by, level, (first, second, by, level) => {
        const found = shiftOf(first, second, level)
        assert.deepEqual(shiftOf(first.toReversed(), second.toReversed(), level), found)
        assert.ok(found !== null)
        const { estimate, lower, upper } = found
        assert.ok(lower <= estimate && estimate <= upper)
        const moved = second.map((one) => one + by)
        assertInterval(shiftOf(first, moved, level), {
          estimate: estimate + by,
          lower: lower + by,
          upper: upper + by,
        })
        assertInterval(shiftOf(second, first, level), {
          estimate: -estimate,
          lower: -upper,
          upper: -lower,
        })
      }),
    )
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

describe('dispersionOf', () => {
  const side = (...counts: readonly number[]): { count: number; chances: number }[] =>
    counts.map((count) => ({ count, chances: 1_000 }))

  it('is null where no side has two runs', () => {
    assert.equal(dispersionOf([]), null)
    assert.equal(dispersionOf([side(5), side(90)]), null)
  })

  it('is 1 where runs differ no more than single things would, and of none', () => {
    assert.equal(dispersionOf([side(10, 10, 10), side(0, 0)]), 1)
    assert.equal(dispersionOf([side(0, 0), side(0, 0)]), 1)
    // Another rate of the other side is no spread.
    assert.equal(dispersionOf([side(10, 11), side(90, 91)]), 1)
  })

  it('is what Pearson says, raised the more the fewer runs there are', () => {
    // Each side: 0, 0, 30 of 10 expected, so (100 + 100 + 400) / 10 by 2 degrees of each.
    const few = dispersionOf([side(0, 0, 30)]) ?? Number.NaN
    const more = dispersionOf([side(0, 0, 30), side(30, 0, 0)]) ?? Number.NaN
    // Student's t of one side of 1 %: 6.965 by 2 degrees, 3.747 by 4.
    assert.ok(Math.abs(few / (30 * (6.965 / 2.326) ** 2) - 1) < 1e-3, `${few}`)
    assert.ok(Math.abs(more / (30 * (3.747 / 2.326) ** 2) - 1) < 1e-3, `${more}`)
  })
})

describe('median', () => {
  it('is the middle, or the mean of the two there', () => {
    assert.equal(median([3, 1, 2]), 2)
    assert.equal(median([4, 1, 3, 2]), 2.5)
    assert.ok(Number.isNaN(median([])))
  })
})
