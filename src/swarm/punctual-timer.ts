import { NS_PER_MS, nowNs } from '../measure/clock.ts'

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
  #timer: NodeJS.Timeout | null = null
  #immediate: NodeJS.Immediate | null = null

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
