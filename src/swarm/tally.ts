import { LatencyHistogram } from '../measure/histogram.ts'
import type { LoopReading } from '../measure/loop.ts'
import {
  type AuditCounts,
  type Counts,
  noAudit,
  noCounts,
  type Settlement,
  type Snapshot,
} from './messages.ts'

/** One worker's account. */
interface WorkerTally {
  last: Snapshot | null
  start: Snapshot | null
  end: Snapshot | null
  loop: LoopReading | null
  settlement: Settlement | null
  /** What came after the settlement. */
  late: Snapshot[]
}

/** What the swarm did since the last time somebody asked: one line of a timeline. */
export interface SwarmSecond {
  readonly deliveries: number
  readonly p50Us: number | null
  readonly p99Us: number | null
  readonly maxUs: number | null
  readonly openSockets: number
  readonly exchanges: number
  readonly bytesReceived: number
  readonly cuts: number
  readonly cpuUs: number
}

/** Adds up what the workers tell, and keeps the histograms. */
export class Tally {
  readonly latency = new LatencyHistogram()
  readonly serviceLatency = new LatencyHistogram()
  readonly connect = new LatencyHistogram()
  readonly #second = new LatencyHistogram()
  readonly #workers: readonly WorkerTally[]
  #before: Counts = noCounts()

  constructor(workers: number) {
    this.#workers = Array.from({ length: workers }, () => ({
      last: null,
      start: null,
      end: null,
      loop: null,
      settlement: null,
      late: [],
    }))
  }

  /** What a worker tells after it has settled counts when it settles again: accounts must match. */
  take(worker: number, snapshot: Snapshot): void {
    const tally = this.#workers[worker] as WorkerTally
    if (tally.settlement === null) this.#add(tally, snapshot)
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

  settle(worker: number, snapshot: Snapshot, settlement: Settlement): void {
    const tally = this.#workers[worker] as WorkerTally
    for (const late of tally.late.splice(0)) this.#add(tally, late)
    this.#add(tally, snapshot)
    tally.settlement = settlement
  }

  /** Whether the worker has told the window's end. */
  isClosed(worker: number): boolean {
    return this.#workers[worker]?.end !== null
  }

  get live(): number {
    return this.#sum(({ last }) => last?.live ?? 0)
  }

  /** Clients subscribed when the window began. */
  get subscribedAtStart(): number {
    return this.#sum(({ start, last }) => (start ?? last)?.subscribed ?? 0)
  }

  get openSockets(): number {
    return this.#sum(({ last }) => last?.openSockets ?? 0)
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
      addCounts(counts, until.counts, 1)
      addCounts(counts, start.counts, -1)
    }
    return counts
  }

  /** Seconds between the window's edges, as the workers saw them. */
  get seconds(): number {
    const spans = this.#workers.flatMap(({ start, end, last }) => {
      const until = end ?? last
      return start === null || until === null ? [] : [(until.atNs - start.atNs) / 1e9]
    })
    return spans.length === 0 ? 0 : spans.reduce((sum, span) => sum + span, 0) / spans.length
  }

  get audit(): AuditCounts {
    const audit = noAudit()
    for (const { last } of this.#workers) {
      if (last === null) continue
      for (const key of Object.keys(audit) as (keyof AuditCounts)[]) audit[key] += last.audit[key]
    }
    return audit
  }

  /** Of a worker that was lost, nothing more is expected than what it delivered. */
  get settlement(): Settlement {
    return {
      expected: this.#sum(
        ({ settlement, last }) => settlement?.expected ?? last?.audit.delivered ?? 0,
      ),
      lost: this.#sum(({ settlement }) => settlement?.lost ?? 0),
    }
  }

  get errors(): Record<string, number> {
    const errors: Record<string, number> = {}
    for (const { last } of this.#workers) {
      for (const [cause, count] of Object.entries(last?.errors ?? {})) {
        errors[cause] = (errors[cause] ?? 0) + count
      }
    }
    return errors
  }

  /** What came since this was asked the last time. */
  second(): SwarmSecond {
    const now = noCounts()
    for (const { last } of this.#workers) if (last !== null) addCounts(now, last.counts, 1)
    const before = this.#before
    this.#before = now
    const brief = this.#second.brief()
    this.#second.reset()
    return {
      deliveries: now.deliveries - before.deliveries,
      ...brief,
      openSockets: this.openSockets,
      exchanges: now.responses - before.responses,
      bytesReceived: now.bytesReceived - before.bytesReceived,
      cuts: now.cuts - before.cuts,
      cpuUs: now.cpuUs - before.cpuUs,
    }
  }

  /** Frees the histograms. */
  destroy(): void {
    for (const histogram of [this.latency, this.serviceLatency, this.connect, this.#second]) {
      histogram.destroy()
    }
  }

  #add(tally: WorkerTally, snapshot: Snapshot): void {
    tally.last = snapshot
    this.latency.recordAll(snapshot.latenciesUs)
    this.#second.recordAll(snapshot.latenciesUs)
    this.serviceLatency.recordAll(snapshot.serviceLatenciesUs)
    this.connect.recordAll(snapshot.connectsUs)
  }

  #sum(of: (worker: WorkerTally) => number): number {
    return this.#workers.reduce((sum, worker) => sum + of(worker), 0)
  }
}

function addCounts(into: Counts, counts: Counts, sign: 1 | -1): void {
  for (const key of Object.keys(into) as (keyof Counts)[]) into[key] += sign * counts[key]
}
