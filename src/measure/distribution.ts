/** The distributions that tests and intervals are read from. */

/**
 * The regularised incomplete beta function I_x(a, b), as its continued fraction (W. H. Press et al.,
 * Numerical Recipes in C, 2nd edition, 1992, section 6.4).
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  )
  // The fraction converges fast on this side of the mean alone.
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(x, a, b)) / a
    : 1 - (front * continuedFraction(1 - x, b, a)) / b
}

/** The fraction takes about the square root of the larger parameter; counts may be millions. */
const MOST_STEPS = 10_000
const PRECISION = 1e-14
const TINY = 1e-300

/** By Lentz's method. */
function continuedFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = reciprocal(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m <= MOST_STEPS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = reciprocal(1 + even * d)
    c = awayFromZero(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = reciprocal(1 + odd * d)
    c = awayFromZero(1 + odd / c)
    const step = d * c
    fraction *= step
    if (Math.abs(step - 1) < PRECISION) break
  }
  return fraction
}

function reciprocal(value: number): number {
  return 1 / awayFromZero(value)
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}

const LANCZOS = [
  76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155,
  0.1208650973866179e-2, -0.5395239384953e-5,
]

/** By C. Lanczos' approximation, to about 2e-10. @param x above 0 */
function logGamma(x: number): number {
  const shifted = x + 5.5
  const series = LANCZOS.reduce(
    (sum, coefficient, i) => sum + coefficient / (x + 1 + i),
    1.000000000190015,
  )
  return (x + 0.5) * Math.log(shifted) - shifted + Math.log((2.5066282746310007 * series) / x)
}

/**
 * Student's t distribution: the chance of a value as far from 0, on either side (W. H. Press et al.,
 * Numerical Recipes in C, 2nd edition, 1992, section 6.4).
 * @param degrees of freedom, above 0; need not be whole
 */
export function studentTwoSided(t: number, degrees: number): number {
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5)
}

/**
 * The chance that at least so many of some trials succeed, each with this share: the upper tail of
 * the binomial distribution, exact but for rounding.
 */
export function binomialAtLeast(count: number, trials: number, share: number): number {
  if (count <= 0) return 1
  return count > trials ? 0 : incompleteBeta(share, count, trials - count + 1)
}

/**
 * The standard normal distribution's upper tail, P(Z > z), to seven digits relative: the
 * complementary error function by the rational Chebyshev fit of W. H. Press et al., Numerical
 * Recipes in C, 2nd edition, 1992, section 6.2.
 */
export function normalUpperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + x / 2)
  const exponent = COEFFICIENTS.reduceRight((sum, coefficient) => coefficient + t * sum, 0)
  const tail = (t * Math.exp(-x * x + exponent)) / 2
  return z >= 0 ? tail : 1 - tail
}

const COEFFICIENTS = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
]
