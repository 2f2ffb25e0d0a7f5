import { boundsOf } from '../measure/bounds.ts'
import { type ClockOffset, clockOffset } from '../measure/clock.ts'
import { hostUtilisation } from '../measure/host.ts'
import type { QueueReading } from '../measure/listen-queue.ts'
import { latenessCause } from '../measure/punctuality.ts'
import {
  type BusOutage,
  judge,
  type Mishaps,
  type Validity,
  type ValidityFacts,
} from '../measure/validity.ts'
import type { LatencySummary, Run } from '../result/document.ts'
import type { Pace } from '../transports/transport.ts'
import { busOf, outageOf } from './bus-figures.ts'
import type { Made } from './disruptions.ts'
import type { Greeting } from './greeting.ts'
import type { PublisherReport } from './heard.ts'
import type { Span } from './messages.ts'
import { type RunOrder, unconnectedOf } from './run-order.ts'
import {
  fanOutMeanUs,
  fanOutOf,
  isSameServer,
  type Rehearsal,
  serverCpuUs,
} from './server-figures.ts'
import type { Readings } from './server-reading.ts'
import { tellsStatistics } from './server-watch.ts'
import { type ProbeReading, probeFact } from './swarm.ts'
import type { Tally } from './tally.ts'
import type { Timeline } from './timeline.ts'
import type { Edge } from './window.ts'

/** The findings of a run, from which its part of the document is composed. */
export interface Findings extends Mishaps {
  readonly order: RunOrder
  readonly startedAt: string
  /** Null when the run was stopped before it had one. */
  readonly window: Span | null
  readonly tally: Tally
  readonly timeline: Timeline
  readonly report: PublisherReport | null
  readonly edges: readonly Edge[]
  /** The server before the window, without deliveries; null where nobody looked. */
  readonly rehearsal: Rehearsal | null
  /** What the server said last, which stands in where it was silent at the window's end. */
  readonly lastReading: Readings | null
  readonly probe: ProbeReading | null
  readonly probeLost: boolean
  readonly pace: Pace
  /** The disruptions that were made. */
  readonly disrupted: readonly Made[]
  /** Processor time of what lets connections go silent, in the window, microseconds; null without it. */
  readonly blackholeUs: number | null
  /** Of the accept queues while the window lasted, and until the drain was over; null where nobody looked. */
  readonly queues: QueueReading | null
  /** Null without TLS. */
  readonly greeting: Greeting | null
}

export type Lateness = NonNullable<Run['lateness']>

export interface Timing {
  readonly latency: LatencySummary
  readonly latencyLowerBound: LatencySummary
  readonly lateness: Lateness
}

export function composeLateness(findings: Findings, durationMs: number): Lateness {
  const { tally, window } = findings
  const { latency, lateness, lowerBound } = tally
  const mean = (sum: number): number => (latency.count === 0 ? 0 : sum / latency.count)
  const stalls = tally.stalls.filter(
    ({ endNs }) => window !== null && endNs > window.startNs && endNs <= window.endNs,
  )
  return withCause(findings, {
    slipUs: mean(lateness.slipUs),
    askUs: mean(lateness.askUs),
    busyUs: mean(lateness.busyUs),
    waitUs: mean(lateness.waitUs),
    stallUs: mean(lateness.stallUs),
    serverWaitUs: lowerBound.serverWaitUs,
    graveShare: mean(lateness.grave),
    stalls: stalls.length,
    longestStallUs: Math.max(0, ...stalls.map(({ lengthNs }) => lengthNs / 1e3)),
    othersCpuUtilisation: othersShare(findings, durationMs),
  })
}

/** Of the whole machine, what was busy and is not accounted for by processes of the run. */
function othersShare(findings: Findings, durationMs: number): number | null {
  const { edges, tally, probe, report, order } = findings
  const busy = hostShare(findings)
  const [begin, end] = edges
  if (busy === null || begin === undefined || end === undefined || durationMs === 0) return null
  const server = order.sharedWithServer && begin.server && end.server
  const ownUs =
    tally.counts.cpuUs +
    (server ? serverCpuUs(begin.server, end.server) : 0) +
    ownBusUs(findings, durationMs) +
    ((end.front?.cpuUs ?? 0) - (begin.front?.cpuUs ?? 0)) +
    (probe?.cpuUs ?? 0) +
    (report?.cpuUs ?? 0) +
    (end.cpuUs - begin.cpuUs)
  const machineUs = (end.host.totalMs - begin.host.totalMs) * 1e3
  return Math.max(0, busy - ownUs / machineUs)
}

