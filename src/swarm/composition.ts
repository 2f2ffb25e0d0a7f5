import { type HostTime, hostUtilisation } from '../measure/host.ts'
import { judge, type Validity } from '../measure/validity.ts'
import type { LatencySummary, Run } from '../result/document.ts'
import type { RunOrder } from './coordinator.ts'
import type { PublisherReport, Span } from './messages.ts'
import type { InstanceReading } from './server-watch.ts'
import type { Tally } from './tally.ts'
import { heldBy, serverCpuUs, type Timeline, utilisation } from './timeline.ts'

const SECONDS_PER_DAY = 86_400

/** The readings at one edge of the window. */
export interface Edge {
  readonly server: readonly InstanceReading[] | null
  readonly host: HostTime
}

/** All that a run has found out. */
export interface Findings {
  readonly order: RunOrder
  readonly startedAt: string
  /** Null when the run was stopped before it had one. */
  readonly window: Span | null
  readonly interrupted: boolean
  readonly tally: Tally
  readonly timeline: Timeline
  readonly report: PublisherReport | null
  readonly edges: readonly Edge[]
  readonly lostWorkers: number
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
  const services = tally.serviceLatency.summary()
  return {
    transport: transport.name,
    technique: { label: transport.label, traits: transport.traits },
    repetition: order.repetition,
    startedAt: findings.startedAt,
    durationMs,
    partial: isPartial(findings),
    interrupted: findings.interrupted,
    clients: {
      requested: scenario.clients,
      connected: tally.subscribedAtStart,
      failed: scenario.clients - tally.subscribedAtStart,
      held: spread([...timeline.held, ...heldAtEdges(findings)]),
      openSockets: spread(timeline.openSockets),
    },
    connect: pick(tally.connect.summary()),
    latency,
    serviceLatency: services.count === 0 ? null : services,
    delivery: composeDelivery(findings),
    ...composeTraffic(findings),
    server: composeServer(findings),
    generator: composeGenerator(findings),
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
    errors: tally.errors,
    timeline: timeline.seconds(report),
  }
}

function isPartial(findings: Findings): boolean {
  const { interrupted, lostWorkers, lostInstances, publisherLost } = findings
  return interrupted || lostWorkers > 0 || lostInstances > 0 || publisherLost
}

/** The window's edges are readings as well: a window of a second has no others. */
function heldAtEdges({ edges, order }: Findings): readonly number[] {
  return edges.flatMap(({ server }) =>
    server === null ? [] : [heldBy(server, order.transport.name)],
  )
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
    reach: expected === 0 ? null : delivered / expected,
    foreign,
    misrouted,
    gapSignals,
  }
}

function composeTraffic(findings: Findings): Pick<Run, 'exchanges' | 'wire' | 'throughput'> {
  const { counts, seconds, subscribedAtStart } = findings.tally
  const { hasExchanges } = findings.order.transport
  const perSecond = (count: number): number => (seconds === 0 ? 0 : count / seconds)
  return {
    exchanges: {
      requests: counts.requests,
      responses: counts.responses,
      empty: hasExchanges ? counts.empty : 0,
      emptyRatio: hasExchanges ? ratio(counts.empty, counts.responses) : null,
      requestsPerClientPerDay: hasExchanges
        ? ratio(perSecond(counts.requests) * SECONDS_PER_DAY, subscribedAtStart)
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

function composeServer(findings: Findings): Run['server'] {
  const { tally, order } = findings
  const before = findings.edges[0]?.server ?? null
  const after = findings.edges[1]?.server ?? null
  if (after === null) return null
  const rssBytes = after.reduce((sum, { memory }) => sum + memory.rssBytes, 0)
  return {
    instances: after.length,
    cpuUsPerDelivery:
      before === null ? null : ratio(serverCpuUs(before, after), tally.counts.deliveries),
    cpuUtilisation: before === null ? null : utilisation(before, after),
    rssBytes,
    rssBytesPerClient: ratio(rssBytes, order.scenario.clients),
    loopDelayP99Us: Math.max(...after.map(({ loop }) => loop.delayP99Us)),
  }
}

function composeGenerator(findings: Findings): Run['generator'] {
  const { tally, order } = findings
  const { counts, seconds, rssBytes, loops } = tally
  return {
    workers: order.workers,
    cpuUsPerDelivery: ratio(counts.cpuUs, counts.deliveries),
    cpuUtilisation: ratio(counts.cpuUs / 1e6, seconds),
    rssBytes,
    rssBytesPerClient: ratio(rssBytes, order.scenario.clients),
    loopDelayP99Us: loops.length === 0 ? null : Math.max(...loops.map((loop) => loop.delayP99Us)),
  }
}

function judgeRun(findings: Findings, latency: LatencySummary, durationMs: number): Validity {
  const { order, tally, report } = findings
  const { scenario } = order
  const { expected, lost } = tally.settlement
  const { delivered, negative } = tally.audit
  return judge({
    requested: scenario.clients,
    connected: tally.subscribedAtStart,
    slipP99Us: report?.slipP99Us ?? null,
    ...rates(report, durationMs),
    due: report?.due ?? 0,
    accepted: report?.accepted ?? 0,
    dropped: report?.dropped ?? 0,
    workerLoops: tally.loops,
    publisherLoop: report?.loop ?? null,
    hostUtilisation: hostShare(findings),
    expected,
    delivered,
    lost,
    negative,
    overflows: tally.latency.overflows,
    samples: latency.count,
    p99Us: latency.p99Us,
    lostWorkers: findings.lostWorkers,
    lostInstances: findings.lostInstances,
    publisherLost: findings.publisherLost,
    interrupted: findings.interrupted,
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

function pick({ p50Us, p99Us, maxUs }: LatencySummary): Run['connect'] {
  return { p50Us, p99Us, maxUs }
}

/** Null where there is nothing to divide by: no figure, rather than a zero. */
function ratio(value: number, by: number): number | null {
  return by === 0 ? null : value / by
}
