import type { TimelineEntry } from '../result/document.ts'
import type { PublisherReport } from './messages.ts'
import type { Phase, Progress } from './progress.ts'
import type { InstanceReading } from './server-watch.ts'
import type { SwarmSecond, Tally } from './tally.ts'

type Readings = readonly InstanceReading[]

interface Entry {
  readonly second: number
  readonly swarm: SwarmSecond
  server: Readings | null
}

/** What happened in each second of the window. */
export class Timeline {
  readonly #transport: string
  readonly #tally: Tally
  readonly #entries: Entry[] = []

  constructor(transport: string, tally: Tally) {
    this.#transport = transport
    this.#tally = tally
  }

  /** The window begins: what came before is not part of its first second. */
  begin(): void {
    this.#tally.second()
  }

  /** Closes a second. The server's reading may come later, or not at all. */
  tick(second: number, reading: Promise<Readings | null> | null): void {
    const entry: Entry = { second, swarm: this.#tally.second(), server: null }
    this.#entries.push(entry)
    void reading?.then((server) => {
      entry.server = server
    })
  }

  /** Connections held, at each second that the server told. */
  get held(): readonly number[] {
    return this.#entries.flatMap(({ server }) =>
      server === null ? [] : [heldBy(server, this.#transport)],
    )
  }

  get openSockets(): readonly number[] {
    return this.#entries.map(({ swarm }) => swarm.openSockets)
  }

  /** What a progress line says of the last second. */
  latest(phase: Phase): Pick<Progress, 'deliveriesPerSecond' | 'p50Us' | 'p99Us'> {
    const last = phase === 'steady' ? this.#entries.at(-1)?.swarm : undefined
    return {
      deliveriesPerSecond: last?.deliveries ?? 0,
      p50Us: last?.p50Us ?? null,
      p99Us: last?.p99Us ?? null,
    }
  }

  seconds(report: PublisherReport | null): TimelineEntry[] {
    return this.#entries.map(({ second, swarm, server }, index) => {
      const before = this.#entries[index - 1]?.server ?? null
      return {
        second,
        published: report?.perSecond[second] ?? 0,
        deliveries: swarm.deliveries,
        p50Us: swarm.p50Us,
        p99Us: swarm.p99Us,
        maxUs: swarm.maxUs,
        held: server === null ? null : heldBy(server, this.#transport),
        openSockets: swarm.openSockets,
        exchanges: swarm.exchanges,
        bytesReceived: swarm.bytesReceived,
        cuts: swarm.cuts,
        serverCpuUtilisation:
          before === null || server === null ? null : utilisation(before, server),
        generatorCpuUtilisation: swarm.cpuUs / 1e6,
      }
    })
  }
}

export function heldBy(readings: Readings, transport: string): number {
  return readings.reduce((sum, reading) => sum + (reading.transports[transport]?.held ?? 0), 0)
}

/** Processor time of all instances between two readings, microseconds. */
export function serverCpuUs(before: Readings, after: Readings): number {
  return cpuUs(after) - cpuUs(before)
}

/** Cores busy on the average: 1.5 is one and a half; null when no time went by. */
export function utilisation(before: Readings, after: Readings): number | null {
  const elapsedMs = (after[0]?.upMs ?? 0) - (before[0]?.upMs ?? 0)
  return elapsedMs > 0 ? Math.max(0, serverCpuUs(before, after) / 1e3 / elapsedMs) : null
}

function cpuUs(readings: Readings): number {
  return readings.reduce((sum, { cpu }) => sum + cpu.userUs + cpu.systemUs, 0)
}
