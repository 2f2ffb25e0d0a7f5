import { NS_PER_MS, NS_PER_US } from '../measure/clock.ts'

/** A server takes in at leisure what came so late; what is later may make a queue. */
const QUEUE_NS = 5 * NS_PER_MS
/** A delivery is punctual that the instrument made late by less. */
const PUNCTUAL_US = 1_000
/** A server that is busy four fifths of its time catches up by a fifth of it. */
const DRAIN = 0.2

/**
 * What a publisher owes that was late: what it held up arrives at once, and what comes after that in
 * time queues behind it. In a server that serves one after the other every departure is late by as
 * much as any event before it in the same busy period, at most. Nobody tells when that period is
 * over, so that a server is taken to be busy four fifths of its time: the debt shrinks by the rest. One
 * that is busier is late for longer, and the run is suspect for the standstill itself.
 */
export class SlipDebt {
  #debtNs = 0
  #atNs = 0

  /** How late an event that leaves at a moment may arrive through those before it, nanoseconds. */
  at(nowNs: number): number {
    return Math.max(0, this.#debtNs - (nowNs - this.#atNs) * DRAIN)
  }

  /** An event left so late. */
  take(slipNs: number, nowNs: number): void {
    if (slipNs < QUEUE_NS || slipNs < this.at(nowNs)) return
    this.#debtNs = slipNs
    this.#atNs = nowNs
  }
}

/**
 * What a client makes of a debt: what a publisher owns up to may be a queue, and without that an event
 * would have taken as long as the fastest punctual delivery, at least.
 */
export class FastestDelivery {
  /** Null before there was one. */
  #leastUs: number | null = null

  /**
   * By how much of a latency the publisher was late, at most, of what it owns up to.
   * @param otherUs how late the delivery was otherwise
   */
  slipOf(ownedUs: number, latencyUs: number, otherUs: number): number {
    if (ownedUs <= QUEUE_NS / NS_PER_US) return ownedUs
    return Math.max(0, Math.min(ownedUs, latencyUs - otherUs - (this.#leastUs ?? 0)))
  }

  /** A delivery that the instrument made late by so much. */
  take(latencyUs: number, lateUs: number): void {
    if (lateUs >= PUNCTUAL_US) return
    const punctualUs = Math.max(0, latencyUs - lateUs)
    this.#leastUs = Math.min(this.#leastUs ?? punctualUs, punctualUs)
  }
}
