import { boundsOf } from '../measure/bounds.ts'
import { type ClockOffset, clockOffset } from '../measure/clock.ts'
import { MIN_SAMPLES_P99 } from '../measure/histogram.ts'
import { hostUtilisation } from '../measure/host.ts'
import { intervalsOf } from '../measure/interval.ts'
import type { LoopReading } from '../measure/lateness.ts'
import {
  causeOf,
  type Interruption,
  judge,
  type Validity,
  type ValidityFacts,
} from '../measure/validity.ts'
import type { LatencySummary, Run } from '../result/document.ts'
import type { PublisherReport, Span } from './messages.ts'
import { type ProbeReading, probeFact } from './probe.ts'
import type { RunOrder } from './run-order.ts'
import { NOT_KNOWN, type ServerCost, serverCostOf } from './server-cost.ts'
import { type InstanceReading, tellsStatistics, type WrongAnswers } from './server-watch.ts'
import { fanOutMeanUs, fanOutOf, meansOf, spentOf } from './spent.ts'
import type { Tally } from './tally.ts'
import { isSameServer, serverCpuUs, slowConsumers, type Timeline, utilisation } from './timeline.ts'
import type { Edge, Rehearsal } from './window-watch.ts'

const SECONDS_PER_DAY = 86_400

/** All that a run has found out. */
export interface Findings {
  readonly order: RunOrder
  readonly startedAt: string
  /** Null when the run was stopped before it had one. */
  readonly window: Span | null
  readonly interruption: Interruption | null
  readonly tally: Tally
  readonly timeline: Timeline
  readonly report: PublisherReport | null
  readonly edges: readonly Edge[]
  /** The server before the window, without deliveries; null where nobody looked. */
  readonly rehearsal: Rehearsal | null
  /** What the server said last, which stands in where it was silent at the window's end. */
  readonly lastReading: readonly InstanceReading[] | null
  readonly wrongAnswers: WrongAnswers | null
  readonly probe: ProbeReading | null
  readonly probeLost: boolean
  /** Connects that a listen queue of the host had no room for; null where it does not tell. */
  readonly listenDrops: number | null
  readonly lostWorkers: number
  /** Clients of the lost workers. */
  readonly lostClients: number
  readonly lostInstances: number
  readonly publisherLost: boolean
}

/** Writes a run's part of the result document. */
export function composeRun(findings: Findings): Run {
  const { order, tally, window, timeline, report } = findings
  const { transport, scenario } = order
  const durationMs = window === null ? 0 : (window.endNs - window.startNs) / 1e6
  // Of a publisher that was lost nobody knows how many events the deliveries are of.
  const events = report?.published ?? 0
  const latency = tally.latency.summary(events)
  const latencyLowerBound = tally.lowerBound.summary(events)
  const lateness = composeLateness(findings, durationMs)
  const validity = judgeRun(findings, { latency, latencyLowerBound, lateness }, durationMs)
  const services = servicesOf(findings, events)
  const server = composeServer(findings)
  const slow = server?.slowConsumers ?? 0
  return {
    transport: transport.name,
    technique: { label: transport.label, traits: transport.traits },
    repetition: order.repetition,
    seed: scenario.seed,
    startedAt: findings.startedAt,
    durationMs,
    partial: isPartial(findings),
    interrupted: findings.interruption !== null,
    clients: {
      requested: scenario.clients,
      connected: tally.connectedAtStart,
      failed: scenario.clients - tally.connectedAtStart,
      lost: findings.lostClients,
      proven: tally.settlement.provable - tally.settlement.unproven,
      held: spread(timeline.held),
      openSockets: spread(timeline.openSockets),
    },
    connect: tally.connect.brief(),
    latency,
    latencyLowerBound,
    sampling: composeSampling(findings, { latency, latencyLowerBound }, events),
    lateness: withCause(findings, lateness),
    serviceLatency: services,
    spent: composeSpent(findings, latency, services),
    fanOut: fanOutOf(findings.edges[1]?.server ?? findings.lastReading),
    probe: findings.probe,
    delivery: composeDelivery(findings),
    ...composeTraffic(findings, durationMs / 1e3),
    server,
    generator: composeGenerator(findings, durationMs / 1e3),
    publisher: {
      ...rates(report, durationMs),
      slipP99Us: report?.slipP99Us ?? null,
      slipMaxUs: report?.slipMaxUs ?? null,
      dropped: report?.dropped ?? 0,
      unknown: report?.unknown ?? 0,
    },
    host: {
      cpuUtilisation: hostShare(findings),
      sharedWithServer: order.sharedWithServer,
    },
    validity,
    errors: {
      ...tally.errors,
      ...(slow > 0 ? { 'slow-consumer': slow } : {}),
      ...prefixed('publish-', report?.refusals ?? {}),
    },
    timeline: timeline.seconds(report),
  }
}

