import { STAMP_TOLERANCE_US } from '../measure/clock-offset.ts'

const CAPACITY = 16_384
/** What lies above wraps around in 32 bits; it is above what a histogram tells apart, too. */
const MAX_US = 2 ** 32 - 1

/** What was recorded since the last take. */
export interface TakenSamples {
  readonly latenciesUs: Uint32Array
  readonly serviceLatenciesUs: Uint32Array
}

/**
 * A worker's latencies until they go to the coordinator, which keeps the histograms: recording
 * costs two stores, and a worker that dies has handed over all but its last second.
 */
export class SampleBuffer {
  readonly #latencies = new Uint32Array(CAPACITY)
  readonly #services = new Uint32Array(CAPACITY)
  #count = 0
  #serviceCount = 0
  /** Service latencies below zero, since the start. */
  negativeServices = 0
  /** Accepted before they were due, by the server's clock, since the start. */
  premature = 0

  get full(): boolean {
    return this.#count === CAPACITY
  }

  /** @param serviceUs NaN when the server does not tell when it accepted the event */
  add(latencyUs: number, serviceUs: number): void {
    this.#latencies[this.#count++] = Math.min(latencyUs, MAX_US)
    if (serviceUs > latencyUs + STAMP_TOLERANCE_US) this.premature++
    if (serviceUs >= 0) this.#services[this.#serviceCount++] = Math.min(serviceUs, MAX_US)
    else if (serviceUs < 0) this.negativeServices++
  }

  take(): TakenSamples {
    const taken = {
      latenciesUs: this.#latencies.slice(0, this.#count),
      serviceLatenciesUs: this.#services.slice(0, this.#serviceCount),
    }
    this.#count = 0
    this.#serviceCount = 0
    return taken
  }
}
