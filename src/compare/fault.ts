import { binomialAtLeast } from '../measure/distribution.ts'
import type { Run } from '../result/document.ts'
import { formatWhole } from '../scenario/units.ts'
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

/** A rate of faults that is greater by as much of all chances is one that matters. */
const MATTERS = 0.001

/**
 * Judges what ought not to happen, each over all runs together. Both sides' faults are dealt out again: were
 * they equally likely everywhere, the candidate's part of them would be binomial by its part of the
 * chances (J. Przyborowski and H. Wilenski, Homogeneity of results in testing samples from Poisson series,
 * Biometrika 31, 1940). Faults that come in bursts, as the runs of a side show by differing more than
 * single ones would, count by the burst. All that are held against chance share one chance of a false
 * alarm. What chance may have done is no proof of the contrary: unchanged they are where there are none, or
 * where surely no more than one in a thousand has become one.
 */
export function judgeFaults(comparisons: readonly FaultComparison[]): readonly Finding[] {
  const counted = comparisons.map(countsOf)
  const family = counted.filter(({ before, after }) => before.count + after.count > 0)
  const adjusted = holm(family.map((counts) => pValueOf(counts, counts.burst ?? 1)))
  return counted.map((counts) => {
    const place = family.indexOf(counts)
    return place < 0 ? plainFinding('unchanged', null, 'none') : judge(counts, adjusted[place] ?? 1)
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

function judge(counts: Counts, adjustedPValue: number): Finding {
  const { before, after, burst } = counts
  const change = changeOf(before.count / before.chances, after.count / after.chances)
  const figures =
    before.count === 0
      ? `${foundIn(after)}, and none in the baseline`
      : `${foundIn(before)}, now ${foundIn(after)}`
  const pValue = pValueOf(counts, burst ?? 1)
  const found = (verdict: Finding['verdict'], reason: string): Finding => ({
    ...plainFinding(verdict, change, reason),
    pValue,
    adjustedPValue,
  })
  if (adjustedPValue <= SIGNIFICANCE && burst !== null) {
    const isMore = after.count * before.chances > before.count * after.chances
    return found(isMore ? 'regressed' : 'improved', figures)
  }
  const isOneBurst = burst === null && adjustedPValue <= SIGNIFICANCE
  if (!isOneBurst && growthOf(counts) <= MATTERS) {
    return found('unchanged', `${figures}: surely no more than one in 1,000 is new`)
  }
  const chance = isOneBurst
    ? 'a single burst, as one run a side does not tell'
    : `chance${(burst ?? 1) > 1 ? ', as they come in bursts' : ''}`
  const reason = `${figures}: that may be ${chance}; more repetitions would tell`
  return { ...found('inconclusive', reason), moreRunsTell: true }
}

/** How much greater the rate may have become, of all chances: the upper limits of the one by the lower of the other. */
function growthOf({ before, after, burst }: Counts): number {
  const size = burst ?? 1
  const limit = ({ count, chances }: Total, isUpper: boolean): number =>
    rateLimit(Math[isUpper ? 'ceil' : 'floor'](count / size), Math.ceil(chances / size), isUpper)
  return limit(after, true) - limit(before, false)
}

/**
 * Of a share, the limit that it passes by the level at most (C. J. Clopper, E. S. Pearson, The Use of Confidence or
 * Fiducial Limits Illustrated in the Case of the Binomial, Biometrika 26, 1934), by halving.
 */
function rateLimit(count: number, chances: number, isUpper: boolean): number {
  let [low, high] = [0, 1]
  for (let step = 0; step < 50; step++) {
    const share = (low + high) / 2
    const tail = isUpper
      ? 1 - binomialAtLeast(count + 1, chances, share)
      : binomialAtLeast(count, chances, share)
    if (isUpper ? tail > SIGNIFICANCE / 2 : count > 0 && tail <= SIGNIFICANCE / 2) low = share
    else high = share
  }
  return isUpper ? high : low
}

function foundIn({ count, chances }: Total): string {
  return `${formatWhole(count)} of ${formatWhole(chances)}`
}
