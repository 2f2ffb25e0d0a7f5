import { type CompareOptions, compareResults } from '../compare/compare.ts'
import { RtbenchError } from '../error.ts'
import { type Result, resultSchema } from '../result/document.ts'
import type { ResultComparison } from '../result/judgement.ts'

/**
 * Compares results of one scenario, as `rtbench compare` does: a verdict for each metric and
 * transport. Several results of a side are repetitions of each other.
 *
 * @throws RtbenchError `usage` where they cannot be compared, or are no results
 */
export function compare(
  baseline: Result | readonly Result[],
  candidate: Result | readonly Result[],
  options: Partial<CompareOptions> = {},
): ResultComparison {
  return compareResults(resultsOf('baseline', baseline), resultsOf('candidate', candidate), options)
}

/** Who writes no types gives a path, or one result where nothing came back. */
function resultsOf(side: string, given: Result | readonly Result[]): readonly Result[] {
  const results = [given].flat()
  if (results.every((one) => resultSchema.safeParse(one).success)) return results
  throw new RtbenchError('usage', `${side}: is no result; expected what run or readResult gave`)
}
