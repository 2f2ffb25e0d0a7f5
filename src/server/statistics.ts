import type { FaultCounts } from '../backplane/faults.ts'
import { LoopMeter, type LoopReading } from '../measure/loop.ts'
import type { Meter } from '../transports/server-side.ts'
import type { EventLog } from './event-log.ts'
import type { FanOutReading } from './fan-out.ts'
import type { HttpFront, Traffic } from './front.ts'
import type { EventHub } from './hub.ts'

/** What `GET /stats` answers. Counts run from the server's start, delays from the last reset. */
export interface ServerStatistics {
  readonly server: 'rtbench'
  readonly pid: number
  readonly upMs: number
  readonly transports: Readonly<Record<string, Readonly<Meter>>>
  readonly openSockets: number
  readonly published: number
  readonly limits: { readonly holdMs: number }
  readonly log: { readonly events: number; readonly capacity: number }
  readonly cpu: { readonly userUs: number; readonly systemUs: number }
  readonly memory: { readonly rssBytes: number; readonly heapUsedBytes: number }
  readonly loop: LoopReading
  readonly fanOut: FanOutReading
  /** What it did wrong on purpose; null unless it was told to. */
  readonly faults: Readonly<FaultCounts> | null
  /** Only when asked for (`?traffic`), since it walks over all sockets. */
  readonly traffic?: Traffic
}

/** Reads the figures of one server process. */
export class Statistics {
  readonly #loop = new LoopMeter()
  readonly #faults: Readonly<FaultCounts> | null

  constructor(faults: Readonly<FaultCounts> | null) {
    this.#faults = faults
  }

  /** @param query `traffic` adds the bytes */
  read(hub: EventHub, log: EventLog, front: HttpFront, query: URLSearchParams): ServerStatistics {
    const cpu = process.cpuUsage()
    const { rss, heapUsed } = process.memoryUsage()
    return {
      server: 'rtbench',
      pid: process.pid,
      upMs: Math.round(process.uptime() * 1000),
      transports: Object.fromEntries(hub.meters),
      openSockets: front.openSockets,
      published: hub.published,
      limits: { holdMs: hub.limits.holdMs },
      log: { events: log.size, capacity: log.capacity },
      cpu: { userUs: cpu.user, systemUs: cpu.system },
      memory: { rssBytes: rss, heapUsedBytes: heapUsed },
      loop: this.#loop.read(),
      fanOut: hub.fanOut.read(),
      faults: this.#faults,
      ...(query.has('traffic') ? { traffic: front.traffic() } : {}),
    }
  }

  /** Begins a new window of the delays. */
  reset(hub: EventHub): void {
    this.#loop.reset()
    hub.fanOut.reset()
  }
}
