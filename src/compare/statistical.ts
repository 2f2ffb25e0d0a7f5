import { areClose } from '../measure/bounds.ts'
import { formatShare } from '../scenario/units.ts'
import { changeOf, type Finding, plainFinding } from './finding.ts'
import { relationOf } from './relation.ts'
import { type Interval, median, middleOf, shiftOf } from './statistics.ts'

/** The chance that an interval misses the change on one side, where it is looked at once. */
export const LEVEL = 0.025

/** A figure of the runs of both sides. */
export interface Samples {
  readonly baseline: readonly number[]
  readonly candidate: readonly number[]
}

/** A figure of which repetitions tell whether it changed. */
export interface Statistical extends Samples {
  /** Both sides were measured in turn: each of the baseline belongs to the one of the candidate in its place. */
  readonly isPaired: boolean
  /** The same figures as if the instrument had been on time; null where that is not known of each. */
  readonly lower: Samples | null
  /**
   * What the machine itself took beside each of the runs, in proportion to which the figure may have moved; null
   * where it moves by none.
   */
  readonly echo: Samples | null
}

export interface Judging {
  /** A change up to this, 0.1 for 10 %, is one that does not matter. */
  readonly thresholdShare: number
  /** The chance of an error on one side. */
  readonly level: number
}

/**
 * Judges by where the change and its interval lie. It regressed or improved where it is more than the threshold
 * and surely more than half of it, so that a change of half of it is called one by the level at most; it is
 * unchanged where the whole interval is within the threshold; and of all else nobody can tell. What can be read in
 * several ways, with the instrument's lateness or without and by the machine's own pace or not, is so where all
 * readings are.
 */
export function judgeStatistical(samples: Statistical, judging: Judging): Finding {
  const { baseline, candidate } = samples
  const change = changeOf(median(baseline), median(candidate))
  const all = [...baseline, ...candidate]
  if (all.length > 0 && all.every((value) => value === 0)) {
    return plainFinding('unchanged', null, '0 in all runs')
  }
  if (all.some((value) => value <= 0)) {
    return plainFinding(
      'inconclusive',
      change,
      'some runs have 0 of it, to which nothing is in proportion',
    )
  }
  const readings = readingsOf(samples).flatMap(({ doubt, ...reading }) => {
    const interval = changeIntervalOf(reading, samples.isPaired, judging.level)
    return interval === null ? [] : [{ ...interval, doubt }]
  })
  const [observed] = readings
  if (observed === undefined) {
    const finding = plainFinding('inconclusive', change, tooFew(samples, judging.level))
    // Many of one side make up for few of the other, but not for hardly any.
    return { ...finding, moreRunsTell: samples.isPaired || baseline.length >= FEWEST }
  }
  const limit = Math.log1p(judging.thresholdShare)
  const whole: Interval = {
    estimate: observed.estimate,
    lower: Math.min(...readings.map(({ lower }) => lower)),
    upper: Math.max(...readings.map(({ upper }) => upper)),
  }
  const verdicts = readings.map((reading) => verdictOf(reading, limit))
  const first = verdicts[0] as Finding['verdict']
  const apart = readings.find((_, i) => verdicts[i] !== first)
  const mayHide = first === 'unchanged' && isApart(samples)
  const verdict = apart === undefined && !mayHide ? first : 'inconclusive'
  const context = { ...judging, limit, runs: Math.min(baseline.length, candidate.length) }
  const isKnown = areFinite(whole)
  return {
    verdict,
    change: Math.expm1(whole.estimate),
    interval: isKnown ? [Math.expm1(whole.lower), Math.expm1(whole.upper)] : null,
    detectable: isKnown ? detectableOf(whole, limit) : null,
    pValue: null,
    adjustedPValue: null,
    moreRunsTell: verdict === 'inconclusive',
    reason: mayHide
      ? "the instrument's own lateness may hide a change"
      : reasonOf(verdict, whole, { ...context, doubt: apart?.doubt ?? null }),
  }
}

interface Reading extends Samples {
  /** Why it may say something else than what was observed. */
  readonly doubt: string | null
}

/** What was observed comes first. */
function readingsOf({ baseline, candidate, lower, echo }: Statistical): readonly Reading[] {
  const observed: Reading = { baseline, candidate, doubt: null }
  const punctual =
    lower === null ? [] : [{ ...lower, doubt: "the instrument's own lateness may be it" }]
  const both = [observed, ...punctual]
  if (echo === null) return both
  const pace = changeOf(median(echo.baseline), median(echo.candidate)) ?? 0
  const doubt = `the machine itself took ${formatShare(Math.abs(pace))} ${pace < 0 ? 'less' : 'more'}`
  const beside = (figures: readonly number[], echoes: readonly number[]): readonly number[] =>
    figures.map((figure, i) => figure / (echoes[i] as number))
  return [
    ...both,
    ...both.map((reading) => ({
      baseline: beside(reading.baseline, echo.baseline),
      candidate: beside(reading.candidate, echo.candidate),
      doubt,
    })),
  ]
}