/** Null where the stamps of the server's acceptance are of another clock, or there are none. */
function servicesOf(findings: Findings, events: number): LatencySummary | null {
  if (!findings.order.sharedWithServer || offsetOf(findings) !== null) return null
  const services = findings.tally.serviceLatency.summary(events)
  return services.count === 0 ? null : services
}

/** The stamps of another host are of another clock anyway, and are not read. */
function offsetOf({ order, tally, report }: Findings): ClockOffset | null {
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

function prefixed(
  prefix: string,
  counts: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([cause, count]) => [prefix + cause, count]))
}

function isPartial(findings: Findings): boolean {
  const { interruption, lostWorkers, lostInstances, publisherLost } = findings
  return interruption !== null || lostWorkers > 0 || lostInstances > 0 || publisherLost
}

function composeDelivery(findings: Findings): Run['delivery'] {
  const { tally, report } = findings
  const { expected, lost } = tally.settlement
  const { delivered, duplicates, outOfOrder, damaged, foreign, misrouted, unmarked, gapSignals } =
    tally.audit
  return {
    published: report?.published ?? 0,
    expected,
    delivered,
    lost,
    duplicates,
    outOfOrder,
    // Without the publisher's word nobody knows what was expected.
    reach: expected === 0 || report === null ? null : delivered / expected,
    foreign,
    misrouted,
    damaged,
    forged: tally.audit.forged + tally.settlement.forged,
    unmarked,
    gapSignals,
  }
}

function composeTraffic(
  findings: Findings,
  seconds: number,
): Pick<Run, 'exchanges' | 'wire' | 'throughput'> {
  const { counts, connectedAtStart } = findings.tally
  const { hasExchanges } = findings.order.transport
  const perSecond = (count: number): number => (seconds === 0 ? 0 : count / seconds)
  return {
    exchanges: {
      requests: counts.requests,
      responses: counts.responses,
      empty: hasExchanges ? counts.empty : 0,
      emptyRatio: hasExchanges ? ratio(counts.empty, counts.responses) : null,
      requestsPerClientPerDay: hasExchanges
        ? ratio(perSecond(counts.requests) * SECONDS_PER_DAY, connectedAtStart)
        : null,
    },
    wire: {
      bytesReceived: counts.bytesReceived,
      bytesSent: counts.bytesSent,
      bytesPerDelivery: ratio(counts.bytesReceived, counts.deliveries),
    },
    throughput: {
      deliveriesPerSecond: perSecond(counts.deliveries),
      exchangesPerSecond: perSecond(counts.responses),
      bytesPerSecond: perSecond(counts.bytesReceived),
    },
  }
}

/** How far the figures of another window of this length and load might lie from those of this one. */
function composeSampling(
  { tally, window }: Findings,
  { latency, latencyLowerBound }: Omit<Timing, 'lateness'>,
  events: number,
): NonNullable<Run['sampling']> | null {
  if (window === null) return null
  const { blocks: upper, lowerBound } = tally
  const blocks = upper.until(window.endNs)
  return {
    events,
    blocks,
    blockMs: upper.blockMs,
    latency: intervalsOf(upper, tally.latency, latency, blocks, events),
    latencyLowerBound: intervalsOf(
      lowerBound.blocks,
      lowerBound.histogram,
      latencyLowerBound,
      blocks,
      events,
    ),
  }
}

