import type { Workload } from '../result/advice.ts'
import { writeDuration } from '../scenario/units.ts'
import { clientsWithin } from './extrapolation.ts'
import { largestIntervalMs } from './interval.ts'

/** What one machine carries for a comparison of all techniques. */
const MOST_CLIENTS = 1000
/** For a p99 that says something of each technique. */
const LEAST_DELIVERIES = 1000
const LONGEST_INTERVAL_MS = 10_000

/** The keys of a scenario, as a file says them. */
export interface MeasurementWish {
  readonly clients: number
  readonly rate: number
  readonly interval: string
  readonly duration: string
}

/**
 * The measurement that is nearest to a workload: as many of its users as one machine carries, its
 * rate unless that delivers too little, and the interval that theory gives a poller.
 */
export function measurementFor(
  { users, eventsPerUserPerSecond, wanted }: Workload,
  clients = Math.min(users, MOST_CLIENTS),
): MeasurementWish {
  const exact = largestIntervalMs(wanted.percentile, 0, wanted.latencyUs) ?? 1
  const intervalMs = Math.min(LONGEST_INTERVAL_MS, exact)
  const durationMs = Math.max(10_000, 3 * intervalMs)
  const least = LEAST_DELIVERIES / clients / (durationMs / 1000)
  const rate = Math.max(eventsPerUserPerSecond, least)
  return {
    clients,
    rate: Number(rate.toPrecision(2)),
    interval: writeDuration(intervalMs),
    duration: writeDuration(durationMs),
  }
}

/** The measurement that is near enough to a workload for its figures to be trusted, however large. */
export function measurementWithin(workload: Workload): MeasurementWish {
  const { users } = workload
  return measurementFor(workload, Math.min(users, Math.max(MOST_CLIENTS, clientsWithin(users))))
}

/** As it is typed; of some transports alone where they are named. */
export function measuringCommand(
  { clients, rate, interval, duration }: MeasurementWish,
  transports: readonly string[] = [],
): string {
  const only = transports.length === 0 ? '' : ` --transport ${transports.join(',')}`
  return `rtbench run${only} --clients ${clients} --rate ${rate} --interval ${interval} --duration ${duration}`
}
