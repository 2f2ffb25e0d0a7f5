import { NS_PER_SECOND } from '../measure/clock.ts'
import { MIN_SAMPLES_P99 } from '../measure/histogram.ts'
import { intervalsOf } from '../measure/interval.ts'
import type { LoopReading } from '../measure/lateness.ts'
import type { LatencySummary, Run, TimelineEntry } from '../result/document.ts'
import { SILENT } from '../transports/transport.ts'
import { withOutages } from './bus-figures.ts'
import { hopsOf } from './bus-hops.ts'
import { composeChat } from './conversation.ts'
import { disruptionsOf } from './disruptions.ts'
import {
  busFindings,
  busOutage,
  composeLateness,
  expectedOf,
  type Findings,
  hostShare,
  judgeRun,
  latencyBreakdown,
  offsetOf,
  rates,
  type Timing,
} from './findings.ts'
import {
  fanOutOf,
  isSameServer,
  NOT_KNOWN,
  serverCostOf,
  serverCpuUs,
  slowConsumers,
  utilisation,
} from './server-figures.ts'
import { stormOf } from './storm.ts'

const SECONDS_PER_DAY = 86_400

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
  const bus = busFindings(findings)
  const end = findings.edges[1]
  const refusals = Object.entries(report?.refusals ?? {})
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
      cuts: tally.counts.cuts,
      held: spread(timeline.held),
      openSockets: spread(timeline.openSockets),
    },
    connect: {
      ...tally.connect.brief(),
      ...(findings.greeting === null ? {} : { tls: { ...findings.greeting, ...tally.handshakes } }),
    },
    latency,
    latencyLowerBound,
    sampling: composeSampling(findings, { latency, latencyLowerBound }, events),
    lateness,
    serviceLatency: services,
    spent: latencyBreakdown(findings, latency, services),
    fanOut: fanOutOf(findings.edges[1]?.server ?? findings.lastReading),
    probe: findings.probe,
    ...(tally.chat === null
      ? {}
      : {
          chat: composeChat(tally.chat, tally.counts, report, server?.ingestCpuUsPerEvent ?? null),
        }),
    delivery: composeDelivery(findings),
    ...composeTraffic(findings, durationMs / 1e3),
    server,
    ...(bus === undefined
      ? {}
      : { bus: { ...bus, ...hopsOf(end?.server ?? null, window, events) } }),
    ...composeFront(findings, durationMs),
    ...composeDisruptions(findings, durationMs),
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
      ...Object.fromEntries(refusals.map(([cause, count]) => [`publish-${cause}`, count])),
    },
    timeline: withDisruptions(withOutages(timeline.seconds(report), bus), findings),
  }
}

/** Null where the stamps of the server's acceptance are of another clock, or there are none. */
function servicesOf(findings: Findings, events: number): LatencySummary | null {
  if (!findings.order.sharedWithServer || offsetOf(findings) !== null) return null
  const services = findings.tally.serviceLatency.summary(events)
  return services.count === 0 ? null : services
}

function isPartial(findings: Findings): boolean {
  const { interruption, lostWorkers, lostInstances, frontLost, publisherLost, tally } = findings
  const { order } = findings
  const isDisrupted = order.scenario.disruptions.length > 0
  const lostInOutage = tally.settlement.lost > 0 && (isDisrupted || busOutage(findings) !== null)
  const isLost = lostWorkers > 0 || lostInstances > 0 || frontLost !== null || publisherLost
  return interruption !== null || isLost || lostInOutage
}

