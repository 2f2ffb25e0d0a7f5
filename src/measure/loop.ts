import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks'

/**
 * How often the delay is sampled, milliseconds; the sample itself contains this much. Each sample
 * wakes the process: every 10 ms it costs a percent of a core, every 50 ms a fifth of that.
 */
const RESOLUTION_MS = 50

/** How late the event loop ran and how busy it was since the last reset. */
export interface LoopReading {
  /** Resolution subtracted, microseconds; never below 0. */
  readonly delayP50Us: number
  readonly delayP99Us: number
  readonly delayMaxUs: number
  /** How many samples the delays rest on: twenty a second, fewer of a loop that stood still. */
  readonly samples: number
  /** Share of the time in which the loop was not waiting, 0 to 1. */
  readonly utilisation: number
}

/** Watches this process's event loop. */
export class LoopMeter {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #before: EventLoopUtilization = performance.eventLoopUtilization()

  constructor() {
    this.#delay.enable()
  }

  /** Begins a new window. */
  reset(): void {
    this.#delay.reset()
    this.#before = performance.eventLoopUtilization()
  }

  read(): LoopReading {
    return {
      delayP50Us: withoutResolution(this.#delay.percentile(50)),
      delayP99Us: withoutResolution(this.#delay.percentile(99)),
      delayMaxUs: withoutResolution(this.#delay.max),
      samples: this.#delay.count,
      utilisation: performance.eventLoopUtilization(this.#before).utilization,
    }
  }
}

function withoutResolution(delayNs: number): number {
  return Math.max(0, Math.round(delayNs / 1e3 - RESOLUTION_MS * 1e3))
}
