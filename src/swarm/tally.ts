import { EventBlocks } from '../measure/event-blocks.ts'
import { LatencyHistogram } from '../measure/histogram.ts'
import type { LoopReading, Stall } from '../measure/lateness.ts'
import { LowerBound } from '../measure/lower-bound.ts'
import { ChatTally } from './conversation.ts'
import type { Snapshot } from './heard.ts'
import {
  type AuditCounts,
  addTo,
  type Counts,
  type LatenessSums,
  noAudit,
  noCounts,
  noLateness,
  noSettlement,
  type Outage,
  type Settlement,
  type Span,
} from './messages.ts'
import { SwarmSeconds } from './timeline.ts'

class WorkerTally {
  last: Snapshot | null = null
  start: Snapshot | null = null
  end: Snapshot | null = null
  loop: LoopReading | null = null
  settlement: Settlement | null = null
  /** That last, as it said last. */
  outages: readonly Outage[] = []
  /** What came after the settlement. */
  readonly late: Snapshot[] = []
}

/** Adds up what the workers tell, and keeps the histograms. */
export class Tally {
  readonly latency = new LatencyHistogram()
  /** The same by when their events were intended. */
  readonly blocks = new EventBlocks()
  /** The same deliveries, as if the instrument had been on time. */
  readonly lowerBound: LowerBound
  readonly serviceLatency = new LatencyHistogram()
  readonly connect = new LatencyHistogram()
  readonly seconds: SwarmSeconds
  readonly #workers: readonly WorkerTally[]

  /** Null where clients do not send. */
  readonly chat: ChatTally | null

  /** @param servers processes that tell of their waits for a processor */
  constructor(workers: number, servers = 0, speaks = false) {
    this.chat = speaks ? new ChatTally() : null
    this.lowerBound = new LowerBound(servers)
    this.seconds = new SwarmSeconds(workers)
    this.#workers = Array.from({ length: workers }, () => new WorkerTally())
  }

  begin(window: Span): void {
    for (const blocks of [this.blocks, this.lowerBound.blocks]) blocks.begin(window)
  }

  /** What a worker tells after it has settled counts when it settles again: accounts must match. */
  take(worker: number, snapshot: Snapshot): void {
    const tally = this.#workers[worker] as WorkerTally
    if (tally.settlement === null) this.#add(worker, tally, snapshot)
    else tally.late.push(snapshot)
  }

