/** What samples of figures say of each other, and counts of their spread. */
import { normalUpperTail, studentTwoSided } from '../measure/distribution.ts'
import type { Random } from '../measure/random.ts'

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

/** What the test says of two samples. */
export interface MannWhitney {
  /** Pairs in which the first sample's value is the greater one; a tie counts half. */
  readonly u: number
  /** Two-sided: how often a U as far from its mean comes up where both samples are of one kind. */
  readonly pValue: number
}

/** Up to this many values in either sample the counts stay whole in floating point. */
const MOST_COUNTED = 25

/**
 * The Mann–Whitney U test (H. B. Mann, D. R. Whitney, On a Test of Whether one of Two Random
 * Variables is Stochastically Larger than the Other, Annals of Mathematical Statistics 18, 1947).
 * Exact for samples of at most 25 values each without ties; otherwise by the normal approximation
 * with the corrections for ties and for continuity. An empty sample tells nothing: p is 1.
 */
export function mannWhitney(first: readonly number[], second: readonly number[]): MannWhitney {
  const u = greaterPairs(first, second)
  if (first.length === 0 || second.length === 0) return { u, pValue: 1 }
  const ties = tieGroups([...first, ...second])
  const counted = ties.length === 0 && Math.max(first.length, second.length) <= MOST_COUNTED
  const pValue = counted
    ? exactPValue(u, first.length, second.length)
    : approximatePValue(u, first.length, second.length, ties)
  return { u, pValue }
}

function greaterPairs(first: readonly number[], second: readonly number[]): number {
  let u = 0
  for (const one of first) {
    for (const other of second) u += one > other ? 1 : one === other ? 0.5 : 0
  }
  return u
}

/** Sizes of the groups of equal values. */
function tieGroups(values: readonly number[]): readonly number[] {
  const sizes = new Map<number, number>()
  for (const value of values) sizes.set(value, (sizes.get(value) ?? 0) + 1)
  return [...sizes.values()].filter((size) => size > 1)
}

function exactPValue(u: number, firstSize: number, secondSize: number): number {
  const counts = arrangements(firstSize, secondSize)
  const nearer = Math.min(u, firstSize * secondSize - u)
  let tail = 0
  let all = 0
  for (const [value, count] of counts.entries()) {
    all += count
    if (value <= nearer) tail += count
  }
  return Math.min(1, (2 * tail) / all)
}

/**
 * In how many orders of both samples each U comes up: a sample's i-th value adds to U as many of
 * the other's values as are below it, so that these are the coefficients of the Gaussian binomial,
 * the product of (1 − q^(n+i)) / (1 − q^i).
 */
function arrangements(firstSize: number, secondSize: number): Float64Array {
  const counts = new Float64Array(firstSize * secondSize + 1)
  counts[0] = 1
  for (let i = 1; i <= firstSize; i++) {
    for (let u = counts.length - 1; u >= secondSize + i; u--) {
      counts[u] = (counts[u] as number) - (counts[u - secondSize - i] as number)
    }
    for (let u = i; u < counts.length; u++) {
      counts[u] = (counts[u] as number) + (counts[u - i] as number)
    }
  }
  return counts
}

function approximatePValue(
  u: number,
  firstSize: number,
  secondSize: number,
  ties: readonly number[],
): number {
  const pairs = firstSize * secondSize
  const size = firstSize + secondSize
  const tied = ties.reduce((sum, t) => sum + t ** 3 - t, 0)
  const variance = (pairs / 12) * (size + 1 - tied / (size * (size - 1)))
  if (variance <= 0) return 1
  const distance = Math.abs(u - pairs / 2) - 0.5
  return Math.min(1, 2 * normalUpperTail(distance / Math.sqrt(variance)))
}

/**
 * Two-sided p-value of the t-test of two samples whose spreads may differ (B. L. Welch, The
 * Generalization of "Student's" Problem when Several Different Population Variances are Involved,
 * Biometrika 34, 1947). Fewer than two values in a sample tell nothing: p is 1.
 */
export function welch(first: readonly number[], second: readonly number[]): number {
  if (first.length < 2 || second.length < 2) return 1
  const difference = mean(first) - mean(second)
  const firstError = varianceOfMean(first)
  const secondError = varianceOfMean(second)
  const error = firstError + secondError
  if (error === 0) return difference === 0 ? 1 : 0
  const degrees =
    error ** 2 / (firstError ** 2 / (first.length - 1) + secondError ** 2 / (second.length - 1))
  return studentTwoSided(difference / Math.sqrt(error), degrees)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function varianceOfMean(values: readonly number[]): number {
  const middle = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0)
  return squares / (values.length - 1) / values.length
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

const RESAMPLES = 2_000
const CONFIDENCE = 0.95

/** What sets a candidate's median apart from a baseline's. */
export type Change = (baseline: number, candidate: number) => number

/** 0.1: 10 % more. Only where no baseline can be 0. */
export const relativeChange: Change = (baseline, candidate) => candidate / baseline - 1
/** In the figures' unit. */
export const absoluteChange: Change = (baseline, candidate) => candidate - baseline

/**
 * The 95 % interval of the change of two samples' medians, by the percentile bootstrap with 2,000
 * resamples of each (B. Efron, Bootstrap Methods: Another Look at the Jackknife, Annals of Statistics
 * 7, 1979).
 * @param baseline as the candidate, not empty
 */
export function bootstrapInterval(
  baseline: readonly number[],
  candidate: readonly number[],
  change: Change,
  random: Random,
): readonly [number, number] {
  const changes = new Float64Array(RESAMPLES)
  const drawBaseline = medianDraws(baseline, random)
  const drawCandidate = medianDraws(candidate, random)
  for (let i = 0; i < RESAMPLES; i++) {
    const from = drawBaseline()
    changes[i] = change(from, drawCandidate())
  }
  changes.sort()
  const outside = Math.floor((RESAMPLES * (1 - CONFIDENCE)) / 2)
  return [changes[outside] as number, changes[RESAMPLES - 1 - outside] as number]
}

/** Gives the median of one resample after the other. */
function medianDraws(values: readonly number[], random: Random): () => number {
  const sorted = Float64Array.from(values).sort()
  // How often each value is drawn: in order already, so that nothing has to be sorted.
  const times = new Uint32Array(sorted.length)
  const upper = sorted.length >> 1
  const lower = (sorted.length - 1) >> 1
  return () => {
    times.fill(0)
    for (let i = 0; i < times.length; i++) {
      const index = Math.floor(random() * times.length)
      times[index] = (times[index] as number) + 1
    }
    let passed = 0
    let low = Number.NaN
    for (let index = 0; ; index++) {
      const value = sorted[index] as number
      passed += times[index] as number
      if (Number.isNaN(low) && passed > lower) low = value
      if (passed > upper) return (low + value) / 2
    }
  }
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
