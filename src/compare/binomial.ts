import { incompleteBeta } from '../measure/incomplete-beta.ts'

/**
 * The chance that at least so many of some trials succeed, each with this share: the upper tail of
 * the binomial distribution, exact but for rounding.
 */
export function binomialAtLeast(count: number, trials: number, share: number): number {
  if (count <= 0) return 1
  return count > trials ? 0 : incompleteBeta(share, count, trials - count + 1)
}
