import { MIN_SAMPLES_P99 } from '../measure/histogram.ts'
import { studentQuantile } from '../measure/interval.ts'
import type { Run, TimelineEntry } from '../result/document.ts'
import type { InstanceReading, Readings } from './server-reading.ts'

/** The server before and after it had nothing to do, and after it took in what nobody heard. */
export interface Rehearsal {
  readonly begin: Readings
  readonly idle: Readings
  readonly end: Readings
}

/** The costs that a server's CPU time is spent on; null where one is not known. */
type ServerCost = Pick<
  NonNullable<Run['server']>,
  'idleCpuUtilisation' | 'ingestCpuUsPerEvent' | 'cpuUsPerDelivery' | 'cpuUsPerDeliveryInterval'
>

export interface CostFacts {
  readonly rehearsal: Rehearsal | null
  /** Events that nobody heard, all of the rehearsal. */
  readonly unheard: number
  readonly begin: Readings
  readonly end: Readings
  readonly sent: number
  readonly deliveries: number
  /** Clients get events by asking, so that what an idle server does is the technique's doing. */
  readonly asks: boolean
  readonly seconds: readonly TimelineEntry[]
}

export const NOT_KNOWN: ServerCost = {
  idleCpuUtilisation: null,
  ingestCpuUsPerEvent: null,
  cpuUsPerDelivery: null,
  cpuUsPerDeliveryInterval: null,
}

/**
 * Takes a server's CPU time in the window apart: what it takes for being there, by a stretch in which
 * nothing was published; what it takes for each event that comes in, by a stretch of events that
 * nobody heard; and the rest, which is the technique's. Requests of clients that ask are part of that
 * rest, also while nothing is published.
 */
export function serverCostOf(facts: CostFacts): ServerCost {
  const { rehearsal, begin, end, unheard, sent, deliveries, asks } = facts
  if (rehearsal === null || unheard === 0) return NOT_KNOWN
  const inOrder = [rehearsal.begin, rehearsal.idle, rehearsal.end, begin, end]
  const isOne = inOrder.every((after, at) => at === 0 || isSameServer(inOrder[at - 1] ?? [], after))
  const idle = utilisation(rehearsal.begin, rehearsal.idle)
  if (!isOne || idle === null) return NOT_KNOWN
  const ingestSeconds = secondsBetween(rehearsal.idle, rehearsal.end)
  const seconds = secondsBetween(begin, end)
  const ingest = (serverCpuUs(rehearsal.idle, rehearsal.end) - idle * 1e6 * ingestSeconds) / unheard
  const own = serverCpuUs(begin, end) - ingest * sent - (asks ? 0 : idle * 1e6 * seconds)
  const perDelivery = deliveries === 0 ? null : own / deliveries
  // Less than nothing: what clients ask meanwhile varies by more than that.
  const cost = { idleCpuUtilisation: idle, ingestCpuUsPerEvent: ingest > 0 ? ingest : null }
  if (perDelivery === null) return { ...NOT_KNOWN, ...cost }
  const idleSeconds = secondsBetween(rehearsal.begin, rehearsal.idle)
  const noise = noiseOf(facts.seconds)
  // The window's own noise, and that of both stretches as often as each is taken off.
  const ratio = sent / unheard
  const idleTimes = asks ? ratio * ingestSeconds : seconds - ratio * ingestSeconds
  const variance =
    seconds + ratio ** 2 * ingestSeconds + (idleTimes / idleSeconds) ** 2 * idleSeconds
  const widthUs = noise === null ? null : (noise * Math.sqrt(variance)) / deliveries
  // Less than nothing is left, and chance does not explain it: the stretches were not like the window.
  if (perDelivery + (widthUs ?? 0) < 0) return { ...NOT_KNOWN, ...cost }
  return {
    ...cost,
    cpuUsPerDelivery: Math.max(0, perDelivery),
    cpuUsPerDeliveryInterval:
      widthUs === null ? null : [Math.max(0, perDelivery - widthUs), perDelivery + widthUs],
  }
}

function secondsBetween([before]: Readings, [after]: Readings): number {
  return ((after?.upMs ?? 0) - (before?.upMs ?? 0)) / 1e3
}

/** Fewer seconds say nothing about how even they are. */
const LEAST_SECONDS = 5

/**
 * By how much the CPU time of one second differs from what its events and deliveries account for, in
 * 95 of 100 seconds; microseconds. Null of too few seconds.
 */
