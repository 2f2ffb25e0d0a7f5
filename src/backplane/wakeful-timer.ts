import { type Clock, NS_PER_MS, nowNs } from '../measure/clock.ts'

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
