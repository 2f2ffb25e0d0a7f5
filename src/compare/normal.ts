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
