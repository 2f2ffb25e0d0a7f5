import { areClose } from '../measure/bounds.ts'
import type { Random } from '../measure/random.ts'
import { formatShare } from '../scenario/units.ts'
import { changeOf, type Finding, plainFinding } from './finding.ts'
import {
  absoluteChange,
  bootstrapInterval,
  holm,
  mannWhitney,
  median,
  relativeChange,
  welch,
} from './statistics.ts'

/** Fewer runs than this on either side cannot show a change. */
export const LEAST_REPETITIONS = 5
/** How often a comparison of equal things may find a difference. */
const SIGNIFICANCE = 0.05

/** One figure of every run that counts, of both sides. */
export interface Samples {
  readonly baseline: readonly number[]
  readonly candidate: readonly number[]
  /** In the figures' unit: a smaller difference is none. */
  readonly slack: number
  /**
   * The same figures as if the instrument had been on time; null where that is not known of each. What
   * is said of the others is said only where these say the same.
   */
  readonly lower: Pick<Samples, 'baseline' | 'candidate'> | null
  /** By how much the machine itself was slower for the candidate: 0.1 is 10 %. */
  readonly driftShare: number
}

/**
 * Judges all the statistical metrics of a comparison together, since they share its false alarms. A change
 * counts when it is no chance by itself (Mann–Whitney), no chance among so many metrics (Welch's
 * test by Holm's correction, as ranks of few runs cannot be that sure), and larger than the threshold;
 * and where figures have two bounds, when both of them say so.
 * @param thresholdShare a change up to this, 0.1 for 10 %, is none
 * @param randomOf a new one each time, the same from its beginning
 */
export function judgeStatistical(
  metrics: readonly Samples[],
  thresholdShare: number,
  randomOf: () => Random,
): readonly Finding[] {
  const observed = judgeFamily(metrics, thresholdShare, randomOf())
  // Where the instrument was on time, it is the same comparison with the same answer.
  if (metrics.every(({ lower }) => lower === null)) return observed
  const asIfOnTime = metrics.map((samples) => ({ ...samples, ...samples.lower }))
  const lower = judgeFamily(asIfOnTime, thresholdShare, randomOf())
  return observed.map((finding, place) => {
    const [samples, other] = [metrics[place], lower[place]]
    if (samples === undefined || other === undefined || samples.lower === null) return finding
    return agreed(finding, other, samples)
  })
}

/** What both bounds say; nothing where they do not, or where something might hide between them. */
function agreed(observed: Finding, lower: Finding, { lower: ends, ...samples }: Samples): Finding {
  const { verdict } = observed
  if (verdict === 'inconclusive') return observed
  const doubt = (reason: string): Finding => ({
    ...observed,
    verdict: 'inconclusive',
    reason: `inconclusive: ${reason}`,
  })
  if (lower.verdict === 'inconclusive') {
    const why = lower.reason.replace(/^inconclusive: /, '')
    return doubt(`${verdict} as observed; as if the instrument had been on time, ${why}`)
  }
  if (lower.verdict !== verdict) {
    const both = `${verdict} as observed, ${lower.verdict} as if it had been on time`
    return doubt(`the instrument's own lateness may be the difference: ${both}`)
  }
  const hides = (['baseline', 'candidate'] as const).some(
    (side) =>
      ends !== null && !areClose({ lowerUs: median(ends[side]), upperUs: median(samples[side]) }),
  )
  return verdict === 'unchanged' && hides
    ? doubt("the instrument's own lateness may hide a change")
    : observed
}

function judgeFamily(
  metrics: readonly Samples[],
  thresholdShare: number,
  random: Random,
): readonly Finding[] {
  const family = metrics.filter(isEnough)
  const adjusted = holm(family.map(welchOfScale))
  const byMetric = new Map(family.map((samples, place) => [samples, adjusted[place] ?? 1]))
  return metrics.map((samples) => {
    const adjustedPValue = byMetric.get(samples)
    if (adjustedPValue === undefined) return tooFew(samples)
    return judge(samples, { thresholdShare, adjustedPValue, family: family.length, random })
  })
}

function isEnough({ baseline, candidate }: Samples): boolean {
  return Math.min(baseline.length, candidate.length) >= LEAST_REPETITIONS
}

/** Of the logarithms, where there are: figures of this kind differ by factors. */
function welchOfScale({ baseline, candidate }: Samples): number {
  return [...baseline, ...candidate].every((value) => value > 0)
    ? welch(baseline.map(Math.log), candidate.map(Math.log))
    : welch(baseline, candidate)
}

function tooFew({ baseline, candidate }: Samples): Finding {
  const counts = `${baseline.length} and ${candidate.length}`
  return plainFinding(
    'inconclusive',
    changeOf(median(baseline), median(candidate)),
    `inconclusive: needs ≥ ${LEAST_REPETITIONS} repetitions on either side, has ${counts}`,
  )
}

interface Context {
  readonly thresholdShare: number
  readonly adjustedPValue: number
  /** Metrics that are judged together. */
  readonly family: number
  readonly random: Random
}

function judge(
  samples: Samples,
  { thresholdShare, adjustedPValue, family, random }: Context,
): Finding {
  const { baseline, candidate, slack, driftShare } = samples
  const [before, after] = [median(baseline), median(candidate)]
  // Nothing is relative to 0: such figures change in their own unit.
  const isRelative = baseline.every((value) => value > 0)
  const measure = isRelative ? relativeChange : absoluteChange
  const interval = bootstrapInterval(baseline, candidate, measure, random)
  const { pValue } = mannWhitney(baseline, candidate)
  const found = (verdict: Finding['verdict'], reason: string): Finding => ({
    verdict,
    change: changeOf(before, after),
    interval: isRelative ? interval : null,
    pValue,
    adjustedPValue,
    reason,
  })
  const limit = isRelative ? formatShare(thresholdShare) : 'the least that counts'
  const alone = pValue <= SIGNIFICANCE
  const significant = alone && adjustedPValue <= SIGNIFICANCE
  const isSmall = (change: number): boolean =>
    isRelative
      ? Math.abs(change) <= thresholdShare || Math.abs(change * before) <= slack
      : Math.abs(change) <= Math.max(thresholdShare * before, slack)
  const change = measure(before, after)
  if (significant && !isSmall(change)) {
    const rest = withoutDrift(change, driftShare)
    if (isRelative && (isSmall(rest) || rest > 0 !== change > 0)) {
      const pace = `${formatShare(Math.abs(driftShare))} ${driftShare > 0 ? 'slower' : 'faster'}`
      const reason = `inconclusive: the machine itself was ${pace}, which leaves ${formatShare(rest)}`
      return found('inconclusive', reason)
    }
    return found(change > 0 ? 'regressed' : 'improved', `by more than ${limit}, and not by chance`)
  }
  if (significant) return found('unchanged', `not by chance, but not by more than ${limit}`)
  if (interval.every(isSmall)) return found('unchanged', `surely within ${limit}`)
  const why =
    alone && !isSmall(change)
      ? `among ${family} figures, one is off as far by chance`
      : 'the runs differ too much among themselves'
  return found('inconclusive', `inconclusive: ${why}; more repetitions would tell`)
}

/** What is left of a change when the machine's own of the same direction is taken off. */
function withoutDrift(change: number, driftShare: number): number {
  return change > 0 === driftShare > 0 ? (1 + change) / (1 + driftShare) - 1 : change
}
