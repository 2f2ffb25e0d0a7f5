import type { Random } from '../measure/random.ts'
import { bootstrapInterval } from './bootstrap.ts'
import { holm } from './holm.ts'
import type { Verdict } from './judgement.ts'
import { mannWhitney } from './mann-whitney.ts'
import { median } from './median.ts'
import { welch } from './welch.ts'

/** Fewer runs than this on either side cannot show a change. */
export const LEAST_REPETITIONS = 5
/** How often a comparison may raise a false alarm. */
const SIGNIFICANCE = 0.05

/** One statistic of every run that counts, of both sides. */
export interface Samples {
  readonly baseline: readonly number[]
  readonly candidate: readonly number[]
  /** In the figures' unit: a smaller difference is none. */
  readonly slack: number
}

/** What the repetitions say of a metric. */
export interface NoisyFinding {
  readonly verdict: Verdict
  readonly change: number | null
  readonly interval: readonly [number, number] | null
  readonly pValue: number | null
  readonly adjustedPValue: number | null
  readonly reason: string
}

/**
 * Judges all the noisy metrics of a comparison together, as they have to share its false alarms.
 * @param thresholdShare a change up to this, 0.1 for 10 %, is none
 */
export function judgeNoisy(
  metrics: readonly Samples[],
  thresholdShare: number,
  random: Random,
): readonly NoisyFinding[] {
  const family = metrics.filter(isEnough)
  const adjusted = holm(family.map(({ baseline, candidate }) => welchOfScale(baseline, candidate)))
  return metrics.map((samples) => {
    const place = family.indexOf(samples)
    const adjustedPValue = place === -1 ? null : (adjusted[place] ?? null)
    return judgeOne(samples, { thresholdShare, adjustedPValue, family: family.length, random })
  })
}

interface Context {
  readonly thresholdShare: number
  readonly adjustedPValue: number | null
  readonly family: number
  readonly random: Random
}

function judgeOne(samples: Samples, context: Context): NoisyFinding {
  const { baseline, candidate, slack } = samples
  const { thresholdShare, adjustedPValue, family, random } = context
  const [from, to] = [median(baseline), median(candidate)]
  const change = from > 0 && candidate.length > 0 ? to / from - 1 : null
  if (adjustedPValue === null) {
    const counts = `${baseline.length} and ${candidate.length}`
    const reason = `inconclusive: needs ≥ ${LEAST_REPETITIONS} repetitions on each side, there are ${counts}`
    return { verdict: 'inconclusive', change, interval: null, pValue: null, adjustedPValue, reason }
  }
  const { pValue } = mannWhitney(baseline, candidate)
  const interval = bootstrapInterval(baseline, candidate, random)
  const threshold = percent(thresholdShare)
  const found = (verdict: Verdict, reason: string): NoisyFinding => ({
    verdict,
    change,
    interval,
    pValue,
    adjustedPValue,
    reason,
  })
  if (change === null || interval === null) {
    return found(
      'inconclusive',
      'inconclusive: the baseline has a figure of 0, to which none is relative',
    )
  }
  const alone = pValue <= SIGNIFICANCE
  const significant = alone && adjustedPValue <= SIGNIFICANCE
  const large = Math.abs(change) > thresholdShare && Math.abs(to - from) > slack
  if (significant && large) {
    return found(change > 0 ? 'regressed' : 'improved', `more than ${threshold}, and no chance`)
  }
  if (interval.every((end) => Math.abs(end) <= thresholdShare || Math.abs(end * from) <= slack)) {
    return found(
      'unchanged',
      significant ? `changed, but surely within ${threshold}` : `within ${threshold}`,
    )
  }
  if (significant) return found('unchanged', `changed, but not by more than ${threshold}`)
  if (alone && large) {
    return found(
      'inconclusive',
      `inconclusive: more than ${threshold}, but chance brings up as much among ${family} figures; more repetitions would tell`,
    )
  }
  return found(
    'inconclusive',
    'inconclusive: the runs differ too much among themselves; more repetitions would tell',
  )
}

function isEnough({ baseline, candidate }: Samples): boolean {
  return Math.min(baseline.length, candidate.length) >= LEAST_REPETITIONS
}

/** Of the logarithms, where there are: figures of this kind differ by factors. */
function welchOfScale(baseline: readonly number[], candidate: readonly number[]): number {
  const positive = [...baseline, ...candidate].every((value) => value > 0)
  return positive
    ? welch(baseline.map(Math.log), candidate.map(Math.log))
    : welch(baseline, candidate)
}

export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}
