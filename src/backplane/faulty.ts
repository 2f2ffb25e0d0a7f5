import { type Clock, nowNs } from '../measure/clock.ts'
import { seededRandom } from '../measure/random.ts'
import type { Intake } from './backplane.ts'
import { DelayLine, type WakeAt, wakeAt } from './delay-line.ts'

/** A message on its way, and what is to happen to it at the end. */
interface Parcel<Message> {
  readonly channel: string
  readonly message: Message
  readonly fault: Decision['fault']
}

/**
 * An intake that misbehaves on purpose, and keeps an account that an audit can be held against. It
 * stands between publisher and log, so that all transports are hit alike; the publisher is told at
 * once that all was taken.
 */
export class FaultyIntake<Message extends { readonly channel: string }> implements Intake<Message> {
  readonly #counts = noFaults()
  readonly #inner: Intake<Message>
  readonly #decide: () => Decision
  readonly #line: DelayLine<Parcel<Message>>
  /** The message of each channel that the next one is to overtake. */
  readonly #overtaken = new Map<string, Message>()

  constructor(inner: Intake<Message>, faults: Faults, clock: Clock = nowNs, wake: WakeAt = wakeAt) {
    this.#inner = inner
    this.#decide = drawFaults(faults)
    this.#line = new DelayLine(faults.delay.ms, (parcels) => this.#arriveLate(parcels), clock, wake)
  }

  get counts(): Readonly<FaultCounts> {
    return this.#counts
  }

  publish(messages: readonly Message[]): Promise<void> {
    const inTime: Parcel<Message>[] = []
    for (const message of messages) {
      const { fault, late } = this.#decide()
      const parcel = { channel: message.channel, message, fault }
      if (fault === 'drop') this.#counts.dropped++
      else if (late) {
        this.#counts.delayed++
        this.#line.delay(parcel)
      } else if (!this.#line.queue(parcel)) inTime.push(parcel)
    }
    return this.#arrive(inTime)
  }

  #arriveLate(parcels: readonly Parcel<Message>[]): void {
    this.#arrive(parcels).catch(() => {
      // Its publisher has its answer already.
      this.#counts.dropped += parcels.length
    })
  }

  #arrive(parcels: readonly Parcel<Message>[]): Promise<void> {
    const messages = parcels.flatMap((parcel) => this.#misbehave(parcel))
    return messages.length === 0 ? Promise.resolve() : this.#inner.publish(messages)
  }

  /** The messages that are logged when one arrives. */
  #misbehave({ channel, message, fault }: Parcel<Message>): readonly Message[] {
    const overtaken = this.#overtaken.get(channel)
    // Where one is waiting to be overtaken already, this is what overtakes it.
    if (fault === 'swap' && overtaken === undefined) {
      this.#overtaken.set(channel, message)
      this.#counts.waiting++
      return []
    }
    const logged = [message]
    if (fault === 'duplicate') {
      this.#counts.duplicated++
      logged.push(message)
    }
    if (overtaken !== undefined) {
      this.#overtaken.delete(channel)
      this.#counts.waiting--
      this.#counts.swapped++
      logged.push(overtaken)
    }
    return logged
  }
}

/** The faults that a server is to make: shares of all events, from 0, none, to 1, every one. */
export interface Faults {
  /** One seed hits the same events of the same sequence. */
  readonly seed: number
  /** Events never reach the log. */
  readonly drop: number
  /** Events are logged twice. */
  readonly duplicate: number
  /** Events are logged after the next one of their channel. */
  readonly swap: number
  /** Events reach the log later. */
  readonly delay: { readonly ms: number; readonly share: number }
}

/** The counts of faults so far; `waiting` are to be swapped with one that has not come: lost until then. */
export type FaultCounts = ReturnType<typeof noFaults>

export function noFaults() {
  return { dropped: 0, duplicated: 0, swapped: 0, delayed: 0, waiting: 0 }
}

export interface Decision {
  readonly fault: 'drop' | 'duplicate' | 'swap' | null
  readonly late: boolean
}

/**
 * Decides event by event. One number is drawn for the fault, so that an event has one at most and
 * every share is of all events; another one for the delay, which goes with any fault. Each has a
 * stream of its own: the same events are dropped, with a delay and without.
 */
export function drawFaults({ seed, drop, duplicate, swap, delay }: Faults): () => Decision {
  const faultRandom = seededRandom(seed, 0)
  const delayRandom = seededRandom(seed, 1)
  const drawFault = (): Decision['fault'] => {
    const drawn = faultRandom()
    if (drawn < drop) return 'drop'
    if (drawn < drop + duplicate) return 'duplicate'
    return drawn < drop + duplicate + swap ? 'swap' : null
  }
  return () => ({ fault: drawFault(), late: delayRandom() < delay.share })
}
