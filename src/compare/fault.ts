import { binomialAtLeast } from '../measure/distribution.ts'
import type { Run } from '../result/document.ts'
import { changeOf, type Finding, plainFinding } from './finding.ts'
import type { FaultMetric } from './metric.ts'
import type { CountedRun } from './side.ts'
import { dispersionOf, holm } from './statistics.ts'

/** How often chance alone may tell more faults, or fewer: each by half of it. */
const SIGNIFICANCE = 0.02

/** A count of what ought not to happen, and the runs of both sides that counted it. */
interface FaultComparison {
  readonly metric: FaultMetric
  readonly baseline: readonly CountedRun[]
  readonly candidate: readonly CountedRun[]
}

/**
 * Judges what ought not to happen, each over all runs together. Where the baseline has none, one is a
 * regression. Where it has some, both sides' faults are dealt out again: were they equally likely
 * everywhere, the candidate's part of them would be binomial by its part of the chances (J.
 * Przyborowski and H. Wilenski, Homogeneity of results in testing samples from Poisson series,
 * Biometrika 31, 1940). Faults that come in bursts, as the runs of a side show by differing more than
 * single ones would, count by the burst: what only they explain is inconclusive. All that are held against chance share one chance of a false
 * alarm.
 */
export function judgeFaults(comparisons: readonly FaultComparison[]): readonly Finding[] {
  const counted = comparisons.map(countsOf)
  const family = counted.filter(({ before }) => before.count > 0)
  const adjusted = holm(family.map((counts) => pValueOf(counts, counts.burst ?? 1)))
  return counted.map((counts) => {
    const place = family.indexOf(counts)
    return place < 0 ? without(counts) : judge(counts, adjusted[place] ?? 1)
  })
}

interface Counts {
  readonly before: Total
  readonly after: Total
  /** How many faults come together: 1 where each comes by itself; null where nothing tells. */
  readonly burst: number | null
}

interface Total {
  readonly count: number
  readonly chances: number
}

function countsOf({ metric, baseline, candidate }: FaultComparison): Counts {
  const before = baseline.map(({ run }) => countOf(metric, run))
  const after = candidate.map(({ run }) => countOf(metric, run))
  return { before: totalOf(before), after: totalOf(after), burst: dispersionOf([before, after]) }
}

function countOf(metric: FaultMetric, run: Run): Total {
  const count = metric.count(run)
  // More than there were chances to, as with gaps: then each of them was one.
  return { count, chances: Math.max(count, metric.chances(run)) }
}

function totalOf(runs: readonly Total[]): Total {
  const sum = (key: keyof Total): number => runs.reduce((total, run) => total + run[key], 0)
  return { count: sum('count'), chances: Math.max(1, sum('chances')) }
}

/**
 * Of either direction: twice the chance of the one that it went.
 * @param burst how many are taken for one
 */
function pValueOf({ before, after }: Counts, burst: number): number {
  const all = before.chances + after.chances
  const [was, is] = [before.count / burst, after.count / burst]
  const more = chanceOfMore(is, was, after.chances / all)
  const fewer = chanceOfMore(was, is, before.chances / all)
  return Math.min(1, 2 * Math.min(more, fewer))
}

/** What is no whole burst counts for the one who has less. */
function chanceOfMore(count: number, others: number, share: number): number {
  const whole = Math.floor(count)
  return binomialAtLeast(whole, whole + Math.ceil(others), share)
}

function without({ after }: Counts): Finding {
  if (after.count === 0) return plainFinding('unchanged', null, 'none')
  return plainFinding('regressed', null, `${foundIn(after)}, and none in the baseline`)
}

function judge(counts: Counts, adjustedPValue: number): Finding {
  const { before, after, burst } = counts
  const change = changeOf(before.count / before.chances, after.count / after.chances)
  const figures = `${foundIn(before)}, now ${foundIn(after)}`
  const found = (verdict: Finding['verdict'], reason: string): Finding => ({
    ...plainFinding(verdict, change, reason),
    pValue: pValueOf(counts, burst ?? 1),
    adjustedPValue,
  })
  if (adjustedPValue > SIGNIFICANCE) {
    // Of few runs the burst of one may hide anything: that is no word for "nothing changed".
    return (burst ?? 1) === 1 || pValueOf(counts, 1) > SIGNIFICANCE
      ? found('unchanged', `${figures}: no more than chance`)
      : found('inconclusive', `inconclusive: ${figures}, in bursts; more repetitions would tell`)
  }
  const doubt = burst === null ? '; of one run a side, which tells no burst from single ones' : ''
  return found((change ?? 0) > 0 ? 'regressed' : 'improved', `${figures}${doubt}`)
}

function foundIn({ count, chances }: Total): string {
  return `${count} of ${chances}`
}
