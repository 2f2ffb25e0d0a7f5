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

/** A timer of the event loop is trusted up to this long before the wanted time. */
const FINAL_STRETCH_MS = 1

/** Wakes up once, at a time or after it. */
export interface Waker {
  set(atNs: number): void
}

/**
 * Wakes up within microseconds of a time and never before it. The event loop's own timers count
 * whole milliseconds and are off by up to one in both directions (measured with Node 20: -0.75 to
 * 0.76 ms). So it goes round the event loop for the last one, without blocking it and without
 * letting it sleep: that costs CPU time, which only a server that is slow on purpose can spare.
 */
export class WakefulTimer implements Waker {
  readonly #wake: () => void
  readonly #clock: Clock
  #atNs = 0

  constructor(wake: () => void, clock: Clock = nowNs) {
    this.#wake = wake
    this.#clock = clock
  }

  /** Not to be called again before it has woken. */
  set(atNs: number): void {
    this.#atNs = atNs
    const sleepMs = (atNs - this.#clock()) / NS_PER_MS - FINAL_STRETCH_MS
    // Less than a millisecond would be taken for one. What is to come does not keep a process that
    // has nothing else to do.
    if (sleepMs >= 1) setTimeout(this.#look, sleepMs).unref()
    else setImmediate(this.#look)
  }

  readonly #look = (): void => {
    if (this.#clock() >= this.#atNs) this.#wake()
    else setImmediate(this.#look)
  }
}
