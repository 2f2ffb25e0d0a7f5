import { NS_PER_US, STAMP_TOLERANCE_US } from '../measure/clock.ts'

const CAPACITY = 16_384
/** What lies above wraps around in 32 bits; it is above what a histogram tells apart, too. */
const MAX_US = 2 ** 32 - 1

/** What was recorded since the last take, microseconds. */
export interface TakenSamples {
  readonly latenciesUs: Uint32Array
  /** By how much of each latency the instrument itself may have been late, at most. */
  readonly latenessesUs: Uint32Array
  /** For how long before its receipt the server could have served each: since it was asked, at most. */
  readonly servableUs: Uint32Array
  /** When each delivery was received, after `sinceNs`. */
  readonly receivedUs: Uint32Array
  /** The moment of the last take. */
  readonly sinceNs: number
  /** The same deliveries, from their acceptance; empty when unknown. */
  readonly serviceLatenciesUs: Uint32Array
}

/**
 * A worker's latencies until they go to the coordinator, which keeps the histograms: recording
 * costs two stores, and a worker that dies has handed over all but its last second.
 */
export class SampleBuffer {
  readonly #latencies = new Uint32Array(CAPACITY)
  readonly #latenesses = new Uint32Array(CAPACITY)
  readonly #servable = new Uint32Array(CAPACITY)
  readonly #received = new Uint32Array(CAPACITY)
  readonly #services = new Uint32Array(CAPACITY)
  #count = 0
  #serviceCount = 0
  #sinceNs: number
  /** Service latencies below zero, since the start. */
  negativeServices = 0
  /** Accepted before they were due, by the server's clock, since the start. */
  premature = 0

  constructor(sinceNs: number) {
    this.#sinceNs = sinceNs
  }

  get full(): boolean {
    return this.#count === CAPACITY
  }

  /** @param serviceUs NaN when the server does not tell when it accepted the event */
  add(
    latencyUs: number,
    latenessUs: number,
    servableUs: number,
    receivedAtNs: number,
    serviceUs: number,
  ): void {
    this.#servable[this.#count] = Math.min(servableUs, MAX_US)
    this.#latenesses[this.#count] = Math.min(latenessUs, MAX_US)
    this.#received[this.#count] = (receivedAtNs - this.#sinceNs) / NS_PER_US
    this.#latencies[this.#count++] = Math.min(latencyUs, MAX_US)
    if (serviceUs > latencyUs + STAMP_TOLERANCE_US) this.premature++
    if (serviceUs >= 0) this.#services[this.#serviceCount++] = Math.min(serviceUs, MAX_US)
    else if (serviceUs < 0) this.negativeServices++
  }

  take(nowNs: number): TakenSamples {
    const taken = {
      latenciesUs: this.#latencies.slice(0, this.#count),
      latenessesUs: this.#latenesses.slice(0, this.#count),
      servableUs: this.#servable.slice(0, this.#count),
      receivedUs: this.#received.slice(0, this.#count),
      sinceNs: this.#sinceNs,
      serviceLatenciesUs: this.#services.slice(0, this.#serviceCount),
    }
    this.#count = 0
    this.#serviceCount = 0
    this.#sinceNs = nowNs
    return taken
  }
}
