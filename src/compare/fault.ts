import { binomialAtLeast } from './binomial.ts'
import type { FaultMetric } from './catalogue.ts'
import { changeOf, type Finding, plainFinding } from './finding.ts'
import type { CountedRun } from './side.ts'

/** How often chance alone may tell more faults, and how often fewer. */
const SIGNIFICANCE = 0.01

/**
 * Judges what ought not to happen, over all runs together. Where the baseline has none, one is a
 * regression. Where it has some, both sides' faults are dealt out again: were they equally likely
 * everywhere, the candidate's part of them would be binomial by its part of the chances (J.
 * Przyborowski and H. Wilenski, Homogeneity of results in testing samples from Poisson series,
 * Biometrika 31, 1940). It is exact for the few faults that there are.
 */
export function judgeFault(
  { count, chances }: FaultMetric,
  baseline: readonly CountedRun[],
  candidate: readonly CountedRun[],
): Finding {
  const before = totalsOf(baseline, count, chances)
  const after = totalsOf(candidate, count, chances)
  const change = changeOf(before.share, after.share)
  if (before.count === 0 && after.count === 0) return plainFinding('unchanged', null, 'none')
  const found = `${after.count} of ${after.chances}`
  if (before.count === 0) {
    return plainFinding('regressed', change, `${found}, and none in the baseline`)
  }
  const reason = `${before.count} of ${before.chances}, now ${found}`
  const all = before.count + after.count
  const share = after.chances / (before.chances + after.chances)
  if (binomialAtLeast(after.count, all, share) <= SIGNIFICANCE) {
    return plainFinding('regressed', change, reason)
  }
  if (binomialAtLeast(before.count, all, 1 - share) <= SIGNIFICANCE) {
    return plainFinding('improved', change, reason)
  }
  return plainFinding('unchanged', change, `${reason}: no more than chance`)
}

function totalsOf(
  runs: readonly CountedRun[],
  count: FaultMetric['count'],
  chances: FaultMetric['chances'],
): { readonly count: number; readonly chances: number; readonly share: number } {
  const counted = runs.reduce((sum, { run }) => sum + count(run), 0)
  // More than there were chances to, as with gaps: then each of them was one.
  const possible = Math.max(
    1,
    counted,
    runs.reduce((sum, { run }) => sum + chances(run), 0),
  )
  return { count: counted, chances: possible, share: counted / possible }
}