/** CPU time of the bus's process, where it is one of the run's own. */
function ownBusUs(findings: Findings, durationMs: number): number {
  const bus = findings.order.scenario.backplane === 'memory' ? busFindings(findings) : undefined
  return (bus?.cpuUtilisation ?? 0) * durationMs * 1e3
}

export function hostShare({ edges }: Findings): number | null {
  const [before, after] = edges
  return before === undefined || after === undefined
    ? null
    : hostUtilisation(before.host, after.host)
}

/** With what most of it comes from, if there is any. */
function withCause(findings: Findings, lateness: Lateness): Lateness {
  const { slipUs, askUs, busyUs, waitUs, stallUs, serverWaitUs } = lateness
  if (slipUs + askUs + busyUs + waitUs + stallUs + (serverWaitUs ?? 0) === 0) return lateness
  const [code, message] = latenessCause({
    lateness: latenessFact(findings, lateness),
    othersUtilisation: lateness.othersCpuUtilisation,
  })
  return { ...lateness, cause: { code, message } }
}

function latenessFact({ tally, report }: Findings, lateness: Lateness): ValidityFacts['lateness'] {
  return {
    ...lateness,
    serverWaitUs: lateness.serverWaitUs ?? 0,
    workerStallUs: lateness.longestStallUs,
    publisherStallUs: report?.longestStallUs ?? 0,
    starvedShare: shareOf(tally.counts.waitedUs, tally.counts.cpuUs),
    publisherStarvedShare: shareOf(report?.waitedUs ?? 0, report?.cpuUs ?? 0),
  }
}

/** Of the time that a processor was wanted, the share in which it was waited for. */
function shareOf(waitedUs: number, ranUs: number): number {
  return waitedUs + ranUs === 0 ? 0 : waitedUs / (waitedUs + ranUs)
}

/** Publish rates: what the schedule asked for, and what was handed to the connection in time. */
export function rates(
  report: PublisherReport | null,
  durationMs: number,
): Pick<Run['publisher'], 'offeredPerSecond' | 'achievedPerSecond'> {
  if (report === null || durationMs === 0) return { offeredPerSecond: 0, achievedPerSecond: 0 }
  return {
    offeredPerSecond: (report.published / durationMs) * 1e3,
    achievedPerSecond: (report.sentInTime / durationMs) * 1e3,
  }
}

/** The stamps of another host are of another clock anyway, and are not read. */
export function offsetOf({ order, tally, report }: Findings): ClockOffset | null {
  if (!order.sharedWithServer) return null
  const { negativeServices: early, premature } = tally.audit
  // A fan-out of no time contradicts nothing.
  const means = meansOf(
    tally.latency.summary(),
    tally.serviceLatency.summary(),
    report?.slipMeanUs ?? null,
    0,
  )
  return clockOffset({ early, premature, means })
}

export function busFindings(findings: Findings): Run['bus'] {
  const { edges, lastReading, window, report, tally, probe } = findings
  const [begin = null, end = null] = edges.map(({ server }) => server)
  return busOf({
    window,
    begin,
    end,
    last: lastReading,
    events: report?.published ?? 0,
    deliveries: tally.counts.deliveries + (probe?.count ?? 0),
  })
}

export function busOutage(findings: Findings): BusOutage | null {
  const { window } = findings
  const durationMs = window === null ? 0 : (window.endNs - window.startNs) / 1e6
  return outageOf(busFindings(findings), durationMs)
}

/**
 * Deliveries that were expected. What clients of a lost worker have sent nobody knows: what came of it is
 * all that counts.
 */
export function expectedOf({
  tally,
  lostWorkers,
}: Pick<Findings, 'tally' | 'lostWorkers'>): number {
  const { expected, lost } = tally.settlement
  return tally.chat !== null && lostWorkers > 0 ? tally.audit.delivered + lost : expected
}