function composeDelivery(findings: Findings): Run['delivery'] {
  const { tally, report } = findings
  const { lost } = tally.settlement
  const expected = expectedOf(findings)
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
    gapped: tally.settlement.gapped,
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

function composeServer(findings: Findings): Run['server'] {
  const { tally, order, probe, rehearsal, report, timeline } = findings
  const [begin = null, end = null] = findings.edges.map((edge) => edge.server)
  const after = end ?? findings.lastReading
  if (after === null) return null
  const before = begin !== null && isSameServer(begin, after) ? begin : null
  const rssBytes = after.reduce((sum, { memory }) => sum + memory.rssBytes, 0)
  // Deliveries are those of the whole window. The server cannot tell what the probe's cost it.
  const deliveries = tally.counts.deliveries + (probe?.count ?? 0)
  const isWhole = before !== null && end !== null
  const cost = isWhole
    ? serverCostOf({
        rehearsal,
        unheard: report?.unheard ?? 0,
        begin: before,
        end,
        sent: report?.due ?? 0,
        deliveries,
        asks: order.transport.hasExchanges,
        seconds: timeline.seconds(report),
      })
    : NOT_KNOWN
  return {
    instances: after.length,
    ...cost,
    totalCpuUsPerDelivery: isWhole ? ratio(serverCpuUs(before, end), deliveries) : null,
    cpuUtilisation: before === null ? null : utilisation(before, after),
    rssBytes,
    rssBytesPerClient: ratio(rssBytes, order.scenario.clients),
    loopDelayP99Us: loopDelayOf(after.map(({ loop }) => loop)),
    slowConsumers: before === null ? null : slowConsumers(before, after, order.transport.name),
  }
}

function composeFront(findings: Findings, durationMs: number): Pick<Run, 'front' | 'via'> {
  const { order, tally, edges, lastReading } = findings
  const { front, transport, scenario } = order
  if (front == null) return {}
  const [begin, end] = edges.map((edge) => edge.front ?? null)
  const isWhole = begin != null && end != null && durationMs > 0
  const cpuUs = isWhole ? end.cpuUs - begin.cpuUs : null
  const waitedUs = isWhole ? end.waitedUs - begin.waitedUs : null
  const servers = edges[1]?.server ?? lastReading
  const { name: program, version, via } = front
  const costs = {
    cpuUtilisation: cpuUs === null ? null : cpuUs / (durationMs * 1e3),
    cpuUsPerDelivery: cpuUs === null ? null : ratio(cpuUs, tally.counts.deliveries),
    waitedShare: cpuUs === null || waitedUs === null ? null : ratio(waitedUs, waitedUs + cpuUs),
    rssBytes: end?.rssBytes ?? null,
    rssBytesPerClient: end == null ? null : end.rssBytes / scenario.clients,
  }
  if (via !== null) return { via: { program, version, ...via, ...costs } }
  // Who asks at an interval holds nothing between its questions.
  const holds = !transport.traits.keepsInterval
  const heldByInstance =
    holds && servers !== null
      ? servers.map(({ transports }) => transports[transport.name]?.held ?? 0)
      : null
  return { front: { program, version, balance: scenario.balance, ...costs, heldByInstance } }
}

function composeDisruptions(
  findings: Findings,
  durationMs: number,
): Pick<Run, 'disruptions' | 'storm' | 'blackhole' | 'liveness'> {
  const { order, tally, window, disrupted, blackholeUs, pace } = findings
  const storm = stormOf(findings)
  const { scenario, blackhole } = order
  return {
    ...(scenario.disruptions.length === 0 || window === null
      ? {}
      : { disruptions: disruptionsOf(disrupted, tally.outages, window) }),
    ...(storm === undefined ? {} : { storm }),
    ...(blackhole == null
      ? {}
      : {
          blackhole: {
            means: blackhole.means,
            cpuUtilisation:
              blackholeUs === null || durationMs === 0 ? null : blackholeUs / (durationMs * 1e3),
          },
        }),
    liveness: { silenceMs: pace.silenceMs ?? null, silent: tally.errors[SILENT] ?? 0 },
  }
}

/** With the disruptions that began in each second or lasted. */
function withDisruptions(
  seconds: readonly TimelineEntry[],
  { order, disrupted, window }: Findings,
): readonly TimelineEntry[] {
  if (order.scenario.disruptions.length === 0 || window === null) return seconds
  return seconds.map((entry) => {
    const startNs = window.startNs + entry.second * NS_PER_SECOND
    const disruptions = disrupted.filter(({ fromNs, toNs, disruption, problem }) => {
      if (fromNs === null || problem !== null) return false
      const lasts = disruption.forMs === null && disruption.kind === 'blackhole'
      const endNs = toNs ?? (lasts ? Number.POSITIVE_INFINITY : fromNs)
      return fromNs < startNs + NS_PER_SECOND && endNs >= startNs
    })
    return { ...entry, disruptions: disruptions.map(({ written }) => written) }
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

function spread(values: readonly number[]): Run['clients']['held'] {
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
