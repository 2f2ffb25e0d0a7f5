import { NS_PER_MS } from '../measure/clock.ts'
import type { Alarms, Sleeper } from '../transports/transport.ts'

/** Handshakes under way at once, of a worker and of the swarm: far below any listen queue. */
const MOST_OF_WORKER = 128
const MOST_OF_SWARM = 1024
/**
 * What a handshake is expected to take of a worker's time, and how many count as much as that: the
 * first ones of a process are slow.
 */
const USUAL_NS = 0.4 * NS_PER_MS
const USUAL_CLIENTS = 200
/** Between the last subscription of the swarm and the first event. */
export const CALM_MS = 300

/** How many handshakes one of so many workers may have under way. */
export function connectingAtOnce(workers: number): number {
  return Math.max(1, Math.min(MOST_OF_WORKER, Math.floor(MOST_OF_SWARM / workers)))
}

/** How the clients of a worker connect. */
export interface Ramp {
  readonly clients: number
  /** Time over which connects are spread; null starts the next client as soon as one is through. */
  readonly rampUpMs: number | null
  /** Handshakes under way at once. */
  readonly connecting: number
}

/**
 * Starts the clients: spread evenly over the ramp-up time if there is one, and never so many at
 * once that a listen queue overflows.
 */
export class RampUp implements Sleeper {
  readonly #clients: number
  readonly #mostConnecting: number
  readonly #spacingNs: number
  readonly #alarms: Alarms
  readonly #start: (index: number) => void
  readonly #startNs: number
  #next = 0
  #connecting = 0
  #armed = false

  constructor(
    { clients, rampUpMs, connecting }: Ramp,
    alarms: Alarms,
    start: (index: number) => void,
  ) {
    this.#clients = clients
    this.#mostConnecting = connecting
    this.#spacingNs = rampUpMs === null ? 0 : (rampUpMs * NS_PER_MS) / clients
    this.#alarms = alarms
    this.#start = start
    this.#startNs = alarms.nowNs()
  }

  begin(): void {
    this.#pump()
  }

  /** When the last client will have started: as planned, or at the pace so far; now when it has. */
  get endNs(): number {
    const nowNs = this.#alarms.nowNs()
    const left = this.#clients - this.#next
    if (this.#spacingNs > 0) {
      return Math.max(nowNs, this.#startNs + (this.#clients - 1) * this.#spacingNs)
    }
    const spentNs = nowNs - this.#startNs + USUAL_CLIENTS * USUAL_NS
    return nowNs + (left * spentNs) / (this.#next + USUAL_CLIENTS)
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
    while (this.#next < this.#clients && this.#connecting < this.#mostConnecting) {
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