function composeSpent(
  { report, edges }: Findings,
  latency: LatencySummary,
  services: LatencySummary | null,
): NonNullable<Run['spent']> | null {
  const [before, after] = edges.map(({ server }) => server)
  const comparable = before && after && isSameServer(before, after)
  const fanOutUs = comparable ? fanOutMeanUs(before, after) : null
  const means = meansOf(latency, services, report?.slipMeanUs ?? null, fanOutUs)
  return means === null ? null : spentOf(means)
}

function composeLateness(findings: Findings, durationMs: number): Lateness {
  const { tally, window } = findings
  const { latency, lateness, lowerBound } = tally
  const { slipUs, askUs, busyUs, waitUs, stallUs, grave } = lateness
  const mean = (sum: number): number => (latency.count === 0 ? 0 : sum / latency.count)
  const stalls = tally.stalls.filter(
    ({ endNs }) => window !== null && endNs > window.startNs && endNs <= window.endNs,
  )
  return {
    slipUs: mean(slipUs),
    askUs: mean(askUs),
    busyUs: mean(busyUs),
    waitUs: mean(waitUs),
    stallUs: mean(stallUs),
    serverWaitUs: lowerBound.serverWaitUs,
    graveShare: mean(grave),
    stalls: stalls.length,
    longestStallUs: Math.max(0, ...stalls.map(({ lengthNs }) => lengthNs / 1e3)),
    othersCpuUtilisation: othersShare(findings, durationMs),
  }
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
    (probe?.cpuUs ?? 0) +
    (report?.cpuUs ?? 0) +
    (end.cpuUs - begin.cpuUs)
  const machineUs = (end.host.totalMs - begin.host.totalMs) * 1e3
  return Math.max(0, busy - ownUs / machineUs)
}

function composeServer(findings: Findings): Run['server'] {
  const { tally, order, probe } = findings
  const begin = findings.edges[0]?.server ?? null
  const end = findings.edges[1]?.server ?? null
  const after = end ?? findings.lastReading
  if (after === null) return null
  const before = begin !== null && isSameServer(begin, after) ? begin : null
  const rssBytes = after.reduce((sum, { memory }) => sum + memory.rssBytes, 0)
  // Deliveries are those of the whole window. The server cannot tell what the probe's cost it.
  const deliveries = tally.counts.deliveries + (probe?.count ?? 0)
  const isWhole = before !== null && end !== null
  return {
    instances: after.length,
    ...(isWhole ? costOf(findings, before, end, deliveries) : NOT_KNOWN),
    totalCpuUsPerDelivery: isWhole ? ratio(serverCpuUs(before, end), deliveries) : null,
    cpuUtilisation: before === null ? null : utilisation(before, after),
    rssBytes,
    rssBytesPerClient: ratio(rssBytes, order.scenario.clients),
    loopDelayP99Us: loopDelayOf(after.map(({ loop }) => loop)),
    slowConsumers: before === null ? null : slowConsumers(before, after, order.transport.name),
  }
}

function costOf(
  { rehearsal, report, timeline, order }: Findings,
  begin: readonly InstanceReading[],
  end: readonly InstanceReading[],
  deliveries: number,
): ServerCost {
  const seconds = timeline.seconds(report)
  return serverCostOf({
    rehearsal,
    unheard: report?.unheard ?? 0,
    begin,
    end,
    sent: report?.due ?? 0,
    deliveries,
    asks: order.transport.hasExchanges,
    seconds: seconds.flatMap(({ serverCpuUtilisation, published, ...second }) =>
      serverCpuUtilisation === null
        ? []
        : [{ cpuUs: serverCpuUtilisation * 1e6, sent: published, deliveries: second.deliveries }],
    ),
  })
}

function composeGenerator(findings: Findings, seconds: number): Run['generator'] {
  const { tally, order } = findings
  const { counts, rssBytes, loops } = tally
  return {
    workers: order.workers,
    cpuUsPerDelivery: ratio(counts.cpuUs, counts.deliveries),
    cpuUtilisation: ratio(counts.cpuUs / 1e6, seconds),
    rssBytes,
    rssBytesPerClient: ratio(rssBytes, order.scenario.clients),
    loopDelayP99Us: loopDelayOf(loops),
  }
}

