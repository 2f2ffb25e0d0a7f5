/** The reconnect storm of a run: how those who lost their connection came back, and what that took. */
import { NS_PER_MS, NS_PER_SECOND, NS_PER_US } from '../measure/clock.ts'
import type { BlockSeries, EventBlocks } from '../measure/event-blocks.ts'
import { MIN_SAMPLES_P99 } from '../measure/histogram.ts'
import type { QueueReading } from '../measure/listen-queue.ts'
import type { Run } from '../result/document.ts'
import { type Made, outagesOf } from './disruptions.ts'
import type { Findings } from './findings.ts'
import type { Outage, Span } from './messages.ts'
import { servingCpuUs } from './server-figures.ts'
import type { Timeline } from './timeline.ts'

type Storm = NonNullable<Run['storm']>

/** A herd is what comes together in so long. */
const HERD_NS = 100 * NS_PER_MS
/** Push latency has recovered when it keeps below this many times its calm p99 for so long. */
const RECOVERED_TIMES = 2
const RECOVERED_MS = 1_000
/** Deliveries that may be above it all the same: it is a p99. */
const ABOVE_SHARE = 0.01

/** Of the disruption that cost the most clients their connection; undefined where none did. */
export function stormOf(findings: Findings): Storm | undefined {
  const { order, tally, disrupted, window, timeline, queues, report, pace } = findings
  if (window === null) return undefined
  const [made, outages] = worstOf(outagesOf(disrupted, tally.outages))
  const fromNs = made?.fromNs ?? null
  if (made === undefined || fromNs === null) return undefined
  const back = backOf(outages, fromNs)
  const toNs = endOf(outages, fromNs)
  const span = { startNs: fromNs, endNs: toNs + 1 }
  const { lost } = tally.settlement
  const waitMs = order.transport.traits.keepsInterval ? pace.intervalMs : 0
  const { replayed, duplicates, gapSignals } = tally.audit
  return {
    by: made.written,
    clients: outages.length,
    back,
    connects: connectsOf(tally.reachedNs, tally.missedNs, span),
    queue: queues === null ? null : queueOf(queues, span),
    cost: {
      ...bytesOf(outages),
      ...cpuOf(
        timeline,
        window,
        { startNs: fromNs, endNs: fromNs + (back.p99Us ?? Number.POSITIVE_INFINITY) * NS_PER_US },
        back.count,
      ),
    },
    events: { replayed, missed: lost + tally.settlement.gapped, duplicates, gaps: gapSignals },
    recovery: recoveryOf(tally.blocks, window, { fromNs, waitMs }, report?.published ?? 0),
  }
}

function worstOf(
  outages: ReadonlyMap<Made, readonly Outage[]>,
): readonly [made: Made | undefined, outages: readonly Outage[]] {
  let worst: readonly [Made | undefined, readonly Outage[]] = [undefined, []]
  for (const one of outages) if (one[1].length > worst[1].length) worst = one
  return worst
}

/** The last return; where some do not return, the last one of those who did. */
function endOf(outages: readonly Outage[], fromNs: number): number {
  return outages.reduce((latest, { backAtNs }) => Math.max(latest, backAtNs ?? 0), fromNs)
}

/**
 * When so many of all that lost their connection were subscribed again, microseconds since the disruption; null
 * where so many were not.
 */
export function backOf(outages: readonly Outage[], fromNs: number): Storm['back'] {
  const times = outages
    .flatMap(({ backAtNs }) => (backAtNs === null ? [] : [(backAtNs - fromNs) / NS_PER_US]))
    .sort((one, other) => one - other)
  const at = (share: number): number | null => times[Math.ceil(share * outages.length) - 1] ?? null
  return { count: times.length, p50Us: at(0.5), p90Us: at(0.9), p99Us: at(0.99), maxUs: at(1) }
}

/**
 * Connects of those who had lost their connection, and the most of them that a server met within a second and
 * within a tenth of one, wherever these begin.
 */
export function connectsOf(
  reachedNs: readonly number[],
  missedNs: readonly number[],
  span: Span,
): Storm['connects'] {
  const within = (times: readonly number[]): Float64Array =>
    Float64Array.from(times.filter((atNs) => atNs >= span.startNs && atNs < span.endNs)).sort()
  const reached = within(reachedNs)
  const peak = mostWithin(reached, HERD_NS)
  return {
    reached: reached.length,
    missed: within(missedNs).length,
    peakPerSecond: mostWithin(reached, NS_PER_SECOND),
    peakPerTenth: peak,
    herdShare: reached.length === 0 ? null : peak / reached.length,
  }
}

/** The most of some times, in their order, that lie within so long. */
function mostWithin(times: Float64Array, lengthNs: number): number {
  let most = 0
  let first = 0
  for (const [at, time] of times.entries()) {
    while (time - (times[first] as number) >= lengthNs) first++
    most = Math.max(most, at - first + 1)
  }
  return most
}

