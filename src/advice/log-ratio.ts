/** Two runs whose loads are nearer than this tell more of their noise than of what a load costs. */
export const LEAST_RATIO = 2

/** How far two figures are apart as a ratio, alike in both directions: its logarithm. */
export function logRatio(one: number, other: number): number {
  return Math.abs(Math.log(one / other))
}
