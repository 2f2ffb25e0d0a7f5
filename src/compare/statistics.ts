/** What samples of figures say of each other, and counts of their spread. */
import { normalUpperTail, studentTwoSided } from '../measure/distribution.ts'

/**
 * The middle of some figures, of an even number of them the mean of the two in the middle; NaN of
 * none.
 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN
  return (lower + upper) / 2
}

/** Where something lies by a sample of it: `lower` and `upper` miss it by the level that was asked, each. */
export interface Interval {
  readonly estimate: number
  readonly lower: number
  readonly upper: number
}

/**
 * The middle of differences that lie as often above it as below, by as much, and its interval: the
 * Hodges–Lehmann estimate, and Wilcoxon's signed-rank test turned round (J. L. Hodges, E. L. Lehmann,
 * Estimates of Location Based on Rank Tests, Annals of Mathematical Statistics 34, 1963). Exact whatever
 * the differences' distribution is, and a few wild ones decide nothing.
 * @param level the chance that the middle lies below the interval, and as much above
 * @returns null where so few differences cannot be as sure
 */
export function middleOf(differences: readonly number[], level: number): Interval | null {
  const means = differences.flatMap((one, i) =>
    differences.slice(i).map((other) => (one + other) / 2),
  )
  return intervalOf(means, signedRankChances(differences.length), level)
}

/**
 * By how much the second sample lies above the first, and its interval: the same by the Mann–Whitney test.
 * Exact up to 50 values a side.
 */
export function shiftOf(
  first: readonly number[],
  second: readonly number[],
  level: number,
): Interval | null {
  const differences = second.flatMap((one) => first.map((other) => one - other))
  return intervalOf(differences, mannWhitneyChances(first.length, second.length), level)
}

/** Cut off at both ends as many values as the statistic is below by chance. */
function intervalOf(
  values: readonly number[],
  chances: Float64Array,
  level: number,
): Interval | null {
  const sorted = Float64Array.from(values).sort()
  let outside = 0
  for (let tail = chances[0] as number; tail <= level && outside < sorted.length / 2; outside++) {
    tail += chances[outside + 1] as number
  }
  if (outside === 0) return null
  return {
    estimate: median(values),
    lower: sorted[outside - 1] as number,
    upper: sorted[sorted.length - outside] as number,
  }
}

/** Of samples of the same sizes, which come again and again. */
function remembered<Sizes extends readonly number[]>(
  count: (...sizes: Sizes) => Float64Array,
): (...sizes: Sizes) => Float64Array {
  const known = new Map<string, Float64Array>()
  return (...sizes) => {
    const key = sizes.join()
    const chances = known.get(key) ?? count(...sizes)
    known.set(key, chances)
    return chances
  }
}

/** The chance of each sum of the ranks that are positive, where each is so as often as not. */
const signedRankChances = remembered((size: number): Float64Array => {
  const chances = new Float64Array((size * (size + 1)) / 2 + 1)
  chances[0] = 1
  for (let rank = 1; rank <= size; rank++) {
    for (let sum = chances.length - 1; sum >= 0; sum--) {
      chances[sum] =
        ((chances[sum] as number) + (sum < rank ? 0 : (chances[sum - rank] as number))) / 2
    }
  }
  return chances
})

/** Up to so many values a side every order is counted; beyond, the statistic is as good as normal. */
const MOST_COUNTED = 50

/** The chance of each number of pairs of which the second is the greater, where both samples are of one kind. */
const mannWhitneyChances = remembered((firstSize: number, secondSize: number): Float64Array => {
  const pairs = firstSize * secondSize
  if (Math.max(firstSize, secondSize) > MOST_COUNTED) return normalChances(firstSize, secondSize)
  // Orders in which so many of the second sample stand, by the pairs that they win.
  const orders = Array.from({ length: secondSize + 1 }, () => new Float64Array(pairs + 1))
  ;(orders[0] as Float64Array)[0] = 1
  for (let place = 0; place < firstSize + secondSize; place++) {
    for (let taken = Math.min(secondSize, place + 1); taken >= 1; taken--) {
      const [into, from] = [orders[taken] as Float64Array, orders[taken - 1] as Float64Array]
      // All of the first sample's that stand before it.
      const won = place - (taken - 1)
      if (won > firstSize) continue
      for (let sum = pairs; sum >= won; sum--) {
        into[sum] = (into[sum] as number) + (from[sum - won] as number)
      }
    }
  }
  const counts = orders[secondSize] as Float64Array
  const all = counts.reduce((sum, one) => sum + one, 0)
  return counts.map((count) => count / all)
})

function normalChances(firstSize: number, secondSize: number): Float64Array {
  const pairs = firstSize * secondSize
  const spread = Math.sqrt((pairs * (firstSize + secondSize + 1)) / 12)
  const below = (count: number): number => 1 - normalUpperTail((count + 0.5 - pairs / 2) / spread)
  return Float64Array.from({ length: pairs + 1 }, (_, count) => below(count) - below(count - 1))
}

/**
 * Corrects p-values for their number, so that the chance of even one false alarm among all of them
 * stays below the level at which they are read, however they depend on each other (S. Holm, A Simple
 * Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6, 1979).
 * @returns adjusted p-values in the order of the given ones
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, index) => index)
  order.sort((one, other) => (pValues[one] as number) - (pValues[other] as number))
  const adjusted = new Array<number>(pValues.length)
  let largest = 0
  for (const [rank, index] of order.entries()) {
    const corrected = (pValues[index] as number) * (pValues.length - rank)
    largest = Math.min(1, Math.max(largest, corrected))
    adjusted[index] = largest
  }
  return adjusted
}

/** A run's count of something, and of how many. */
interface Count {
  readonly count: number
  readonly chances: number
}

/** At which few runs are less sure of their spread than many: one side of 1 %. */
const LEVEL = 0.02
/** Of the normal distribution at that level. */
const NORMAL = 2.326

/**
 * By how much the counts of runs differ more than those of single, independent things would: their
 * variance over their mean, within each side, from Pearson's statistic (P. McCullagh and J. Nelder,
 * Generalized Linear Models, 2nd edition, 1989, sections 4.5 and 6.2), and raised for what so few runs
 * do not know of it. 1 where they differ no more; null where no side has two runs to tell by.
 */
export function dispersionOf(sides: readonly (readonly Count[])[]): number | null {
  const degrees = sides.reduce((sum, runs) => sum + Math.max(0, runs.length - 1), 0)
  if (degrees === 0) return null
  const found = sides.reduce((sum, runs) => sum + pearson(runs), 0) / degrees
  return found <= 1 ? 1 : found * (studentAt(degrees) / NORMAL) ** 2
}

function pearson(runs: readonly Count[]): number {
  const total = (key: keyof Count): number => runs.reduce((sum, run) => sum + run[key], 0)
  const share = total('count') / Math.max(1, total('chances'))
  return runs.reduce((sum, { count, chances }) => {
    const expected = share * chances
    return expected === 0 ? sum : sum + (count - expected) ** 2 / expected
  }, 0)
}

/** The distance that Student's t exceeds at the level, found by halving. */
function studentAt(degrees: number): number {
  let [low, high] = [0, 100]
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (studentTwoSided(middle, degrees) > LEVEL) low = middle
    else high = middle
  }
  return high
}
