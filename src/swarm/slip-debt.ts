import { NS_PER_MS } from '../measure/clock.ts'

/** A server takes in at leisure what came so late. */
const GRAVE_NS = 5 * NS_PER_MS
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
    if (slipNs < GRAVE_NS || slipNs < this.at(nowNs)) return
    this.#debtNs = slipNs
    this.#atNs = nowNs
  }
}