  open(worker: number, snapshot: Snapshot): void {
    this.take(worker, snapshot)
    ;(this.#workers[worker] as WorkerTally).start = snapshot
  }

  close(worker: number, snapshot: Snapshot, loop: LoopReading): void {
    this.take(worker, snapshot)
    const tally = this.#workers[worker] as WorkerTally
    tally.end = snapshot
    tally.loop = loop
  }

  settle(
    worker: number,
    snapshot: Snapshot,
    settlement: Settlement,
    outages: readonly Outage[] = [],
  ): void {
    const tally = this.#workers[worker] as WorkerTally
    for (const late of tally.late.splice(0)) this.#add(worker, tally, late)
    this.#add(worker, tally, snapshot)
    tally.settlement = settlement
    tally.outages = outages
  }

  /** Connections that were lost after they stood, in no order; those that are not back among them. */
  get outages(): readonly Outage[] {
    return [...this.#outages, ...this.#workers.flatMap(({ outages }) => outages)]
  }

  /** Some connections are lost, as the workers said last. */
  get isOut(): boolean {
    return this.#workers.some(({ outages }) => outages.length > 0)
  }

  isClosed(worker: number): boolean {
    return this.#workers[worker]?.end !== null
  }

  get live(): number {
    return this.#sum(({ last }) => last?.live ?? 0)
  }

  /** Clients that were subscribed at the moment the window began; now, when none has begun. */
  get connectedAtStart(): number {
    const begun = this.#workers.some(({ start }) => start !== null)
    return this.#sum(({ start, last }) => (begun ? start : last)?.live ?? 0)
  }

  get rssBytes(): number {
    return this.#sum(({ end, last }) => (end ?? last)?.rssBytes ?? 0)
  }

  get loops(): readonly LoopReading[] {
    return this.#workers.flatMap(({ loop }) => (loop === null ? [] : [loop]))
  }

  /** What was counted between the window's edges; a lost worker's last word is its edge. */
  get counts(): Counts {
    const counts = noCounts()
    for (const { start, end, last } of this.#workers) {
      const until = end ?? last
      if (start === null || until === null) continue
      addTo(counts, until.counts)
      addTo(counts, start.counts, -1)
    }
    return counts
  }

  /** TLS handshakes from the start on. */
  get handshakes(): { readonly full: number; readonly resumed: number } {
    return {
      full: this.#sum(({ last }) => last?.counts.fullHandshakes ?? 0),
      resumed: this.#sum(({ last }) => last?.counts.resumedHandshakes ?? 0),
    }
  }

  get audit(): AuditCounts {
    return this.#total(noAudit(), ({ audit }) => audit)
  }

  get lateness(): LatenessSums {
    return this.#total(noLateness(), ({ lateness }) => lateness)
  }

  readonly #outages: Outage[] = []

  /** When clients connected anew, in no order: to a server that was there, and in vain. */
  readonly reachedNs: number[] = []
  readonly missedNs: number[] = []

  /** Of all workers, from their start on. */
  readonly stalls: Stall[] = []

  /** Gives up a worker that was lost: what it has not told of is lost. */
  forsake(worker: number, expected: number): void {
    const tally = this.#workers[worker] as WorkerTally
    if (tally.settlement !== null) return
    const delivered = tally.last?.audit.delivered ?? 0
    tally.settlement = {
      ...noSettlement(),
      expected: Math.max(expected, delivered),
      lost: Math.max(0, expected - delivered),
    }
  }

  /** Of a worker that has not settled, nothing more is known to be owed than what came. */
  get settlement(): Settlement {
    const sums = noSettlement()
    for (const { settlement, last } of this.#workers) {
      if (settlement !== null) addTo(sums, settlement)
      else sums.expected += last?.audit.delivered ?? 0
    }
    return sums
  }

  get errors(): Record<string, number> {
    return this.#total({}, ({ errors }) => errors)
  }

  get disguises(): Record<string, number> {
    return this.#total({}, ({ disguises }) => disguises)
  }

  destroy(): void {
    const { latency, lowerBound, serviceLatency, connect, seconds } = this
    for (const owner of [latency, lowerBound, serviceLatency, connect, seconds]) owner.destroy()
    this.chat?.destroy()
  }

  #add(worker: number, tally: WorkerTally, snapshot: Snapshot): void {
    if (snapshot.second !== null && tally.last !== null) {
      this.seconds.book(snapshot.second, worker, tally.last, snapshot)
    }
    tally.last = snapshot
    this.latency.recordAll(snapshot.latenciesUs)
    this.blocks.recordAll(snapshot)
    this.lowerBound.take(snapshot)
    this.stalls.push(...snapshot.stalls)
    for (const outage of snapshot.outages) this.#outages.push(outage)
    for (const atNs of snapshot.reachedNs) this.reachedNs.push(atNs)
    for (const atNs of snapshot.missedNs) this.missedNs.push(atNs)
    this.serviceLatency.recordAll(snapshot.serviceLatenciesUs)
    this.connect.recordAll(snapshot.connectsUs)
    if (snapshot.speech !== null) this.chat?.take(snapshot.speech)
  }

  #total<Sums extends Record<string, number>>(sums: Sums, of: (snapshot: Snapshot) => Sums): Sums {
    for (const { last } of this.#workers) if (last !== null) addTo(sums, of(last))
    return sums
  }

  #sum(of: (worker: WorkerTally) => number): number {
    return this.#workers.reduce((sum, worker) => sum + of(worker), 0)
  }
}
