import type { FaultMetric } from './catalogue.ts'
import { changeOf, type Finding, plainFinding } from './finding.ts'
import { BEYOND_CHANCE } from './schedule-noise.ts'
import type { CountedRun } from './side.ts'

/**
 * Judges what ought not to happen, over all runs together. Where the baseline has none, one is a
 * regression; where both have some, their shares are held against what chance does to counts.
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
  const all = (before.count + after.count) / (before.chances + after.chances)
  const noise = BEYOND_CHANCE * Math.sqrt(all * (1 / before.chances + 1 / after.chances))
  const difference = after.share - before.share
  if (Math.abs(difference) <= noise) {
    return plainFinding('unchanged', change, `${reason}: no more than chance`)
  }
  return plainFinding(difference > 0 ? 'regressed' : 'improved', change, reason)
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
