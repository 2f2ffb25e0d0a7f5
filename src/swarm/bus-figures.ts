import { NS_PER_MS, NS_PER_SECOND } from '../measure/clock.ts'
import type { BusOutage } from '../measure/validity.ts'
import type { Run, TimelineEntry } from '../result/document.ts'
import type { Span } from './messages.ts'
import type { InstanceReading, Readings } from './server-reading.ts'

type BusReading = NonNullable<InstanceReading['bus']>
type Bus = NonNullable<Run['bus']>

/** What is known of a run's bus. */
export interface BusFacts {
  readonly window: Span | null
  /** At the window's edges; null where the server did not tell. */
  readonly begin: Readings | null
  readonly end: Readings | null
  /** The last word on outages and stores. */
  readonly last: Readings | null
  /** Of the window. */
  readonly events: number
  readonly deliveries: number
}

/** What carried events between instances, and what it took; undefined where nothing did. */
export function busOf(facts: BusFacts): Bus | undefined {
  const { window, begin, end, last, events, deliveries } = facts
  const known = busesOf(last) ?? busesOf(end)
  const [first] = known ?? []
  if (known === null || first === undefined || window === null) return undefined
  const before = busesOf(begin)
  const after = busesOf(end)
  const isWhole = before !== null && after !== null && before.length === after.length
  const instances = isWhole ? after.map((one, at) => growth(before[at] as BusReading, one)) : []
  const bytes = instances.reduce((sum, { bytesIn, bytesOut }) => sum + bytesIn + bytesOut, 0)
  const seconds = (window.endNs - window.startNs) / NS_PER_SECOND
  const received = sumOf(instances, 'received')
  const published = sumOf(instances, 'published')
  const [its = null] = isWhole ? [processOf(before, after)] : []
  return {
    name: first.name,
    routing: first.routing,
    bytesPerEvent: isWhole && events > 0 ? bytes / events : null,
    bytesPerDelivery: isWhole && deliveries > 0 ? bytes / deliveries : null,
    hopMeanUs: received === 0 ? null : sumOf(instances, 'hopUs') / received,
    receiptsPerEvent: published === 0 ? null : received / published,
    cpuUsPerEvent: its?.cpuUs == null || events === 0 ? null : its.cpuUs / events,
    cpuUsPerDelivery: its?.cpuUs == null || deliveries === 0 ? null : its.cpuUs / deliveries,
    cpuUtilisation: its?.cpuUs == null || seconds === 0 ? null : its.cpuUs / 1e6 / seconds,
    rssBytes: its?.rssBytes ?? null,
    bytesIn: its?.bytesIn ?? null,
    bytesOut: its?.bytesOut ?? null,
    restarts: Math.max(...known.map(({ epochs }) => epochs)) - 1,
    gaps: known.reduce((sum, { gaps }) => sum + gaps, 0),
    instances: instances.map(({ hopUs: _, ...account }) => account),
    outages: outagesOf(known, window),
  }
}

function busesOf(readings: Readings | null): readonly BusReading[] | null {
  if (readings === null) return null
  const buses = readings.flatMap(({ bus }) => (bus == null ? [] : [bus]))
  return buses.length === readings.length && buses.length > 0 ? buses : null
}

const COUNTS = ['published', 'received', 'bytesOut', 'bytesIn', 'hopUs'] as const
type Counts = Record<(typeof COUNTS)[number], number>

function growth(before: BusReading, after: BusReading): Counts {
  const pairs = COUNTS.map((name) => [name, Math.max(0, after[name] - before[name])])
  return Object.fromEntries(pairs) as Counts
}

function sumOf(instances: readonly Counts[], name: keyof Counts): number {
  return instances.reduce((sum, counts) => sum + counts[name], 0)
}

/** What the bus's process took between two readings; null of one that was started anew meanwhile. */
function processOf([before]: readonly BusReading[], [after]: readonly BusReading[]) {
  const [earlier, later] = [before?.process, after?.process]
  if (earlier == null || later == null || before?.epochs !== after?.epochs) return null
  const since = (name: 'cpuUs' | 'bytesIn' | 'bytesOut'): number | null => {
    const [from, to] = [earlier[name], later[name]]
    return from === null || to === null || to < from ? null : to - from
  }
  return {
    cpuUs: since('cpuUs'),
    rssBytes: later.rssBytes,
    bytesIn: since('bytesIn'),
    bytesOut: since('bytesOut'),
  }
}

/** From the window's begin on, in the order of time; those before it are over. */
function outagesOf(buses: readonly BusReading[], { startNs }: Span): Bus['outages'] {
  const sinceMs = (ns: number): number => Math.round((ns - startNs) / NS_PER_MS)
  return buses
    .flatMap(({ outages }, instance) =>
      outages
        .filter(([, endNs]) => endNs === null || endNs > startNs)
        .map(([fromNs, endNs, cause]) => ({
          instance,
          fromMs: sinceMs(fromNs),
          toMs: endNs === null ? null : sinceMs(endNs),
          cause,
        })),
    )
    .sort((one, other) => one.fromMs - other.fromMs)
}

/** Adds to each second the instances that could not reach their bus for some of it. */
export function withOutages(
  timeline: readonly TimelineEntry[],
  bus: Bus | undefined,
): readonly TimelineEntry[] {
  const outages = bus?.outages ?? []
  if (outages.length === 0) return timeline
  return timeline.map((entry) => {
    const [fromMs, toMs] = [entry.second * 1_000, (entry.second + 1) * 1_000]
    const off = outages.filter((one) => one.fromMs < toMs && (one.toMs ?? toMs) > fromMs)
    return { ...entry, busLost: new Set(off.map(({ instance }) => instance)).size }
  })
}

/** The longest outage of an instance, and whether the store was lost; null where there was neither. */
export function outageOf(bus: Bus | undefined, durationMs: number): BusOutage | null {
  if (bus === undefined) return null
  const lengths = bus.outages.map(({ fromMs, toMs }) => (toMs ?? durationMs) - fromMs)
  if (lengths.length === 0 && bus.restarts === 0 && bus.gaps === 0) return null
  return {
    name: bus.name,
    longestMs: Math.max(0, ...lengths),
    isOver: bus.outages.every(({ toMs }) => toMs !== null),
    beganAnew: bus.restarts > 0,
    cause: bus.outages[0]?.cause ?? null,
  }
}
