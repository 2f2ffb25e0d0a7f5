import { NS_PER_MS, NS_PER_US, nowNs } from '../measure/clock.ts'

/** A timer of the event loop is trusted up to this long before the wanted time. */
const FINAL_STRETCH_MS = 2
/** Between two wake-ups at least: more often costs a server more than it shows. */
const LEAST_MS = 0.1
/**
 * What is spun of the way at last, since the system wakes a thread up late: the longer it has slept,
 * the later, and the less it costs.
 */
const SPIN_SHARE = 0.03
const LEAST_SPIN_MS = 0.03
const MOST_SPIN_MS = 0.3
/** From here on there is time to prepare in what is spun. */
const PREPARING_MS = 0.1

/** How long sockets are not listened to, where answers are awaited. */
const DEAF_MS = 0.2

const nobody = new Int32Array(new SharedArrayBuffer(4))

/**
 * Wakes up at a time to within some microseconds. The event loop's timers are late by up to a
 * millisecond and a half, which would be told as the server's latency, so the last two
 * milliseconds are slept through by blocking the thread, and the last few microseconds of them
 * spun: only for a process that has nothing else to do.
 */
export class PunctualTimer {
  readonly #wake: () => void
  readonly #prepare: () => void
  /** Whether answers are awaited that should be read soon. */
  readonly #listens: () => boolean
  #atNs = 0
  #spinMs = 0
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  /** @param prepare called shortly before a wake-up that has been awaited for long */
  constructor(
    wake: () => void,
    prepare: () => void = () => {},
    listens: () => boolean = () => false,
  ) {
    this.#wake = wake
    this.#prepare = prepare
    this.#listens = listens
  }

  /** Wakes up once, at the time or a tenth of a millisecond from now, whichever is later. */
  set(atNs: number): void {
    this.cancel()
    const now = nowNs()
    this.#atNs = Math.max(atNs, now + LEAST_MS * NS_PER_MS)
    const waitMs = (this.#atNs - now) / NS_PER_MS
    this.#spinMs = Math.min(MOST_SPIN_MS, Math.max(LEAST_SPIN_MS, SPIN_SHARE * waitMs))
    if (waitMs > FINAL_STRETCH_MS) {
      this.#timer = setTimeout(this.#approach, waitMs - FINAL_STRETCH_MS)
    } else this.#approach()
  }

  cancel(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
  }

  // By way of the event loop, which reads sockets before it comes here.
  readonly #approach = (): void => {
    this.#immediate = setImmediate(this.#arrive)
  }

  readonly #arrive = (): void => {
    const waitMs = (this.#atNs - nowNs()) / NS_PER_MS - this.#spinMs
    if (waitMs > DEAF_MS && this.#listens()) {
      Atomics.wait(nobody, 0, 0, DEAF_MS)
      this.#approach()
      return
    }
    if (waitMs > 0) Atomics.wait(nobody, 0, 0, waitMs)
    if (this.#spinMs > PREPARING_MS) this.#prepare()
    while (nowNs() < this.#atNs) {
      // Nearer than the system wakes anybody up.
    }
    this.#wake()
  }
}

/** A server takes in at leisure what came so late; what is later may make a queue. */
const QUEUE_NS = 5 * NS_PER_MS
/** A delivery is punctual that the instrument made late by less. */
const PUNCTUAL_US = 1_000
/** A server that is busy four fifths of its time catches up by a fifth of it. */
const DRAIN = 0.2

/**
 * The debt of a publisher that was late: what it held up arrives at once, and what comes after that in
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
 * The fastest delivery, by which a client judges a debt: what a publisher owns up to may be a queue,
 * and without that an event would have taken as long as the fastest punctual delivery, at least.
 */
export class FastestDelivery {
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
