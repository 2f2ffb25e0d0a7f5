import { type Clock, NS_PER_MS } from '../measure/clock.ts'
import type { Waker } from './wakeful-timer.ts'

/** A late message, and what of its channel has come after it in time and goes on with it. */
interface Late<Message> {
  readonly channel: string
  readonly dueNs: number
  readonly messages: Message[]
}

/**
 * Holds late messages back for one and the same time. What of their channel is not late itself
 * waits behind them: a channel keeps its order.
 */
export class DelayLine<Message extends { readonly channel: string }> {
  readonly #delayNs: number
  readonly #clock: Clock
  readonly #timer: Waker
  readonly #arrive: (messages: readonly Message[]) => void
  /** In the order of their times, since the delay is the same for all. */
  readonly #late: Late<Message>[] = []
  /** The newest one of each channel. */
  readonly #newest = new Map<string, Late<Message>>()

  /** @param arrive called with all that is due, in the order of their times */
  constructor(
    delayMs: number,
    arrive: (messages: readonly Message[]) => void,
    clock: Clock,
    createTimer: (wake: () => void) => Waker,
  ) {
    this.#delayNs = delayMs * NS_PER_MS
    this.#arrive = arrive
    this.#clock = clock
    this.#timer = createTimer(() => this.#release())
  }

  /** Takes a message that is late. */
  delay(message: Message): void {
    const { channel } = message
    const late = { channel, dueNs: this.#clock() + this.#delayNs, messages: [message] }
    this.#late.push(late)
    this.#newest.set(channel, late)
    if (this.#late.length === 1) this.#timer.set(late.dueNs)
  }

  /** Takes a message that is not, if one before it is; otherwise false, and it may go on. */
  queue(message: Message): boolean {
    const before = this.#newest.get(message.channel)
    before?.messages.push(message)
    return before !== undefined
  }

  #release(): void {
    const now = this.#clock()
    const later = this.#late.findIndex(({ dueNs }) => dueNs > now)
    const due = this.#late.splice(0, later === -1 ? this.#late.length : later)
    for (const late of due) {
      if (this.#newest.get(late.channel) === late) this.#newest.delete(late.channel)
    }
    const [next] = this.#late
    if (next !== undefined) this.#timer.set(next.dueNs)
    this.#arrive(due.flatMap(({ messages }) => messages))
  }
}
