import { incompleteBeta } from './incomplete-beta.ts'

/**
 * Student's t distribution: the chance of a value as far from 0, on either side (W. H. Press et al.,
 * Numerical Recipes in C, 2nd edition, 1992, section 6.4).
 * @param degrees of freedom, above 0; need not be whole
 */
export function studentTwoSided(t: number, degrees: number): number {
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5)
}
