import { NS_PER_MS, nowNs } from '../measure/clock.ts'
import { type BriefSummary, LatencyHistogram, MIN_SAMPLES_P99 } from '../measure/histogram.ts'
import type { TimelineEntry } from '../result/document.ts'
import type { PublisherReport, Snapshot } from './heard.ts'
import { addTo, type Counts, noCounts } from './messages.ts'
import type { Phase, Progress, RunOrder } from './run-order.ts'
import { heldBy, utilisation } from './server-figures.ts'
import type { Readings } from './server-reading.ts'

/** Seconds whose histogram is kept: what a worker tells later than that changes no percentile. */
const OPEN_SECONDS = 5

/** The swarm's account of one second of the window. */
class Account {
  readonly #counts = noCounts()
  /** By worker that told of the second. */
  readonly #openSockets = new Map<number, number>()
  /** Summed over these workers. */
  #elapsedNs = 0
  /** Null once it is sealed. */
  #histogram: LatencyHistogram | null
  #brief: BriefSummary = { p50Us: null, p99Us: null, maxUs: null }

  constructor(histogram: LatencyHistogram | null) {
    this.#histogram = histogram
  }

  book(worker: number, before: Snapshot, after: Snapshot): void {
    addTo(this.#counts, after.counts)
    addTo(this.#counts, before.counts, -1)
    this.#openSockets.set(worker, after.openSockets)
    this.#elapsedNs += after.atNs - before.atNs
    this.#histogram?.recordAll(after.latenciesUs)
  }

  seal(): void {
    this.#brief = this.brief
    this.#histogram?.destroy()
    this.#histogram = null
  }

  get brief(): BriefSummary {
    return this.#histogram?.brief() ?? this.#brief
  }

  get workers(): number {
    return this.#openSockets.size
  }

  get deliveriesPerSecond(): number {
    return this.#perSecond(this.#counts.deliveries) ?? 0
  }

  /** As the document has it, without what is not the swarm's. */
  get entry(): TimelineEntry {
    const { deliveries, responses, bytesReceived, cuts, cpuUs } = this.#counts
    return {
      second: 0,
      published: 0,
      deliveries,
      ...this.brief,
      held: null,
      openSockets: [...this.#openSockets.values()].reduce((sum, open) => sum + open, 0),
      exchanges: responses,
      bytesReceived,
      cuts,
      serverCpuUtilisation: null,
      generatorCpuUtilisation: this.#perSecond(cpuUs / 1e6),
    }
  }

  /** What all workers that told of it did in the second. */
  get counts(): Readonly<Counts> {
    return this.#counts
  }

  /** Null where no worker told of the second. */
  #perSecond(amount: number): number | null {
    const seconds = this.#elapsedNs / 1e9 / Math.max(1, this.workers)
    return seconds > 0 ? amount / seconds : null
  }
}

/**
 * The window second by second, as the workers cut it: each tells to which second its snapshot
 * belongs, so that it is booked there however late the message comes.
 */
export class SwarmSeconds {
  readonly #workers: number
  readonly #accounts: Account[] = []

  constructor(workers: number) {
    this.#workers = workers
  }

  /** Books what a worker did between two of its snapshots. */
  book(second: number, worker: number, before: Snapshot, after: Snapshot): void {
    while (this.#accounts.length <= second) {
      this.#accounts.push(new Account(new LatencyHistogram()))
      this.#accounts.at(-1 - OPEN_SECONDS)?.seal()
    }
    this.#accounts[second]?.book(worker, before, after)
  }

  get count(): number {
    return this.#accounts.length
  }

  at(second: number): TimelineEntry {
    return (this.#accounts[second] ?? new Account(null)).entry
  }

  countsAt(second: number): Readonly<Counts> {
    return this.#accounts[second]?.counts ?? noCounts()
  }

  /** The last one of which every worker has told; the one before while some have not. */
  get latest(): Pick<Account, 'deliveriesPerSecond' | 'brief'> | undefined {
    const last = this.#accounts.at(-1)
    return last?.workers === this.#workers ? last : (this.#accounts.at(-2) ?? last)
  }

  destroy(): void {
    for (const account of this.#accounts) account.seal()
  }
}

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

  /** The server at the beginning of a second; null where it did not tell. */
  readingAt(second: number): Readings | null {
    return this.#readings[second] ?? null
  }

  /** What the swarm did in a second. */
  countsAt(second: number): Readonly<Counts> {
    return this.#swarm.countsAt(second)
  }

  /** Connections held, at each moment that the server told. */
  get held(): readonly number[] {
    return this.#readings.flatMap((server) => (server === null ? [] : [this.#held(server)]))
  }

  get openSockets(): readonly number[] {
    const length = this.#swarm.count
    return Array.from({ length }, (_, second) => this.#swarm.at(second).openSockets)
  }

  /** What a progress line says of the last second. */
  latest(phase: Phase): Pick<Progress, 'held' | 'deliveriesPerSecond' | 'p50Us' | 'p99Us'> {
    const last = phase === 'steady' ? this.#swarm.latest : undefined
    const { p50Us = null, p99Us = null } = last?.brief ?? {}
    return {
      held: this.held.at(-1) ?? null,
      deliveriesPerSecond: last?.deliveriesPerSecond ?? 0,
      p50Us,
      p99Us: this.eventsPerSecond >= MIN_SAMPLES_P99 ? p99Us : null,
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
        ...swarm,
        second,
        published,
        p99Us: published >= MIN_SAMPLES_P99 ? swarm.p99Us : null,
        held: after === null ? null : this.#held(after),
        serverCpuUtilisation: before === null || after === null ? null : utilisation(before, after),
      }
    })
  }

  #held(readings: Readings): number {
    return Math.max(0, heldBy(readings, this.#transport) - this.others)
  }
}

/** Tells where a run is: at the beginning of each phase, and once a second. */
export class PhaseTeller {
  readonly #order: RunOrder
  readonly #tally: { readonly live: number }
  readonly #timeline: Timeline
  readonly #ticker = setInterval(() => this.#tell(), 1000)
  #phase: Phase = 'starting'
  #sinceNs = nowNs()
  #totalMs: number | null = null

  constructor(order: RunOrder, tally: { readonly live: number }, timeline: Timeline) {
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
