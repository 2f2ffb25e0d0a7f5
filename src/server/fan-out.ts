import { createHistogram } from 'node:perf_hooks'
import { NS_PER_US } from '../measure/clock.ts'

/** An hour, microseconds: no fan-out is longer. */
const HIGHEST_US = 3600e6

/** How long events waited for the writes to their receivers. */
export interface FanOutReading {
  /**
   * From an event's acceptance until the write to each of its receivers begins, microseconds, summed
   * over receivers since the server's start.
   */
  readonly waitedUs: number
  /** Events that had a receiver, since the last reset. */
  readonly events: number
  /** From the first receiver to the last one of an event, microseconds, since the last reset. */
  readonly spanP99Us: number
  readonly spanMaxUs: number
}

/**
 * The account of a hub's fan-outs. It is told once an event, whatever the number of receivers, and
 * costs a tenth of a microsecond.
 */
export class FanOutMeter {
  readonly #spans = createHistogram({ lowest: 1, highest: HIGHEST_US, figures: 2 })
  #waitedNs = 0

  /**
   * Books the fan-out of one event. Its receivers are taken to be written to one after the other,
   * evenly over the time, so that the mean of `n` of them has waited for (n - 1) / 2n of it. The
   * write itself is not waited for: on loopback a client may have read before it returns.
   */
  book(receivers: number, acceptedAtNs: number, firstAtNs: number, lastAtNs: number): void {
    const spanNs = lastAtNs - firstAtNs
    this.#waitedNs += receivers * (firstAtNs - acceptedAtNs) + ((receivers - 1) / 2) * spanNs
    const spanUs = Math.round(spanNs / NS_PER_US)
    this.#spans.record(Math.min(HIGHEST_US, Math.max(1, spanUs)))
  }

  read(): FanOutReading {
    const { count } = this.#spans
    return {
      waitedUs: Math.round(this.#waitedNs / NS_PER_US),
      events: count,
      spanP99Us: count === 0 ? 0 : this.#spans.percentile(99),
      spanMaxUs: count === 0 ? 0 : this.#spans.max,
    }
  }

  /** Begins a new window of the spans. */
  reset(): void {
    this.#spans.reset()
  }
}