export function judgeRun(
  findings: Findings,
  { latency, latencyLowerBound, lateness }: Timing,
  durationMs: number,
): Validity {
  const { order, tally, report, edges } = findings
  const { scenario } = order
  const { audit, settlement } = tally
  const allArrived = settlement.expected > 0 && settlement.lost === 0
  const fanOut = fanOutOf(edges[1]?.server ?? findings.lastReading)
  return judge({
    ...findings,
    ...settlement,
    expected: expectedOf(findings),
    requested: scenario.clients,
    connected: tally.connectedAtStart,
    bounds: boundsOf(latency, latencyLowerBound),
    lateness: latenessFact(findings, lateness),
    ...rates(report, durationMs),
    due: report?.due ?? 0,
    // What arrived was taken, whatever became of its answer; where nobody was to hear it, nothing tells.
    accepted: (report?.accepted ?? 0) + (allArrived ? (report?.unknown ?? 0) : 0),
    dropped: (report?.dropped ?? 0) + (allArrived ? 0 : (report?.unknown ?? 0)),
    refusals: report?.refusals ?? {},
    errors: tally.errors,
    hostUtilisation: hostShare(findings),
    othersUtilisation: lateness.othersCpuUtilisation,
    serverMayStarve:
      order.sharedWithServer &&
      (lateness.serverWaitUs === null || findings.wrongStatistics !== null),
    delivered: audit.delivered,
    forged: audit.forged + settlement.forged,
    strays: { ...audit, disguises: tally.disguises },
    negative: audit.negative,
    clockOffset: offsetOf(findings),
    overflows: tally.latency.overflows,
    samples: latency.count,
    lowerP99Us: latencyLowerBound.p99Us,
    probe: findings.probe === null ? null : probeFact(findings.probe, order, fanOut),
    foreignServer: scenario.url === null ? null : (order.targets[0]?.authority ?? scenario.url),
    unconnected: unconnectedOf(order),
    disruptions: scenario.disruptions,
    undone: findings.disrupted.flatMap(({ written, problem }) =>
      problem === null ? [] : [`${written}: ${problem}`],
    ),
    busOutage: busOutage(findings),
    serverSilent:
      order.targets.every(tellsStatistics) && edges.some(({ server }) => server === null),
  })
}

export function latencyBreakdown(
  { report, edges }: Findings,
  latency: LatencySummary,
  services: LatencySummary | null,
): NonNullable<Run['spent']> | null {
  const [before, after] = edges.map(({ server }) => server)
  const comparable = before && after && isSameServer(before, after)
  const fanOutUs = comparable ? fanOutMeanUs(before, after) : null
  const means = meansOf(latency, services, report?.slipMeanUs ?? null, fanOutUs)
  return means === null ? null : breakdownOf(means)
}

/** What two exact means may differ by when they come from histograms of three digits. */
const ROUNDING = 0.001

const ROUNDING_US = 1

/**
 * Where a delivery's latency was spent, as means, since means add up and percentiles do not. Null
 * where a part is below zero by more than the histograms round: the parts were not taken of the
 * same deliveries then, and their sum would only look right.
 */
export function breakdownOf(
  means: NonNullable<ReturnType<typeof meansOf>>,
): NonNullable<Run['spent']> | null {
  const parts = {
    slipUs: tenths(means.slipUs),
    acceptUs: tenths(means.responseUs - means.serviceUs - means.slipUs),
    fanOutUs: tenths(means.fanOutUs),
    readUs: tenths(means.serviceUs - means.fanOutUs),
  }
  const least = -Math.max(ROUNDING_US, means.responseUs * ROUNDING)
  return Object.values(parts).some((part) => part < least) ? null : parts
}

/**
 * Gathers the means, microseconds; null where one of them is not known, or where not every delivery has
 * a service latency: means of other deliveries do not add up.
 *
 * @param response from the intended publish to the receipt
 * @param service from the acceptance to the receipt
 * @param slipUs from the intended publish to when it was sent
 * @param fanOutUs from the acceptance to the server's write
 */
export function meansOf(
  { meanUs: responseUs, count }: LatencySummary,
  service: LatencySummary | null,
  slipUs: number | null,
  fanOutUs: number | null,
) {
  if (service === null || service.count !== count) return null
  const { meanUs: serviceUs } = service
  if (responseUs === null || serviceUs === null || slipUs === null || fanOutUs === null) return null
  return { responseUs, serviceUs, slipUs, fanOutUs }
}

/** As exact as the means that histograms tell. */
function tenths(us: number): number {
  return Math.round(us * 10) / 10
}
