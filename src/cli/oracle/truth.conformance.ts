/** What a run ought to have found, and whether its bounds contain it. */
import { NS_PER_MS, NS_PER_US } from '../../measure/clock.ts'
import { mergedHistogram, valueAt } from '../../measure/histogram.ts'
import { type KnownLatency, Station } from './known-latency.conformance.ts'
import type { ServedEvent } from './known-server.conformance.ts'
import type { Bounds } from './observed-run.conformance.ts'

/** Percentiles that the bounds have to contain. */
export const JUDGED = [50, 90, 99] as const
export type Judged = (typeof JUDGED)[number]

/**
 * The latencies of a window's events, milliseconds, in ascending order, from the last packet of the
 * publish read to the event written; two loopbacks come on top of either.
 */
export interface Truth {
  /** As the server served them: what came late in a bunch waited in its queue. */
  readonly served: readonly number[]
  /** As it would have served the same events, had each come when it was due. */
  readonly scheduled: readonly number[]
  /** How late the server itself wrote them. */
  readonly serverLate: readonly number[]
}

/**
 * @param events all that the server wrote for one run, warm-up included
 * @param published how many of them the window has: the last ones by their intended time
 */
export function truthOf(
  events: readonly ServedEvent[],
  latency: KnownLatency,
  published: number,
): Truth {
  const station = new Station(latency)
  const schedule = events
    .filter(({ run }) => run > 0)
    .sort((a, b) => a.intendedAtNs - b.intendedAtNs)
    .map((event) => {
      const { channel, intendedAtNs, takesMs, readAtNs, writtenAtNs, dueAtNs } = event
      const lateNs = writtenAtNs - dueAtNs
      return {
        served: writtenAtNs - readAtNs,
        scheduled: station.leavesAtNs(channel, intendedAtNs, takesMs) - intendedAtNs + lateNs,
        serverLate: lateNs,
      }
    })
  if (schedule.length < published) {
    throw new Error(`the server wrote ${schedule.length} events of ${published}`)
  }
  const window = schedule.slice(schedule.length - published)
  const sorted = (key: keyof Truth): readonly number[] =>
    window.map((event) => event[key] / NS_PER_MS).sort((a, b) => a - b)
  return {
    served: sorted('served'),
    scheduled: sorted('scheduled'),
    serverLate: sorted('serverLate'),
  }
}

/** A sample's percentile, as histograms count it; NaN without any. */
export function percentileOf(sorted: readonly number[], percentile: number): number {
  return at(sorted, rankOf(sorted.length, percentile))
}

/** From 1. */
function rankOf(count: number, percentile: number): number {
  return Math.max(1, Math.round((percentile / 100) * count))
}

function at(sorted: readonly number[], rank: number): number {
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1] ?? Number.NaN
}

/** What both ends say of a percentile, milliseconds. */
export interface StatedBounds {
  readonly lowerMs: number
  readonly upperMs: number
}

export function stated({ lower, upper }: Bounds, percentile: Judged): StatedBounds {
  return { lowerMs: read(lower.histogram, percentile), upperMs: read(upper.histogram, percentile) }
}

/** From the histogram, as another program would read it, however few the samples are. */
function read(histogram: string, percentile: number): number {
  const read = mergedHistogram([histogram])
  const us = read.totalCount === 0 ? Number.NaN : valueAt(read, percentile)
  return us / (NS_PER_MS / NS_PER_US)
}

/** Histograms have three digits, and marks may have whole microseconds. */
const RESOLUTION = 0.001
const RESOLUTION_MS = 0.002

/**
 * Whether bounds contain a percentile of these very events: chance has no part in it, since the run
 * measured the same ones.
 *
 * @param loopbackMs what the way to the server and back may add to the truth
 */
export function contains(
  { lowerMs, upperMs }: StatedBounds,
  truth: readonly number[],
  percentile: number,
  loopbackMs: number,
): boolean {
  const rank = rankOf(truth.length, percentile)
  return isWithin(lowerMs, upperMs, at(truth, rank - 1), at(truth, rank + 1) + loopbackMs)
}

/** The same, widened by the interval that a sample of this size leaves to its percentile, 95 %. */
export function containsSampled(
  { lowerMs, upperMs }: StatedBounds,
  truth: readonly number[],
  percentile: number,
  loopbackMs: number,
): boolean {
  const [low, high] = rankInterval(truth.length, percentile / 100)
  return isWithin(lowerMs, upperMs, at(truth, low), at(truth, high) + loopbackMs)
}

function isWithin(lowerMs: number, upperMs: number, lowMs: number, highMs: number): boolean {
  return (
    lowerMs <= highMs * (1 + RESOLUTION) + RESOLUTION_MS &&
    upperMs >= lowMs * (1 - RESOLUTION) - RESOLUTION_MS
  )
}

/**
 * Ranks between which a percentile lies in 95 of 100 samples: the binomial distribution of how many
 * lie below it (W. J. Conover, Practical Nonparametric Statistics, section 3.2).
 */
export function rankInterval(count: number, share: number): readonly [low: number, high: number] {
  let logChance = count * Math.log(1 - share)
  const logOdds = Math.log(share) - Math.log(1 - share)
  let below = 0
  let low = 0
  for (let successes = 0; successes <= count; successes++) {
    below += Math.exp(logChance)
    if (below < 0.025) low = successes + 1
    if (below >= 0.975) return [Math.max(1, low), Math.min(count, successes + 1)]
    logChance += Math.log(count - successes) - Math.log(successes + 1) + logOdds
  }
  return [Math.max(1, low), count]
}

const CLOSE = 0.05
const CLOSE_MS = 0.3

/** Whether bounds are as close as those of an undisturbed run have to be. */
export function isClose({ lowerMs, upperMs }: StatedBounds): boolean {
  return upperMs - lowerMs <= Math.max(CLOSE_MS, CLOSE * lowerMs)
}
