import { type Clock, NS_PER_MS, nowNs } from '../measure/clock.ts'

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
  readonly #wakeAt: WakeAt
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
    wakeAt: WakeAt,
  ) {
    this.#delayNs = delayMs * NS_PER_MS
    this.#arrive = arrive
    this.#clock = clock
    this.#wakeAt = wakeAt
  }

  /** Takes a message that is late. */
  delay(message: Message): void {
    const { channel } = message
    const late = { channel, dueNs: this.#clock() + this.#delayNs, messages: [message] }
    this.#late.push(late)
    this.#newest.set(channel, late)
    if (this.#late.length === 1) this.#wakeAt(late.dueNs, this.#release)
  }

  /** Takes a message that is not, if one before it is; otherwise false, and it may go on. */
  queue(message: Message): boolean {
    const before = this.#newest.get(message.channel)
    before?.messages.push(message)
    return before !== undefined
  }

  readonly #release = (): void => {
    const now = this.#clock()
    const later = this.#late.findIndex(({ dueNs }) => dueNs > now)
    const due = this.#late.splice(0, later === -1 ? this.#late.length : later)
    for (const late of due) {
      if (this.#newest.get(late.channel) === late) this.#newest.delete(late.channel)
    }
    const [next] = this.#late
    if (next !== undefined) this.#wakeAt(next.dueNs, this.#release)
    this.#arrive(due.flatMap(({ messages }) => messages))
  }
}

/** A timer of the event loop is trusted up to this long before the wanted time. */
const FINAL_STRETCH_MS = 1

/** Wakes up once, at a time or after it. */
export type WakeAt = (atNs: number, wake: () => void) => void

/**
 * Wakes up within microseconds of a time and never before it. The event loop's own timers are off by up
 * to a millisecond in both directions (measured with Node 20: -0.75 to 0.76). So it goes round the loop
 * for the last one: that costs CPU time, which only a server that is slow on purpose can spare.
 */
export function wakeAt(atNs: number, wake: () => void, clock: Clock = nowNs): void {
  const look = (): void => {
    if (clock() >= atNs) wake()
    else setImmediate(look)
  }
  const sleepMs = (atNs - clock()) / NS_PER_MS - FINAL_STRETCH_MS
  // Less than a millisecond would be taken for one. What is to come does not keep a process that
  // has nothing else to do.
  if (sleepMs >= 1) setTimeout(look, sleepMs).unref()
  else setImmediate(look)
}
