import { NS_PER_MS, nowNs } from '../measure/clock.ts'

/** A timer of the event loop is trusted up to this long before the wanted time. */
const FINAL_STRETCH_MS = 2
/** Between two wake-ups at least: more often costs a server more than it shows. */
const LEAST_MS = 0.1
/** The system's own delay of a thread that sleeps; the rest of the way is spun. */
const SPIN_MS = 0.03

const nobody = new Int32Array(new SharedArrayBuffer(4))

/**
 * Wakes up at a time to within some microseconds. The event loop's timers are late by up to a
 * millisecond and a half, which would be told as the server's latency, so the last two
 * milliseconds are slept through by blocking the thread, and the last few microseconds of them
 * spun: only for a process that has nothing else to do.
 */
export class PunctualTimer {
  readonly #wake: () => void
  /** Whether sockets are listened to up to the end, at the cost of a busy processor. */
  readonly #listens: () => boolean
  #atNs = 0
  #timer: NodeJS.Timeout | null = null
  #immediate: NodeJS.Immediate | null = null

  constructor(wake: () => void, listens: () => boolean = () => false) {
    this.#wake = wake
    this.#listens = listens
  }

  /** Wakes up once, at the time or a tenth of a millisecond from now, whichever is later. */
  set(atNs: number): void {
    this.cancel()
    this.#atNs = Math.max(atNs, nowNs() + LEAST_MS * NS_PER_MS)
    const waitMs = (this.#atNs - nowNs()) / NS_PER_MS
    if (waitMs > FINAL_STRETCH_MS) {
      this.#timer = setTimeout(this.#approach, waitMs - FINAL_STRETCH_MS)
    } else this.#approach()
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#immediate !== null) clearImmediate(this.#immediate)
    this.#timer = null
    this.#immediate = null
  }

  // By way of the event loop, which reads sockets before it comes here.
  readonly #approach = (): void => {
    this.#timer = null
    this.#immediate = setImmediate(this.#arrive)
  }

  readonly #arrive = (): void => {
    this.#immediate = null
    const waitMs = (this.#atNs - nowNs()) / NS_PER_MS - SPIN_MS
    if (waitMs > 0 && this.#listens()) {
      this.#approach()
      return
    }
    if (waitMs > 0) Atomics.wait(nobody, 0, 0, waitMs)
    while (nowNs() < this.#atNs) {
      // Nearer than the system wakes anybody up.
    }
    this.#wake()
  }
}