/** Of the logarithm: figures of this kind differ by factors. */
function changeIntervalOf(
  { baseline, candidate }: Samples,
  isPaired: boolean,
  level: number,
): Interval | null {
  const [before, after] = [baseline.map(Math.log), candidate.map(Math.log)]
  if (!isPaired) return shiftOf(before, after, level)
  return middleOf(
    before.map((one, i) => (after[i] as number) - one),
    level,
  )
}

const NO_CHANGE = { low: 0, high: 0 } as const

function verdictOf({ estimate, lower, upper }: Interval, limit: number): Finding['verdict'] {
  if (estimate > limit && lower > limit / 2) return 'regressed'
  if (estimate < -limit && upper < -limit / 2) return 'improved'
  const isSame = relationOf(NO_CHANGE, { low: lower, high: upper }, limit) === 'equivalent'
  return isSame ? 'unchanged' : 'inconclusive'
}

/** A bound of some runs may be 0, to which nothing is in proportion. */
function areFinite({ lower, upper }: Interval): boolean {
  return Number.isFinite(lower) && Number.isFinite(upper)
}

/** The bounds of a side are further apart than an instrument's part may be. */
function isApart({ lower, ...samples }: Statistical): boolean {
  return (
    lower !== null &&
    (['baseline', 'candidate'] as const).some(
      (side) => !areClose({ lowerUs: median(lower[side]), upperUs: median(samples[side]) }),
    )
  )
}

/** By how many standard errors an interval of the usual level reaches out, and a change is found in 4 of 5 cases. */
const REACH = 1.96
const FOUND = 0.84

/**
 * The smallest change that would have been called one in four of five cases, by how sure this interval is: it is found when
 * what was measured is beyond the limit, and by half of the interval beyond half of the limit.
 */
function detectableOf({ lower, upper }: Interval, limit: number): number {
  const half = (upper - lower) / 2
  return Math.expm1(Math.max(limit, limit / 2 + half) + (FOUND * half) / REACH)
}

interface Context extends Judging {
  readonly limit: number
  /** Of the side that has fewer. */
  readonly runs: number
  readonly doubt: string | null
}

/** So many times as many runs nobody waits for; and fewer than these are no advice. */
const MOST_TIMES = 20
const MORE = 1.2

function reasonOf(
  verdict: Finding['verdict'],
  whole: Interval,
  { thresholdShare, limit, runs, doubt }: Context,
): string {
  const { estimate, lower, upper } = whole
  const threshold = formatShare(thresholdShare)
  if (verdict === 'unchanged') return `surely within ${threshold}`
  if (verdict !== 'inconclusive') {
    const isSure = verdict === 'regressed' ? lower > limit : upper < -limit
    return isSure
      ? `surely by more than ${threshold}`
      : `by more than ${threshold}, and surely by more than half of that`
  }
  if (doubt !== null)
    return `${doubt}, so that a change of more than ${threshold} is neither shown nor excluded`
  if (!areFinite(whole)) return "of some runs nobody knows how much is the instrument's own"
  const known = lower > 0 ? 'worse, but ' : upper < 0 ? 'better, but ' : ''
  const open = `${known}more than ${threshold} is neither shown nor excluded`
  // An interval narrows as the root of the runs.
  const half = (upper - lower) / 2
  const size = Math.abs(estimate)
  const enough = size > limit ? size - limit / 2 : limit - size
  const needed = Math.ceil(runs * Math.max((half / enough) ** 2, MORE))
  return needed > MOST_TIMES * runs
    ? `${open}: it is too near to ${threshold}`
    : `${open}; some ${needed} runs a side would tell`
}

const FEWEST = 3

/** Fewer runs cannot be as sure, whatever they say. */
function tooFew({ baseline, candidate, isPaired }: Statistical, level: number): string {
  const has = `${baseline.length} and ${candidate.length}`
  const least = isPaired ? leastPairs(level) : leastRuns(level)
  const runs = isPaired ? 'pairs of runs' : 'runs on either side'
  return `needs ${least} ${runs} and more, has ${isPaired ? baseline.length : has}`
}

/** Runs on either side from which on a change can be told, where they were not measured in turn. */
function leastRuns(level: number): number {
  let size = 0
  // Of all orders in which the runs of both sides may come, one has all of a side first.
  for (let orders = 1; orders * level < 1; orders *= (4 * size - 2) / size) size++
  return size
}

/** The same of pairs that were measured in turn: all of them may lie on one side by chance. */
function leastPairs(level: number): number {
  return Math.ceil(-Math.log2(level))
}
