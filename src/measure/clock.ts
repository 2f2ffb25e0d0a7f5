/**
 * The monotonic clock that all processes of a host share, nanoseconds since boot.
 *
 * `process.hrtime()` rather than `performance.now()`, whose zero is the process's own start. As a
 * double it is exact for 104 days of uptime and within 2 ns for a year after.
 */
export function nowNs(): number {
  const time = process.hrtime()
  return time[0] * 1e9 + time[1]
}

/** A source of `nowNs`, so that tests can turn the hands themselves. */
export type Clock = () => number

export const NS_PER_MS = 1e6
export const NS_PER_US = 1e3
export const NS_PER_SECOND = 1e9
