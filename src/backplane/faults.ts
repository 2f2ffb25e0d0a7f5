import { type Random, seededRandom } from '../measure/random.ts'

/** How a server is to misbehave. Shares are of all events, from 0, none, to 1, every one. */
export interface Faults {
  /** Of the decisions: one seed hits the same events of the same sequence. */
  readonly seed: number
  /** Events never reach the log. */
  readonly drop: number
  /** Events are logged twice. */
  readonly duplicate: number
  /** Events are logged after the next one of their channel. */
  readonly swap: number
  /** Events reach the log later. */
  readonly delay: Delay
}

interface Delay {
  readonly ms: number
  readonly share: number
}

/** What has become of the events so far. */
export interface FaultCounts {
  dropped: number
  duplicated: number
  /** Logged after the next one of their channel. */
  swapped: number
  delayed: number
  /** To be swapped, and the next one of their channel has not come yet: lost until it does. */
  waiting: number
}

export function noFaults(): FaultCounts {
  return { dropped: 0, duplicated: 0, swapped: 0, delayed: 0, waiting: 0 }
}

/** What is to happen to one event. */
export interface Decision {
  readonly fault: 'drop' | 'duplicate' | 'swap' | null
  readonly late: boolean
}

/**
 * Decides event by event. One number is drawn for the fault, so that an event has one at most and
 * every share is of all events; another one for the delay, which goes with any fault. Each has a
 * stream of its own: the same events are dropped, with a delay and without.
 */
export class FaultDraw {
  readonly #faults: Faults
  readonly #faultRandom: Random
  readonly #delayRandom: Random

  constructor(faults: Faults) {
    this.#faults = faults
    this.#faultRandom = seededRandom(faults.seed, 0)
    this.#delayRandom = seededRandom(faults.seed, 1)
  }

  /** Of the next event. */
  next(): Decision {
    return { fault: this.#fault(), late: this.#delayRandom() < this.#faults.delay.share }
  }

  #fault(): Decision['fault'] {
    const { drop, duplicate, swap } = this.#faults
    const drawn = this.#faultRandom()
    if (drawn < drop) return 'drop'
    if (drawn < drop + duplicate) return 'duplicate'
    return drawn < drop + duplicate + swap ? 'swap' : null
  }
}
