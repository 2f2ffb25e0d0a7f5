import { type BriefSummary, LatencyHistogram } from '../measure/histogram.ts'
import { addCounts, type Counts, noCounts, type Snapshot } from './messages.ts'

/** Seconds whose histogram is kept: what a worker tells later than that changes no percentile. */
const OPEN_SECONDS = 5

/** What the swarm did in one second of the window. */
export interface SwarmSecond extends BriefSummary {
  readonly deliveries: number
  readonly deliveriesPerSecond: number
  readonly openSockets: number
  readonly exchanges: number
  readonly bytesReceived: number
  readonly cuts: number
  /** Cores that the workers kept busy; null where no worker told of the second. */
  readonly cpuUtilisation: number | null
}

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
    addCounts(account.counts, after.counts, 1)
    addCounts(account.counts, before.counts, -1)
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

function secondOf({ counts, openSockets, elapsedNs, histogram, brief }: Account): SwarmSecond {
  const seconds = elapsedNs / 1e9 / Math.max(1, openSockets.size)
  return {
    ...(histogram?.brief() ?? brief),
    deliveries: counts.deliveries,
    deliveriesPerSecond: seconds > 0 ? counts.deliveries / seconds : 0,
    openSockets: [...openSockets.values()].reduce((sum, open) => sum + open, 0),
    exchanges: counts.responses,
    bytesReceived: counts.bytesReceived,
    cuts: counts.cuts,
    cpuUtilisation: seconds > 0 ? counts.cpuUs / 1e6 / seconds : null,
  }
}
