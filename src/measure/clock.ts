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

/** Facts that the stamps of the server's acceptance are held against. Times in microseconds. */
export interface StampFacts {
  /** Deliveries that were received before the server accepted them. */
  readonly early: number
  /** Deliveries that the server accepted before they were due. */
  readonly premature: number
  /** Means of the same deliveries: since they were due, since they were accepted, and until they were sent. */
  readonly means: {
    readonly responseUs: number
    readonly serviceUs: number
    readonly slipUs: number
  } | null
}

/** The server's clock is another one than the swarm's. */
export interface ClockOffset {
  readonly direction: 'ahead' | 'behind'
  /** Deliveries whose stamp shows it; 0 where their mean does. */
  readonly count: number
  /** It is off by this much or more; null where nothing tells how much. */
  readonly leastUs: number | null
}

/** Histograms have three digits, and stamps are rounded. */
export const STAMP_TOLERANCE_US = 100
const ROUNDING = 0.002

/**
 * Events are due, then sent, then accepted, then received: what contradicts that order was stamped by
 * two clocks. Null where nothing does; one that is off by less than the path takes goes unseen.
 */
export function clockOffset({ early, premature, means }: StampFacts): ClockOffset | null {
  const behindUs = means === null ? 0 : means.serviceUs + means.slipUs - means.responseUs
  const leastUs = isBeyond(behindUs, means?.responseUs ?? 0) ? behindUs : null
  if (early > premature) return { direction: 'ahead', count: early, leastUs: null }
  return premature > 0 || leastUs !== null
    ? { direction: 'behind', count: premature, leastUs }
    : null
}

function isBeyond(us: number, ofUs: number): boolean {
  return us > STAMP_TOLERANCE_US + ROUNDING * ofUs
}