function noiseOf(timeline: readonly TimelineEntry[]): number | null {
  const seconds = timeline.flatMap(({ serverCpuUtilisation, published, deliveries }) =>
    serverCpuUtilisation === null
      ? []
      : [{ cpuUs: serverCpuUtilisation * 1e6, load: published + deliveries }],
  )
  const freedom = seconds.length - 1
  if (seconds.length < LEAST_SECONDS) return null
  const sum = (of: (second: { cpuUs: number; load: number }) => number): number =>
    seconds.reduce((total, second) => total + of(second), 0)
  const meanCpu = sum(({ cpuUs }) => cpuUs) / seconds.length
  const meanLoad = sum(({ load }) => load) / seconds.length
  const spread = sum(({ load }) => (load - meanLoad) ** 2)
  const together = sum(({ load, cpuUs }) => (load - meanLoad) * (cpuUs - meanCpu))
  const slope = spread === 0 ? 0 : together / spread
  const rest = sum(({ load, cpuUs }) => (cpuUs - meanCpu - slope * (load - meanLoad)) ** 2)
  return studentQuantile(freedom) * Math.sqrt(rest / freedom)
}

/**
 * From the server's acceptance to its write, the mean over all that it delivered between two
 * readings, microseconds; null where it does not tell. What a poll collects later did not wait for
 * a fan-out.
 */
export function fanOutMeanUs(
  before: Readings | null | undefined,
  after: Readings | null | undefined,
): number | null {
  if (before == null || after == null) return null
  if ([...before, ...after].some(({ fanOut }) => fanOut === undefined)) return null
  const waitedUs = growth(before, after, ({ fanOut }) => fanOut?.waitedUs ?? 0)
  const deliveries = growth(before, after, ({ transports }) =>
    Object.values(transports).reduce((sum, meter) => sum + meter.deliveries, 0),
  )
  return deliveries > 0 ? waitedUs / deliveries : null
}

/** From an event's first receiver to its last: of the slowest instance, since the window began. */
export function fanOutOf(readings: Readings | null): NonNullable<Run['fanOut']> | null {
  if (readings === null) return null
  const told = readings.flatMap(({ fanOut }) => (fanOut === undefined ? [] : [fanOut]))
  if (told.length < readings.length || told.length === 0) return null
  const carried = told.every(({ events }) => events >= MIN_SAMPLES_P99)
  return {
    p99Us: carried ? Math.max(...told.map(({ spanP99Us }) => spanP99Us)) : null,
    maxUs: Math.max(...told.map(({ spanMaxUs }) => spanMaxUs)),
  }
}

export function heldBy(readings: Readings, transport: string): number {
  return sumOf(readings, ({ transports }) => transports[transport]?.held ?? 0)
}

/** Whether no instance was started anew between two readings, so that their counts have a difference. */
export function isSameServer(before: Readings, after: Readings): boolean {
  return after.every(({ pid, upMs, restarts }, index) => {
    const earlier = before[index]
    if (earlier === undefined || earlier.restarts !== restarts) return false
    return earlier.pid === pid && earlier.upMs <= upMs
  })
}

/** Connections closed since they did not read, between two readings. */
export function slowConsumers(before: Readings, after: Readings, transport: string): number {
  return growth(before, after, ({ transports }) => transports[transport]?.slowConsumers ?? 0)
}

/** Processor time of all instances between two readings, microseconds. */
export function serverCpuUs(before: Readings, after: Readings): number {
  return growth(before, after, ({ cpu }) => cpu.userUs + cpu.systemUs)
}

/**
 * The same though instances were started anew: without what it took to start them, and what they took between
 * the first reading and their end. Null where one does not tell.
 */
export function servingCpuUs(before: Readings, after: Readings): number | null {
  let sum = 0
  for (const [index, { cpu, restarts }] of after.entries()) {
    const earlier = before[index]
    const isSame = earlier?.restarts === restarts
    const fromUs = isSame ? earlier.cpu.userUs + earlier.cpu.systemUs : (cpu.startUs ?? null)
    if (fromUs === null) return null
    sum += Math.max(0, cpu.userUs + cpu.systemUs - fromUs)
  }
  return sum
}

/** Cores busy on the average: 1.5 is one and a half; null of no time, or of two servers' lives. */
export function utilisation(before: Readings, after: Readings): number | null {
  if (!isSameServer(before, after)) return null
  const elapsedMs = (after[0]?.upMs ?? 0) - (before[0]?.upMs ?? 0)
  return elapsedMs > 0 ? serverCpuUs(before, after) / 1e3 / elapsedMs : null
}

type FigureOf = (reading: InstanceReading) => number

function growth(before: Readings, after: Readings, of: FigureOf): number {
  return sumOf(after, of) - sumOf(before, of)
}

function sumOf(readings: Readings, of: FigureOf): number {
  return readings.reduce((sum, reading) => sum + of(reading), 0)
}
