import { type Clock, nowNs } from '../measure/clock.ts'
import type { Backplane, Stop } from './backplane.ts'
import { DelayLine } from './delay-line.ts'
import { type Decision, type FaultCounts, FaultDraw, type Faults, noFaults } from './faults.ts'
import { WakefulTimer, type Waker } from './wakeful-timer.ts'

/** A message on its way, and what is to happen to it at the end. */
interface Parcel<Message> {
  readonly channel: string
  readonly message: Message
  readonly fault: Decision['fault']
}

/**
 * A backplane that misbehaves on purpose, and keeps an account of it that an audit can be held
 * against. It stands between publisher and log, so that all transports are hit alike; the publisher
 * is told at once that all was taken.
 */
export class FaultyBackplane<Message extends { readonly channel: string }>
  implements Backplane<Message>
{
  readonly #counts = noFaults()
  readonly #inner: Backplane<Message>
  readonly #draw: FaultDraw
  readonly #line: DelayLine<Parcel<Message>>
  /** By channel, what the next message is to overtake. */
  readonly #overtaken = new Map<string, Message>()

  constructor(
    inner: Backplane<Message>,
    faults: Faults,
    clock: Clock = nowNs,
    createTimer: (wake: () => void) => Waker = (wake) => new WakefulTimer(wake, clock),
  ) {
    this.#inner = inner
    this.#draw = new FaultDraw(faults)
    this.#line = new DelayLine(
      faults.delay.ms,
      (parcels) => this.#arriveLate(parcels),
      clock,
      createTimer,
    )
  }

  get counts(): Readonly<FaultCounts> {
    return this.#counts
  }

  publish(messages: readonly Message[]): Promise<void> {
    const inTime: Parcel<Message>[] = []
    for (const message of messages) {
      const { fault, late } = this.#draw.next()
      const parcel = { channel: message.channel, message, fault }
      if (fault === 'drop') this.#counts.dropped++
      else if (late) {
        this.#counts.delayed++
        this.#line.delay(parcel)
      } else if (!this.#line.queue(parcel)) inTime.push(parcel)
    }
    return this.#arrive(inTime)
  }

  subscribe(receive: (messages: readonly Message[]) => void): Promise<Stop> {
    return this.#inner.subscribe(receive)
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

  /** What is logged when a message arrives. */
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