/** The worst of some loops; null where one of them has too few samples for it. */
function loopDelayOf(loops: readonly LoopReading[]): number | null {
  const carried = loops.every(({ samples }) => samples >= MIN_SAMPLES_P99)
  return carried && loops.length > 0 ? Math.max(...loops.map(({ delayP99Us }) => delayP99Us)) : null
}

type Lateness = NonNullable<Run['lateness']>

interface Timing {
  readonly latency: LatencySummary
  readonly latencyLowerBound: LatencySummary
  readonly lateness: Lateness
}

/** With what most of it comes from, if there is any. */
function withCause(findings: Findings, lateness: Lateness): Lateness {
  const { slipUs, askUs, busyUs, waitUs, stallUs, serverWaitUs } = lateness
  if (slipUs + askUs + busyUs + waitUs + stallUs + (serverWaitUs ?? 0) === 0) return lateness
  const [code, message] = causeOf({
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

function judgeRun(
  findings: Findings,
  { latency, latencyLowerBound, lateness }: Timing,
  durationMs: number,
): Validity {
  const { order, tally, report, edges } = findings
  const { scenario } = order
  const { expected, lost } = tally.settlement
  const { delivered, damaged, foreign, misrouted, unmarked, negative } = tally.audit
  const allArrived = expected > 0 && lost === 0
  const fanOut = fanOutOf(edges[1]?.server ?? findings.lastReading)
  return judge({
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
      order.sharedWithServer && (lateness.serverWaitUs === null || findings.wrongAnswers !== null),
    expected,
    delivered,
    lost,
    forged: tally.audit.forged + tally.settlement.forged,
    provable: tally.settlement.provable,
    unproven: tally.settlement.unproven,
    strays: { foreign, misrouted, unmarked, damaged, disguises: tally.disguises },
    negative,
    clockOffset: offsetOf(findings),
    overflows: tally.latency.overflows,
    samples: latency.count,
    lowerP99Us: latencyLowerBound.p99Us,
    probe: findings.probe === null ? null : probeFact(findings.probe, order, fanOut),
    probeLost: findings.probeLost,
    listenDrops: findings.listenDrops,
    lostWorkers: findings.lostWorkers,
    lostClients: findings.lostClients,
    lostInstances: findings.lostInstances,
    foreignServer: scenario.url === null ? null : (order.targets[0]?.authority ?? scenario.url),
    publisherLost: findings.publisherLost,
    serverSilent:
      order.targets.every(tellsStatistics) && edges.some(({ server }) => server === null),
    wrongStatistics: findings.wrongAnswers,
    interruption: findings.interruption,
  })
}

/** Of the time that a processor was wanted, the share in which it was waited for. */
function shareOf(waitedUs: number, ranUs: number): number {
  return waitedUs + ranUs === 0 ? 0 : waitedUs / (waitedUs + ranUs)
}

/** What the schedule asked for, and what was handed to the connection in time. */
function rates(
  report: PublisherReport | null,
  durationMs: number,
): Pick<Run['publisher'], 'offeredPerSecond' | 'achievedPerSecond'> {
  if (report === null || durationMs === 0) return { offeredPerSecond: 0, achievedPerSecond: 0 }
  return {
    offeredPerSecond: (report.published / durationMs) * 1e3,
    achievedPerSecond: (report.sentInTime / durationMs) * 1e3,
  }
}

function hostShare({ edges }: Findings): number | null {
  const [before, after] = edges
  return before === undefined || after === undefined
    ? null
    : hostUtilisation(before.host, after.host)
}

function spread(values: readonly number[]): {
  mean: number | null
  min: number | null
  max: number | null
} {
  if (values.length === 0) return { mean: null, min: null, max: null }
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    min: Math.min(...values),
    max: Math.max(...values),
  }
}

/** Null where there is nothing to divide by: no figure, rather than a zero. */
function ratio(value: number, by: number): number | null {
  return by === 0 ? null : value / by
}
