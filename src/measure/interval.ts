/**
 * Sampling intervals of a window's percentiles and mean, 95 %: what another window of the same length
 * and load would have shown. Neighbouring deliveries have much in common, a broadcast's all of its
 * event, a queue's its length, so that their number says little. What blocks of the window differ by
 * says it: the variance is that of the circular block bootstrap (D. N. Politis, J. P. Romano, A circular
 * block-resampling procedure for stationary data, in: Exploring the Limits of Bootstrap, 1992), which
 * for a ratio of sums is known without drawing. A percentile's interval is one of its rank, with as
 * many independent samples as have that variance and by the binomial distribution (E. L. Korn, B. I.
 * Graubard, Confidence intervals for proportions with small expected number of positive counts, Survey
 * Methodology 24, 1998), read off the distribution (R. S. Woodruff, Confidence intervals for medians and
 * other position measures, JASA 47, 1952).
 */

import { incompleteBeta, studentTwoSided } from './distribution.ts'
import type { BlockSeries, EventBlocks } from './event-blocks.ts'
import type { LatencyHistogram, LatencySummary } from './histogram.ts'

/** What is outside, on both sides together. */
const OUTSIDE = 0.05
const NORMAL = 1.959964

/**
 * Blocks that are drawn together, of the 60 of a window: the cube root (P. Hall, J. L. Horowitz, B.-Y.
 * Jing, On blocking rules for the bootstrap with dependent data, Biometrika 82, 1995); and more where
 * near blocks are alike at all.
 */
const SHORT = 4
const LONG = 12
/** Blocks so far from each other are near. */
const DISTANCES = [1, 2, 3, 4]

/** Fewer cannot be told apart. */
const LEAST_BLOCKS = 2 * LONG

/** Microseconds. */
interface Interval {
  readonly lowUs: number
  /** Null where the events are too few to bound it from above. */
  readonly highUs: number | null
}

const RANKS = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
] as const

/** Null where there is no such percentile, or the window was cut too short. */
export type Intervals = Readonly<Record<(typeof RANKS)[number][0] | 'mean', Interval | null>>

const NONE: Intervals = { p50: null, p90: null, p95: null, p99: null, mean: null }

/**
 * @param summary of the histogram, which has the same deliveries as the blocks
 * @param blocks how many of them the window had
 * @param events that were published for somebody in the window
 */
export function intervalsOf(
  account: EventBlocks,
  histogram: LatencyHistogram,
  summary: LatencySummary,
  blocks: number,
  events: number,
): Intervals {
  const { count, meanUs } = summary
  if (blocks < LEAST_BLOCKS || events < 2 || count === 0 || meanUs === null) return NONE
  const spread = new Spread(blocks, events)
  // A tail comes in clusters as large as those of the body, of which there is more to see: from the
  // median on, a higher percentile has no more independent samples than a lower one.
  let samples = count
  const series = account.below(
    RANKS.map(([, rank]) => rank),
    blocks,
  )
  const found = RANKS.map(([key, rank], index): readonly [string, Interval | null] => {
    samples = Math.min(samples, spread.samples(series[index] as BlockSeries))
    return [
      key,
      summary[`${key}Us`] === null ? null : rankInterval(histogram, rank, samples, events),
    ]
  })
  const marginUs = spread.margin(account.sums(blocks))
  const mean = { lowUs: Math.max(0, meanUs - marginUs), highUs: meanUs + marginUs }
  return { ...NONE, ...Object.fromEntries(found), mean }
}

function rankInterval(
  histogram: LatencyHistogram,
  rank: number,
  samples: number,
  events: number,
): Interval {
  const low = betaQuantile(OUTSIDE / 2, samples * rank, samples * (1 - rank) + 1)
  const high = betaQuantile(1 - OUTSIDE / 2, samples * rank + 1, samples * (1 - rank))
  // A delay that hits so large a share of all events, and all receivers of each, may not have come up.
  const unseen = 1 - (OUTSIDE / 2) ** (1 / Math.min(events, samples))
  const highest = Math.max(high, rank / (1 - unseen))
  return {
    lowUs: histogram.percentile(100 * low) ?? 0,
    highUs: highest < 1 ? histogram.percentile(100 * highest) : null,
  }
}

/** How far a ratio of sums over blocks varies. */
class Spread {
  readonly #blocks: number
  readonly #events: number
  /** Found of one figure, it holds of those that are asked for after it: they are of the same window. */
  #isLong = false

  constructor(blocks: number, events: number) {
    this.#blocks = blocks
    this.#events = events
  }

  /** As many independent ones would let their share vary as much as it does; never more than there are. */
  samples(series: BlockSeries): number {
    const count = sum(series.counts)
    const share = sum(series.amounts) / count
    const margin = this.margin(series)
    if (margin === 0) return count
    return Math.min(count, share * (1 - share) * (NORMAL / margin) ** 2)
  }

  /** Half of the interval of amounts / counts, by Student's t. */
  margin({ counts, amounts }: BlockSeries): number {
    const count = sum(counts)
    const ratio = sum(amounts) / count
    const rests = amounts.map((amount, block) => amount - ratio * (counts[block] as number))
    if (likeness(rests) > 0) this.#isLong = true
    const short = this.#margin(rests, SHORT)
    return (this.#isLong ? Math.max(short, this.#margin(rests, LONG)) : short) / count
  }

  /** Of the sum of the rests, drawn so many at a time, going round at the end. */
  #margin(rests: Float64Array, length: number): number {
    let drawn = 0
    for (let at = 0; at < length; at++) drawn += rests[at] as number
    let squares = 0
    for (let at = 0; at < rests.length; at++) {
      squares += drawn * drawn
      drawn += (rests[(at + length) % rests.length] as number) - (rests[at] as number)
    }
    const draws = Math.min(this.#blocks / length, this.#events)
    return studentQuantile(draws - 1) * Math.sqrt(((squares / length) * draws) / (draws - 1))
  }
}

/** The covariance of near blocks, summed. */
function likeness(rests: Float64Array): number {
  let shared = 0
  for (let at = 0; at < rests.length; at++) {
    for (const distance of DISTANCES) {
      shared += (rests[at] as number) * (rests[(at + distance) % rests.length] as number)
    }
  }
  return shared
}

/** The value that Student's t exceeds, on either side together, in 5 of 100 cases. */
export function studentQuantile(degrees: number): number {
  return rootOf((t) => OUTSIDE - studentTwoSided(t, degrees), 1e3)
}

function betaQuantile(share: number, a: number, b: number): number {
  return rootOf((x) => incompleteBeta(x, a, b) - share, 1)
}

/** Where a rising function passes 0, from 0 to `most`; to 1e-9 of that. */
function rootOf(rising: (x: number) => number, most: number): number {
  let low = 0
  let high = most
  while (high - low > most * 1e-9) {
    const middle = (low + high) / 2
    if (rising(middle) < 0) low = middle
    else high = middle
  }
  return low
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}
