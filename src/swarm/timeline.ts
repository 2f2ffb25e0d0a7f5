import { MIN_SAMPLES_P99 } from '../measure/histogram.ts'
import type { TimelineEntry } from '../result/document.ts'
import type { PublisherReport } from './messages.ts'
import type { Phase, Progress } from './progress.ts'
import type { InstanceReading } from './server-watch.ts'
import type { SwarmSeconds } from './swarm-seconds.ts'

type Readings = readonly InstanceReading[]

/** What happened in each second of the window. */
export class Timeline {
  readonly #transport: string
  readonly #swarm: SwarmSeconds
  /** Connections that the server holds for others than the swarm. */
  others = 0
  /** That are published, as it is planned: as many as a second's p99 rests on. */
  eventsPerSecond = Number.POSITIVE_INFINITY
  /** The server at the beginning of each second; the last one at the window's end. */
  readonly #readings: (Readings | null)[] = []

  constructor(transport: string, swarm: SwarmSeconds) {
    this.#transport = transport
    this.#swarm = swarm
  }

  /** Takes a reading at the beginning of a second. It may come later, or not at all. */
  read(second: number, reading: Promise<Readings | null>): void {
    while (this.#readings.length <= second) this.#readings.push(null)
    void reading.then((server) => {
      this.#readings[second] = server
    })
  }

  /** Connections held, at each moment that the server told. */
  get held(): readonly number[] {
    return this.#readings.flatMap((server) => (server === null ? [] : [this.#held(server)]))
  }

  get openSockets(): readonly number[] {
    return Array.from(
      { length: this.#swarm.count },
      (_, second) => this.#swarm.at(second).openSockets,
    )
  }

  /** What a progress line says of the last second. */
  latest(phase: Phase): Pick<Progress, 'held' | 'deliveriesPerSecond' | 'p50Us' | 'p99Us'> {
    const last = phase === 'steady' ? this.#swarm.latest : null
    const carried = this.eventsPerSecond >= MIN_SAMPLES_P99
    return {
      held: this.held.at(-1) ?? null,
      deliveriesPerSecond: last?.deliveriesPerSecond ?? 0,
      p50Us: last?.p50Us ?? null,
      p99Us: carried ? (last?.p99Us ?? null) : null,
    }
  }

  seconds(report: PublisherReport | null): TimelineEntry[] {
    const length = Math.max(this.#swarm.count, this.#readings.length - 1)
    return Array.from({ length }, (_, second) => {
      const swarm = this.#swarm.at(second)
      const before = this.#readings[second] ?? null
      const after = this.#readings[second + 1] ?? null
      const published = report?.perSecond[second] ?? 0
      return {
        second,
        published,
        deliveries: swarm.deliveries,
        p50Us: swarm.p50Us,
        p99Us: published >= MIN_SAMPLES_P99 ? swarm.p99Us : null,
        maxUs: swarm.maxUs,
        held: after === null ? null : this.#held(after),
        openSockets: swarm.openSockets,
        exchanges: swarm.exchanges,
        bytesReceived: swarm.bytesReceived,
        cuts: swarm.cuts,
        serverCpuUtilisation: before === null || after === null ? null : utilisation(before, after),
        generatorCpuUtilisation: swarm.cpuUtilisation,
      }
    })
  }

  #held(readings: Readings): number {
    return Math.max(0, heldBy(readings, this.#transport) - this.others)
  }
}

export function heldBy(readings: Readings, transport: string): number {
  return readings.reduce((sum, reading) => sum + (reading.transports[transport]?.held ?? 0), 0)
}

/** Whether no instance was started anew between two readings, so that their counts have a difference. */
export function isSameServer(before: Readings, after: Readings): boolean {
  return after.every(({ pid, upMs, restarts }, index) => {
    const earlier = before[index]
    if (earlier === undefined || earlier.restarts !== restarts) return false
    return earlier.pid === pid && earlier.upMs <= upMs
  })
}

/** Connections closed since they did not read, between two readings. */
export function slowConsumers(before: Readings, after: Readings, transport: string): number {
  const count = (readings: Readings): number =>
    readings.reduce((sum, { transports }) => sum + (transports[transport]?.slowConsumers ?? 0), 0)
  return count(after) - count(before)
}

/** Processor time of all instances between two readings, microseconds. */
export function serverCpuUs(before: Readings, after: Readings): number {
  return cpuUs(after) - cpuUs(before)
}

/** Cores busy on the average: 1.5 is one and a half; null of no time, or of two servers' lives. */
export function utilisation(before: Readings, after: Readings): number | null {
  if (!isSameServer(before, after)) return null
  const elapsedMs = (after[0]?.upMs ?? 0) - (before[0]?.upMs ?? 0)
  return elapsedMs > 0 ? serverCpuUs(before, after) / 1e3 / elapsedMs : null
}

function cpuUs(readings: Readings): number {
  return readings.reduce((sum, { cpu }) => sum + cpu.userUs + cpu.systemUs, 0)
}
