import { normalUpperTail } from './normal.ts'

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
