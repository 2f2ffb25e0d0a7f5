import type { Percentile } from '../result/advice.ts'

const SHARES: Readonly<Record<Percentile, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 }
const LEAST_MS = 1
const MOST_MS = 3_600_000

/**
 * What a poller's percentile is beside its interval, microseconds. An event comes at any moment of
 * the interval with the same probability, so that it waits for the next question uniformly: 99 of 100
 * wait for less than 0.99 of it. The rest is the server, the network and the machine.
 */
export function overheadUs(percentile: Percentile, latencyUs: number, intervalMs: number): number {
  return Math.max(0, latencyUs - SHARES[percentile] * intervalMs * 1000)
}

/** A poller's percentile at an interval, microseconds. */
export function polledUs(percentile: Percentile, overhead: number, intervalMs: number): number {
  return SHARES[percentile] * intervalMs * 1000 + overhead
}

/**
 * The largest interval whose percentile keeps a latency, milliseconds, rounded down to two digits;
 * null where even the least that a scenario takes, 1 ms, does not.
 */
export function largestIntervalMs(
  percentile: Percentile,
  overhead: number,
  wantedUs: number,
): number | null {
  const exact = Math.min(MOST_MS, (wantedUs - overhead) / 1000 / SHARES[percentile])
  if (exact < LEAST_MS) return null
  const step = 10 ** Math.max(0, Math.floor(Math.log10(exact)) - 1)
  return Math.floor(exact / step) * step
}
