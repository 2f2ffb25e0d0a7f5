import { NS_PER_SECOND } from '../measure/clock.ts'
import { type HostTime, readHostTime } from '../measure/host.ts'
import type { Span } from './messages.ts'
import type { InstanceReading, ServerWatch } from './server-watch.ts'
import type { Timeline } from './timeline.ts'
import type { Waiting } from './waiting.ts'
import type { WarmUp } from './warm-up.ts'

/** The readings at one edge of the window. */
export interface Edge {
  /** Null when the server did not answer. */
  readonly server: readonly InstanceReading[] | null
  readonly host: HostTime
  /** CPU time of this process so far. */
  readonly cpuUs: number
}

type Readings = readonly InstanceReading[]

/** The server before and after it had nothing to do, and after it took in what nobody heard. */
export interface Rehearsal {
  readonly begin: Readings
  readonly idle: Readings
  readonly end: Readings
}

/** Reads server and host at the window's edges, and the server once a second between them. */
export class WindowWatch {
  readonly #watch: ServerWatch
  readonly #timeline: Timeline
  readonly #waiting: Waiting
  readonly #edges: Promise<Edge>[] = []
  readonly #rehearsal: Promise<Readings | null>[] = []

  constructor(watch: ServerWatch, timeline: Timeline, waiting: Waiting) {
    this.#watch = watch
    this.#timeline = timeline
    this.#waiting = waiting
  }

  /** What the window's difference is taken from; empty without a window. */
  get edges(): Promise<readonly Edge[]> {
    return Promise.all(this.#edges)
  }

  /** The server's readings at the edges of the two stretches without deliveries; null without these. */
  get rehearsal(): Promise<Rehearsal | null> {
    return Promise.all(this.#rehearsal).then(([begin, idle, end]) =>
      begin && idle && end ? { begin, idle, end } : null,
    )
  }

  /** Reads the server before the window: while nothing is published, then while nobody hears it. */
  async rehearse({ costs }: WarmUp): Promise<void> {
    if (costs === null) return
    for (const atNs of [costs.idle.startNs, costs.ingest.startNs, costs.ingest.endNs]) {
      await this.#waiting.sleepUntil(atNs)
      if (this.#waiting.over) return
      this.#rehearsal.push(this.#watch.edge())
    }
  }

  /** The window begins. Reads until it ends, or the wait for it does. */
  async begin(window: Span): Promise<void> {
    this.#edge(0, true)
    for (let second = 1; ; second++) {
      const atNs = window.startNs + second * NS_PER_SECOND
      if (atNs >= window.endNs) return
      await this.#waiting.sleepUntil(atNs)
      if (this.#waiting.over) return
      this.#timeline.read(second, this.#watch.tick())
    }
  }

  /** The window ends now. */
  end({ startNs, endNs }: Span): void {
    this.#edge(Math.ceil((endNs - startNs) / NS_PER_SECOND), false)
  }

  #edge(second: number, resets: boolean): void {
    const host = readHostTime()
    const cpu = process.cpuUsage()
    const cpuUs = cpu.user + cpu.system
    const reading = this.#watch.edge(resets)
    this.#timeline.read(second, reading)
    this.#edges.push(reading.then((server) => ({ server, host, cpuUs })))
  }
}
