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

/** The swarm's part of one second of the window. */
type SwarmSecond = ReturnType<typeof secondOf>

interface Account {
  readonly counts: Counts
  /** By worker that told of the second. */
  readonly openSockets: Map<number, number>
  /** Summed over these workers. */
  elapsedNs: number
  /** Null once it is sealed. */
  histogram: LatencyHistogram | null
  brief: BriefSummary
}

const NO_LATENCIES: BriefSummary = { p50Us: null, p99Us: null, maxUs: null }

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
    const account = this.#account(second)
    addTo(account.counts, after.counts)
    addTo(account.counts, before.counts, -1)
    account.openSockets.set(worker, after.openSockets)
    account.elapsedNs += after.atNs - before.atNs
    account.histogram?.recordAll(after.latenciesUs)
  }

  /** How many there are so far. */
  get count(): number {
    return this.#accounts.length
  }

  at(second: number): SwarmSecond {
    return secondOf(this.#accounts[second] ?? empty(null))
  }

  /** The last one of which every worker has told; the one before while some have not. */
  get latest(): SwarmSecond | null {
    const last = this.#accounts.at(-1)
    if (last === undefined) return null
    const all = last.openSockets.size === this.#workers
    return secondOf(all ? last : (this.#accounts.at(-2) ?? last))
  }

  /** Frees the histograms. */
  destroy(): void {
    for (const account of this.#accounts) seal(account)
  }

  #account(second: number): Account {
    while (this.#accounts.length <= second) {
      this.#accounts.push(empty(new LatencyHistogram()))
      const old = this.#accounts.at(-1 - OPEN_SECONDS)
      if (old !== undefined) seal(old)
    }
    return this.#accounts[second] as Account
  }
}

function empty(histogram: LatencyHistogram | null): Account {
  return {
    counts: noCounts(),
    openSockets: new Map(),
    elapsedNs: 0,
    histogram,
    brief: NO_LATENCIES,
  }
}

function seal(account: Account): void {
  if (account.histogram === null) return
  account.brief = account.histogram.brief()
  account.histogram.destroy()
  account.histogram = null
}

function secondOf({ counts, openSockets, elapsedNs, histogram, brief }: Account) {
  const seconds = elapsedNs / 1e9 / Math.max(1, openSockets.size)
  return {
    ...(histogram?.brief() ?? brief),
    deliveries: counts.deliveries,
    deliveriesPerSecond: seconds > 0 ? counts.deliveries / seconds : 0,
    openSockets: [...openSockets.values()].reduce((sum, open) => sum + open, 0),
    exchanges: counts.responses,
    bytesReceived: counts.bytesReceived,
    cuts: counts.cuts,
    /** Cores that the workers kept busy; null where no worker told of the second. */
    cpuUtilisation: seconds > 0 ? counts.cpuUs / 1e6 / seconds : null,
  }
}

/** The timeline of a window, second by second. */
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
