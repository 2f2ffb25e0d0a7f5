import { createHistogram } from 'node:perf_hooks'
import type {
  Backplane,
  BusMessage,
  BusReceiver,
  Delivered,
  Intake,
} from '../backplane/backplane.ts'
import { type Clock, NS_PER_US, nowNs } from '../measure/clock.ts'
import type {
  Hub,
  Publication,
  PublishedEvent,
  Replay,
  ServerLimits,
  Subscriber,
} from '../transports/transport.ts'
import { ChannelInterest } from './channel-interest.ts'
import type { EventLog } from './event-log.ts'

/** Subscribers by channel, over one log: what is published is logged, then fanned out. */
export class EventHub implements Hub {
  readonly limits: ServerLimits
  readonly fanOut = new FanOutMeter()
  readonly #log: EventLog
  readonly #clock: Clock
  readonly #subscribers = new Map<string, Set<Subscriber>>()
  #intake: Intake<Publication> = { publish: (publications) => this.take(publications) }
  /** Null where every event comes here anyway. */
  #interest: ChannelInterest | null = null
  /** Events logged since the start. */
  published = 0

  constructor(log: EventLog, limits: ServerLimits, clock: Clock = nowNs) {
    this.#log = log
    this.limits = limits
    this.#clock = clock
  }

  /** Puts something before what takes events in; called once. */
  intercept(wrap: (inner: Intake<Publication>) => Intake<Publication>): void {
    this.#intake = wrap(this.#intake)
  }

  /**
   * Goes on a bus, from which all events come from now on, and to which all go that are published
   * here. Resolves when what its store retains is here.
   * @param listener is told what the hub is told
   */
  async join(bus: Backplane, listener: BusListener): Promise<void> {
    const publish = (publications: readonly Publication[]): Promise<void> => {
      const acceptedAtNs = this.#clock()
      return bus.publish(publications.map((one): BusMessage => ({ ...one, acceptedAtNs })))
    }
    this.#intake = { publish }
    if (bus.channels !== null) {
      this.#interest = new ChannelInterest(bus.channels, {
        isHeard: (channel) => this.#subscribers.has(channel),
        entered: (channel, lostUpTo) => this.#log.enter(channel, lostUpTo),
        left: (channel) => this.#log.leave(channel),
      })
    }
    await bus.join(this.#receiver(listener))
  }

  get lastEventId(): string {
    return this.#log.lastEventId
  }

  cursorFrom(id: string | null): string {
    return this.#log.cursorFrom(id)
  }

  precedes(event: PublishedEvent, id: string): boolean {
    return this.#log.precedes(event, id)
  }

  enter(channels: readonly string[]): Promise<void> | null {
    return this.#interest === null ? null : this.#interest.enter(channels)
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
    return this.#intake.publish(publications)
  }

  /** Takes events in as they come, in an order of the log's own. */
  take(publications: readonly Publication[]): Promise<void> {
    const acceptedAtNs = this.#clock()
    this.#fanOut(
      publications.map((publication) => this.#log.append(publication)),
      acceptedAtNs,
    )
    return Promise.resolve()
  }

  #receiver(listener: BusListener): BusReceiver {
    let hasBegun = false
    return {
      begin: (epoch, lostUpTo) => {
        const before = this.lastEventId
        this.#log.begin(epoch, lostUpTo)
        // What the bus had of the entered channels it has no more.
        if (hasBegun) this.miss(before)
        hasBegun = true
        listener.begun(epoch)
      },
      receive: (events) => this.#receive(events, listener),
      gap: (lostUpTo) => {
        const before = this.lastEventId
        this.#log.lose(lostUpTo)
        this.miss(before)
        listener.gap()
      },
      lost: (cause) => listener.lost(cause),
      restored: () => listener.restored(),
    }
  }

  #receive(events: readonly Delivered[], listener: BusListener): void {
    const receivedAtNs = this.#clock()
    listener.received(
      receivedAtNs,
      events.map(({ message }) => message.acceptedAtNs),
    )
    this.#fanOut(
      events.map(({ position, message }) =>
        this.#log.insert(message, message.acceptedAtNs, position),
      ),
      receivedAtNs,
    )
  }

  /** Tells every subscriber that events after an id may be missing. */
  protected miss(afterId: string): void {
    const all = new Set([...this.#subscribers.values()].flatMap((subscribers) => [...subscribers]))
    for (const subscriber of all) subscriber.missed(afterId)
  }

  // The whole batch is in the log before the first subscriber hears of it: a long poll answers
  // with all of it at once, and no resume can fall between an event and its log entry.
  #fanOut(events: readonly PublishedEvent[], acceptedAtNs: number): void {
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

/** A listener to what becomes of the bus. */
export interface BusListener extends Pick<BusReceiver, 'lost' | 'restored'> {
  begun(epoch: string): void
  /** When events came, and when each was accepted, nanoseconds. */
  received(atNs: number, acceptedAtNs: readonly number[]): void
  gap(): void
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
