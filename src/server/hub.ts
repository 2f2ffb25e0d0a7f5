import { createHistogram } from 'node:perf_hooks'
import type { Backplane } from '../backplane/in-process.ts'
import { type Clock, NS_PER_US, nowNs } from '../measure/clock.ts'
import type { Hub, Publication, Replay, ServerLimits, Subscriber } from '../transports/transport.ts'
import type { EventLog } from './event-log.ts'

/** Subscribers by channel, over one log: what is published is logged, then fanned out. */
export class EventHub implements Hub {
  readonly limits: ServerLimits
  readonly fanOut = new FanOutMeter()
  readonly #log: EventLog
  readonly #backplane: Backplane<Publication>
  readonly #clock: Clock
  readonly #subscribers = new Map<string, Set<Subscriber>>()
  /** Events accepted since the start. */
  published = 0

  constructor(
    log: EventLog,
    backplane: Backplane<Publication>,
    limits: ServerLimits,
    clock: Clock = nowNs,
  ) {
    this.#log = log
    this.#backplane = backplane
    this.limits = limits
    this.#clock = clock
  }

  /** Goes on its backplane, from which all events come. */
  join(): Promise<void> {
    return this.#backplane.subscribe((publications) => this.#accept(publications))
  }

  get lastEventId(): string {
    return this.#log.lastEventId
  }

  subscribe(channel: string, subscriber: Subscriber): void {
    const known = this.#subscribers.get(channel)
    if (known === undefined) this.#subscribers.set(channel, new Set([subscriber]))
    else known.add(subscriber)
  }

  unsubscribe(channel: string, subscriber: Subscriber): void {
    const known = this.#subscribers.get(channel)
    if (known?.delete(subscriber) && known.size === 0) this.#subscribers.delete(channel)
  }

  replay(channels: readonly string[], afterId: string, maxBytes: number): Replay {
    return this.#log.replay(channels, afterId, maxBytes)
  }

  publish(publications: readonly Publication[]): Promise<void> {
    return this.#backplane.publish(publications)
  }

  // The whole batch is in the log before the first subscriber hears of it: a long poll answers
  // with all of it at once, and no resume can fall between an event and its log entry.
  #accept(publications: readonly Publication[]): void {
    const acceptedAtNs = this.#clock()
    const events = publications.map((publication) => this.#log.append(publication))
    this.published += events.length
    // Each fan-out begins where the one before it ended: one reading of the clock is enough for it.
    let sinceNs = this.#clock()
    for (const event of events) {
      const subscribers = this.#subscribers.get(event.channel)
      if (subscribers === undefined) continue
      // Counted before: a poll leaves when it is answered.
      const { size } = subscribers
      for (const subscriber of subscribers) subscriber.deliver(event)
      const untilNs = this.#clock()
      this.fanOut.book(size, acceptedAtNs, sinceNs, untilNs)
      sinceNs = untilNs
    }
  }
}

/** An hour, microseconds: no fan-out is longer. */
const HIGHEST_US = 3600e6

/**
 * The account of a hub's fan-outs: how long events waited for the writes to their receivers. It is told
 * once an event, whatever the number of receivers, and costs a tenth of a microsecond.
 */
export class FanOutMeter {
  /** The time from an event's first receiver to its last one, since the last reset. */
  readonly #spans = createHistogram({ lowest: 1, highest: HIGHEST_US, figures: 2 })
  /** From acceptance until the write to each receiver begins, summed over receivers since the start. */
  #waitedNs = 0

  /**
   * Books the fan-out of one event. Its receivers are taken to be written to evenly over the time, so
   * that the mean of `n` of them has waited for (n - 1) / 2n of it. The write itself is not waited
   * for: on loopback a client may have read before it returns.
   */
  book(receivers: number, acceptedAtNs: number, firstAtNs: number, lastAtNs: number): void {
    const spanNs = lastAtNs - firstAtNs
    this.#waitedNs += receivers * (firstAtNs - acceptedAtNs) + ((receivers - 1) / 2) * spanNs
    const spanUs = Math.round(spanNs / NS_PER_US)
    this.#spans.record(Math.min(HIGHEST_US, Math.max(1, spanUs)))
  }

  read() {
    const { count } = this.#spans
    return {
      waitedUs: Math.round(this.#waitedNs / NS_PER_US),
      events: count,
      spanP99Us: count === 0 ? 0 : this.#spans.percentile(99),
      spanMaxUs: count === 0 ? 0 : this.#spans.max,
    }
  }

  reset(): void {
    this.#spans.reset()
  }
}
