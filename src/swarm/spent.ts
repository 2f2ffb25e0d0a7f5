import { MIN_SAMPLES_P99 } from '../measure/histogram.ts'
import type { LatencySummary, Run } from '../result/document.ts'
import type { InstanceReading } from './server-watch.ts'

type Readings = readonly InstanceReading[]

/** Means, microseconds. */
interface Means {
  /** From the intended publish to the receipt. */
  readonly responseUs: number
  /** From the acceptance to the receipt. */
  readonly serviceUs: number
  /** From the intended publish to when it was sent. */
  readonly slipUs: number
  /** From the acceptance to the server's write. */
  readonly fanOutUs: number
}

/** What two exact means may differ by when they come from histograms of three digits. */
const ROUNDING = 0.001
const ROUNDING_US = 1

/**
 * Where a delivery's latency was spent, as means, since means add up and percentiles do not. Null
 * where a part is below zero by more than the histograms round: the parts were not taken of the
 * same deliveries then, and their sum would only look right.
 */
export function spentOf({
  responseUs,
  serviceUs,
  slipUs,
  fanOutUs,
}: Means): NonNullable<Run['spent']> | null {
  const parts = {
    slipUs: tenths(slipUs),
    acceptUs: tenths(responseUs - serviceUs - slipUs),
    fanOutUs: tenths(fanOutUs),
    readUs: tenths(serviceUs - fanOutUs),
  }
  const least = -Math.max(ROUNDING_US, responseUs * ROUNDING)
  return Object.values(parts).some((part) => part < least) ? null : parts
}

/**
 * Gathers the means; null where one of them is not known, or where not every delivery has a service
 * latency: means of other deliveries do not add up.
 */
export function meansOf(
  response: LatencySummary,
  service: LatencySummary | null,
  slipUs: number | null,
  fanOutUs: number | null,
): Means | null {
  const { meanUs: responseUs } = response
  if (service === null || service.count !== response.count || responseUs === null) return null
  const { meanUs: serviceUs } = service
  if (serviceUs === null || slipUs === null || fanOutUs === null) return null
  return { responseUs, serviceUs, slipUs, fanOutUs }
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
  let waitedUs = 0
  let deliveries = 0
  for (const [readings, sign] of [
    [before, -1],
    [after, 1],
  ] as const) {
    for (const { fanOut, transports } of readings) {
      if (fanOut === undefined) return null
      waitedUs += sign * fanOut.waitedUs
      for (const meter of Object.values(transports)) deliveries += sign * meter.deliveries
    }
  }
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

/** As exact as the means that histograms tell. */
function tenths(us: number): number {
  return Math.round(us * 10) / 10
}
