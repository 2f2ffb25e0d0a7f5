import { type CompareOptions, compareResults } from '../compare/compare.ts'
import type { Result } from '../result/document.ts'
import type { ResultComparison } from '../result/judgement.ts'

/**
 * Compares results of one scenario, as `rtbench compare` does: a verdict for each metric and
 * transport. Several results of a side are repetitions of each other.
 *
 * @throws RtbenchError `usage` where they cannot be compared
 */
export function compare(
  baseline: Result | readonly Result[],
  candidate: Result | readonly Result[],
  options: Partial<CompareOptions> = {},
): ResultComparison {
  return compareResults([baseline].flat(), [candidate].flat(), options)
}