export function queueOf(reading: QueueReading, span: Span): NonNullable<Storm['queue']> {
  const { sampleMs, longestGapMs, samples, limit, counters, waiting } = reading
  const theirs = waiting.filter(([atNs]) => atNs >= span.startNs && atNs < span.endNs)
  return {
    peak: theirs.reduce((most, [, queue]) => Math.max(most, queue), 0),
    limit,
    overflows: counters?.overflows ?? null,
    drops: counters?.drops ?? null,
    ...{ sampleMs, longestGapMs, samples },
  }
}

/** What the connections carried by which clients came back; null where none tells. */
export function bytesOf(
  outages: readonly Outage[],
): Pick<Storm['cost'], 'bytes' | 'bytesPerClient'> {
  const told = outages.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]))
  if (told.length === 0) return { bytes: null, bytesPerClient: null }
  const bytes = told.reduce((sum, each) => sum + each, 0)
  return { bytes, bytesPerClient: bytes / told.length }
}

/**
 * Processor time of the seconds of a storm beyond as many seconds of the calm before it: whole ones, from the last
 * in which all instances told to the first in which they tell again.
 *
 * @param clients by which it is divided
 */
export function cpuOf(
  timeline: Pick<Timeline, 'countsAt' | 'readingAt'>,
  window: Span,
  storm: Span,
  clients: number,
): Omit<Storm['cost'], 'bytes' | 'bytesPerClient'> {
  const second = (ns: number): number => (ns - window.startNs) / NS_PER_SECOND
  const from = Math.floor(second(storm.startNs))
  const to = Math.ceil(second(storm.endNs))
  const last = Math.floor(second(window.endNs))
  const known = from >= 1 && to <= last && clients > 0
  const generatorCpuUs = known ? beyondCalm(from, to, swarmCpuUs(timeline)) : null
  const serverCpuUs = known ? serverBeyondCalm(timeline, from, to, last) : null
  const each = (us: number | null): number | null => (us === null ? null : us / clients)
  return {
    seconds: known ? to - from : null,
    serverCpuUs,
    serverCpuUsPerClient: each(serverCpuUs),
    generatorCpuUs,
    generatorCpuUsPerClient: each(generatorCpuUs),
  }
}

type Spent = (first: number, end: number) => number | null

/** What the seconds `from` up to `to` took beyond as many of those before them. */
function beyondCalm(from: number, to: number, spent: Spent): number | null {
  const [calm, storm] = [spent(0, from), spent(from, to)]
  return calm === null || storm === null ? null : storm - (calm * (to - from)) / from
}

function swarmCpuUs(timeline: Pick<Timeline, 'countsAt'>): Spent {
  return (first, end) => {
    let sum = 0
    for (let at = first; at < end; at++) sum += timeline.countsAt(at).cpuUs
    return sum
  }
}

function serverBeyondCalm(
  timeline: Pick<Timeline, 'readingAt'>,
  from: number,
  to: number,
  last: number,
): number | null {
  let [before, after] = [from, to]
  while (before > 1 && timeline.readingAt(before) === null) before--
  while (after < last && timeline.readingAt(after) === null) after++
  return beyondCalm(before, after, (first, end) => {
    const [begin, then] = [timeline.readingAt(first), timeline.readingAt(end)]
    return begin === null || then === null ? null : servingCpuUs(begin, then)
  })
}

/**
 * How long push latency was above twice its calm p99: by the blocks of the window, each by when its events were
 * due, until a second begins in which 99 of 100 deliveries were below it.
 *
 * @param disruption what was due within `waitMs` before it, clients may have had to ask for yet
 * @param published events in the whole window
 */
export function recoveryOf(
  blocks: Pick<EventBlocks, 'until' | 'blockMs' | 'quantileUs' | 'above'>,
  window: Span,
  { fromNs, waitMs }: { readonly fromNs: number; readonly waitMs: number },
  published: number,
): Storm['recovery'] {
  const { blockMs } = blocks
  const all = blocks.until(window.endNs)
  const sinceMs = (fromNs - window.startNs) / NS_PER_MS
  const blockAt = (ms: number): number => (blockMs === 0 ? 0 : Math.floor(ms / blockMs))
  const calm = Math.max(0, blockAt(sinceMs - waitMs))
  const events = all === 0 ? 0 : (published * calm) / all
  const calmP99Us = events < MIN_SAMPLES_P99 ? null : blocks.quantileUs(0.99, 0, calm)
  if (calmP99Us === null) return { calmP99Us: null, afterUs: null }
  const above = blocks.above(RECOVERED_TIMES * calmP99Us, all)
  const at = firstCalm(above, blockAt(sinceMs), Math.max(1, Math.ceil(RECOVERED_MS / blockMs)))
  const atNs = window.startNs + (at ?? 0) * blockMs * NS_PER_MS
  return { calmP99Us, afterUs: at === null ? null : Math.max(0, atNs - fromNs) / NS_PER_US }
}

/** The first block from which on so many have hardly a delivery above; null where there is none. */
function firstCalm({ counts, amounts }: BlockSeries, from: number, length: number): number | null {
  for (let at = from; at + length <= counts.length; at++) {
    const sumOf = (series: Float64Array): number =>
      series.subarray(at, at + length).reduce((sum, each) => sum + each, 0)
    const deliveries = sumOf(counts)
    if (deliveries > 0 && sumOf(amounts) <= ABOVE_SHARE * deliveries) return at
  }
  return null
}
