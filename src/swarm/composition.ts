import { type ClockOffset, clockOffset } from '../measure/clock-offset.ts'
import { MIN_SAMPLES_P99 } from '../measure/histogram.ts'
import { hostUtilisation } from '../measure/host.ts'
import type { LoopReading } from '../measure/loop.ts'
import { type Interruption, judge, type Validity } from '../measure/validity.ts'
import type { LatencySummary, Run } from '../result/document.ts'
import type { PublisherReport, Span } from './messages.ts'
import { type ProbeReading, probeFact } from './probe.ts'
import type { RunOrder } from './run-order.ts'
import { type InstanceReading, tellsStatistics, type WrongAnswers } from './server-watch.ts'
import { fanOutMeanUs, fanOutOf, meansOf, spentOf } from './spent.ts'
import type { Tally } from './tally.ts'
import { isSameServer, serverCpuUs, slowConsumers, type Timeline, utilisation } from './timeline.ts'
import type { Edge } from './window-watch.ts'

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
  const latency = tally.latency.summary()
  const validity = judgeRun(findings, latency, durationMs)
  const services = servicesOf(findings)
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
      held: spread(timeline.held),
      openSockets: spread(timeline.openSockets),
    },
    connect: tally.connect.brief(),
    latency,
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
function servicesOf(findings: Findings): LatencySummary | null {
  if (!findings.order.sharedWithServer || offsetOf(findings) !== null) return null
  const services = findings.tally.serviceLatency.summary()
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
  const { delivered, duplicates, outOfOrder, foreign, misrouted, gapSignals } = tally.audit
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

function composeServer(findings: Findings): Run['server'] {
  const { tally, order, probe } = findings
  const begin = findings.edges[0]?.server ?? null
  const end = findings.edges[1]?.server ?? null
  const after = end ?? findings.lastReading
  if (after === null) return null
  const before = begin !== null && isSameServer(begin, after) ? begin : null
  const rssBytes = after.reduce((sum, { memory }) => sum + memory.rssBytes, 0)
  return {
    instances: after.length,
    // Deliveries are those of the whole window. The server cannot tell what the probe's cost it.
    cpuUsPerDelivery:
      before === null || end === null
        ? null
        : ratio(serverCpuUs(before, end), tally.counts.deliveries + (probe?.count ?? 0)),
    cpuUtilisation: before === null ? null : utilisation(before, after),
    rssBytes,
    rssBytesPerClient: ratio(rssBytes, order.scenario.clients),
    loopDelayP99Us: loopDelayOf(after.map(({ loop }) => loop)),
    slowConsumers: before === null ? null : slowConsumers(before, after, order.transport.name),
  }
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

function judgeRun(findings: Findings, latency: LatencySummary, durationMs: number): Validity {
  const { order, tally, report, edges } = findings
  const { scenario } = order
  const { expected, lost } = tally.settlement
  const { delivered, negative } = tally.audit
  const fanOut = fanOutOf(edges[1]?.server ?? findings.lastReading)
  return judge({
    requested: scenario.clients,
    connected: tally.connectedAtStart,
    slipP99Us: report?.slipP99Us ?? null,
    slipMaxUs: report?.slipMaxUs ?? null,
    ...rates(report, durationMs),
    due: report?.due ?? 0,
    accepted: report?.accepted ?? 0,
    dropped: report?.dropped ?? 0,
    refusals: report?.refusals ?? {},
    errors: tally.errors,
    workerLoops: tally.loops,
    publisherLoop: report?.loop ?? null,
    hostUtilisation: hostShare(findings),
    expected,
    delivered,
    lost,
    negative,
    clockOffset: offsetOf(findings),
    overflows: tally.latency.overflows,
    samples: latency.count,
    p99Us: latency.p99Us,
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
