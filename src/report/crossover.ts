/** Where two measured curves cross: an interpolation, never an extrapolation. */

/** What one value of a sweep cost; both above 0. */
export interface CurvePoint {
  readonly x: number
  readonly y: number
}

export interface Crossing {
  readonly x: number
  /** The measured values between which it lies. */
  readonly between: readonly [number, number]
  /** The lower one below it; above it is the other. */
  readonly lowerBefore: 'one' | 'other'
}

/** How two curves lie to each other over the values that both were measured at. */
export interface Crossover {
  /** Least and greatest value measured of both; null where there are not two. */
  readonly range: readonly [number, number] | null
  /** Ascending. */
  readonly crossings: readonly Crossing[]
  /** The lower one at the least value, where they differ at all. */
  readonly lowerFirst: 'one' | 'other' | null
}

/** At a value that both have: the logarithm of their ratio. */
interface Difference {
  readonly x: number
  readonly ratio: number
}

/**
 * Where one curve rises above the other: between neighbouring values each is taken as a power of x,
 * so that the result does not depend on units. A point at 0 has no logarithm and is left out; curves
 * that touch do not cross.
 */
export function crossoverOf(one: readonly CurvePoint[], other: readonly CurvePoint[]): Crossover {
  const differences = differencesOf(one, other)
  const unequal = differences.filter(({ ratio }) => ratio !== 0)
  const crossings = unequal.flatMap((here, i): Crossing[] => {
    const before = unequal[i - 1]
    if (before === undefined || Math.sign(before.ratio) === Math.sign(here.ratio)) return []
    const equal = differences.filter(({ x }) => x > before.x && x < here.x)
    const x = equal.length > 0 ? middleOf(equal) : zeroBetween(before, here)
    return [{ x, between: [before.x, here.x], lowerBefore: lowerAt(before) }]
  })
  const [first, last] = [differences[0]?.x ?? 0, differences.at(-1)?.x ?? 0]
  return {
    range: first === last ? null : [first, last],
    crossings,
    lowerFirst: unequal[0] === undefined ? null : lowerAt(unequal[0]),
  }
}

function differencesOf(
  one: readonly CurvePoint[],
  other: readonly CurvePoint[],
): readonly Difference[] {
  const others = new Map(other.map(({ x, y }) => [x, y]))
  return one
    .flatMap(({ x, y }) => {
      const otherY = others.get(x) ?? 0
      return x > 0 && y > 0 && otherY > 0 ? [{ x, ratio: Math.log(y / otherY) }] : []
    })
    .sort((a, b) => a.x - b.x)
}

function zeroBetween(before: Difference, after: Difference): number {
  const share = before.ratio / (before.ratio - after.ratio)
  const from = Math.log(before.x)
  const x = Math.exp(from + share * (Math.log(after.x) - from))
  // Rounding must not put it outside.
  return Math.min(after.x, Math.max(before.x, x))
}

/** On the logarithmic axis. */
function middleOf(equal: readonly Difference[]): number {
  const [first, last] = [equal[0]?.x ?? 0, equal.at(-1)?.x ?? 0]
  return Math.sqrt(first * last)
}

function lowerAt({ ratio }: Difference): 'one' | 'other' {
  return ratio < 0 ? 'one' : 'other'
}
