import { NS_PER_MS, nowNs } from '../measure/clock.ts'
import type { RunOrder } from './run-order.ts'
import type { Tally } from './tally.ts'
import type { Timeline } from './timeline.ts'

export type Phase = 'starting' | 'ramp-up' | 'warm-up' | 'steady' | 'drain' | 'done'

/** The state of a run that is under way. */
export interface Progress {
  readonly transport: string
  readonly label: string
  readonly repetition: number
  readonly phase: Phase
  readonly phaseElapsedMs: number
  readonly phaseTotalMs: number | null
  /** Clients subscribed now. */
  readonly connected: number
  readonly clients: number
  /** Connections that the server holds, as it said last; null before it has, or where it does not tell. */
  readonly held: number | null
  /** Of the last second. */
  readonly deliveriesPerSecond: number
  readonly p50Us: number | null
  readonly p99Us: number | null
}

/** Where a run stands in its invocation. */
export interface RunPlace {
  /** Of the whole invocation. */
  readonly timeLeftMs: number | null
  /** From 0, over all runs of the invocation. */
  readonly runIndex: number
  readonly runCount: number
}

/** Tells where a run is: at the beginning of each phase, and once a second. */
export class PhaseTeller {
  readonly #order: RunOrder
  readonly #tally: Tally
  readonly #timeline: Timeline
  readonly #ticker = setInterval(() => this.#tell(), 1000)
  #phase: Phase = 'starting'
  #sinceNs = nowNs()
  #totalMs: number | null = null

  constructor(order: RunOrder, tally: Tally, timeline: Timeline) {
    this.#order = order
    this.#tally = tally
    this.#timeline = timeline
  }

  /** @param totalMs how long the phase lasts at the most; null when that is not known */
  enter(phase: Phase, totalMs: number | null): void {
    this.#phase = phase
    this.#sinceNs = nowNs()
    this.#totalMs = totalMs
    this.#tell()
  }

  stop(): void {
    clearInterval(this.#ticker)
  }

  #tell(): void {
    const { transport, repetition, scenario } = this.#order
    this.#order.onProgress({
      transport: transport.name,
      label: transport.label,
      repetition,
      phase: this.#phase,
      phaseElapsedMs: (nowNs() - this.#sinceNs) / NS_PER_MS,
      phaseTotalMs: this.#totalMs,
      connected: this.#tally.live,
      clients: scenario.clients,
      ...this.#timeline.latest(this.#phase),
    })
  }
}
