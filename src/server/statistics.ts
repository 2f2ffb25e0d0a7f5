import type { FaultCounts } from '../backplane/faulty.ts'
import { nowNs } from '../measure/clock.ts'
import { LoopMeter, LoopWatch, type Wait } from '../measure/lateness.ts'
import type { Meter } from '../transports/transport.ts'
import type { BusWatch } from './bus-watch.ts'
import type { EventLog } from './event-log.ts'
import type { HttpFront } from './front.ts'
import type { EventHub } from './hub.ts'

/** The most waits that are kept: a busy second has hundreds. */
const MAX_WAITS = 8_192

/** The answer of `GET /stats`. Counts run from the server's start, delays from the last reset. */
export type ServerStatistics = ReturnType<Statistics['read']>

/** The figures of one server process. */
export class Statistics {
  /** The watch over the loop that serves: told of all that comes in. */
  readonly watch = new LoopWatch(undefined, (wait) => this.#keep(wait))
  /** By transport. */
  readonly meters = new Map<string, Meter>()
  readonly #loop = new LoopMeter()
  readonly #waits: Wait[] = []
  #waited = 0
  /** Processor time that it took to begin to listen, microseconds. */
  #startUs = 0
  /** Those that it made on purpose; null unless it was told to. */
  readonly #faults: Readonly<FaultCounts> | null

  /** Null without a bus. */
  readonly #bus: BusWatch | null

  constructor(faults: Readonly<FaultCounts> | null, bus: BusWatch | null) {
    this.#faults = faults
    this.#bus = bus
  }

  /** It listens: what its process took until now was for no client. */
  listens(): void {
    const { user, system } = process.cpuUsage()
    this.#startUs = user + system
  }

  /**
   * @param query `waits=N` adds the waits from so many on, as far as they are kept; `traffic` the bytes;
   *   `hops` the times over the bus since a reset
   */
  read(hub: EventHub, log: EventLog, front: HttpFront, query: URLSearchParams) {
    const cpu = process.cpuUsage()
    const { rss, heapUsed } = process.memoryUsage()
    const { holdMs, heartbeatMs, pingMs } = hub.limits
    return {
      server: 'rtbench',
      pid: process.pid,
      upMs: Math.round(process.uptime() * 1000),
      transports: Object.fromEntries(this.meters),
      openSockets: front.openSockets,
      published: hub.published,
      limits: { holdMs, heartbeatMs, pingMs },
      log: { events: log.size, capacity: log.capacity },
      cpu: { userUs: cpu.user, systemUs: cpu.system, startUs: this.#startUs },
      memory: { rssBytes: rss, heapUsedBytes: heapUsed },
      loop: this.#loop.read(),
      fanOut: hub.fanOut.read(),
      faults: this.#faults,
      bus: this.#bus?.read(query.has('hops')) ?? null,
      ...(query.has('waits') ? { waits: this.#waitsFrom(Number(query.get('waits'))) } : {}),
      // It walks over all sockets.
      ...(query.has('traffic') ? { traffic: front.traffic() } : {}),
    }
  }

  /** @param query `block=MS` begins to count times over the bus, in blocks of so many milliseconds */
  reset(hub: EventHub, query: URLSearchParams): void {
    this.#loop.reset()
    hub.fanOut.reset()
    this.#bus?.reset(Math.max(0, Number(query.get('block')) || 0))
  }

  #keep(wait: Wait): void {
    this.#waited++
    this.#waits.push(wait)
    if (this.#waits.length > 2 * MAX_WAITS) this.#waits.splice(0, MAX_WAITS)
  }

  #waitsFrom(first: number) {
    const kept = this.#waited - this.#waits.length
    const spans = this.#waits
      .slice(Math.max(0, (first || 0) - kept))
      .map(({ startNs, endNs, waitNs, behindNs }) => [startNs, endNs, waitNs, behindNs] as const)
    // The next question is to be from `next` on.
    return { atNs: nowNs(), next: this.#waited, spans }
  }
}
