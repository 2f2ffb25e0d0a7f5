import { NS_PER_MS } from '../measure/clock.ts'
import type { Alarms, Sleeper } from '../transports/transport.ts'

/** Handshakes of one worker under way at once: far below any listen queue. */
const MAX_CONNECTING = 128

/**
 * Starts the clients: spread evenly over the ramp-up time if there is one, and never so many at
 * once that a listen queue overflows.
 */
export class RampUp implements Sleeper {
  readonly #clients: number
  readonly #spacingNs: number
  readonly #alarms: Alarms
  readonly #start: (index: number) => void
  readonly #startNs: number
  #next = 0
  #connecting = 0
  #armed = false

  /** @param rampUpMs null starts the next client as soon as one is through */
  constructor(
    clients: number,
    rampUpMs: number | null,
    alarms: Alarms,
    start: (index: number) => void,
  ) {
    this.#clients = clients
    this.#spacingNs = rampUpMs === null ? 0 : (rampUpMs * NS_PER_MS) / clients
    this.#alarms = alarms
    this.#start = start
    this.#startNs = alarms.nowNs()
  }

  begin(): void {
    this.#pump()
  }

  /** A client is through its handshake, or its first attempt has failed. */
  release(): void {
    this.#connecting--
    this.#pump()
  }

  wake(): void {
    this.#armed = false
    this.#pump()
  }

  #pump(): void {
    while (this.#next < this.#clients && this.#connecting < MAX_CONNECTING) {
      const dueNs = this.#startNs + this.#next * this.#spacingNs
      if (dueNs > this.#alarms.nowNs()) {
        this.#arm(dueNs)
        return
      }
      this.#connecting++
      this.#start(this.#next++)
    }
  }

  #arm(atNs: number): void {
    if (this.#armed) return
    this.#armed = true
    this.#alarms.set(atNs, this)
  }
}
