import { NS_PER_MS } from '../measure/clock.ts'
import type {
  Alarms,
  Pace,
  Session,
  Target,
  VirtualClient,
  Waiter,
} from '../transports/transport.ts'
import type { ReceivedMark } from '../wire/mark.ts'
import type { SharedReader } from '../wire/socket.ts'
import type { AuditCounts, Counts, WorkerPlan } from './messages.ts'
import { channelName, channelOf } from './run-order.ts'

/** Clients for each millisecond from the first event to the window that may ask once more in it: few for a server. */
const MOST_SETTLING = 2
/** Of that time: what is late by the rest of it is no part of the window. */
const SETTLING_SHARE = 0.6

/** What a session asks of the shard that it is of. */
export interface SessionOwner {
  readonly plan: WorkerPlan
  readonly reader: SharedReader
  readonly agenda: Alarms
  readonly counts: Counts
  readonly audited: AuditCounts
  readonly lastMark: ReceivedMark
  readonly eventsFromNs: number
  readonly firstEventsNs: Float64Array | null
  random(): number
  targetOf(client: number): Target
  onWaiting(waiter: Waiter): void
  onSubscribed(session: ClientSession): void
  onCut(session: ClientSession, cause: string): void
  onRequested(session: ClientSession): void
  onReceived(
    session: ClientSession,
    bytes: Buffer,
    start: number,
    end: number,
    acceptedAtNs: number,
    isList: boolean,
  ): number
  onUnmarked(bytes: Buffer, start: number, end: number): void
  onMark(session: ClientSession, mark: ReceivedMark): void
}

/** One client's tie to its shard. There is one per client, so it holds as little as can be. */
export class ClientSession implements Session {
  readonly #shard: SessionOwner
  /** In the whole swarm. */
  readonly number: number
  client: VirtualClient | null = null
  /** Subscribed at least once. */
  everSubscribed = false
  /** Subscribed now. */
  live = false
  /** Subscribed before the window began: owed every event of it. */
  counted = false
  /** On its first attempt. */
  ramping = false
  startedAtNs = 0

  constructor(shard: SessionOwner, number: number) {
    this.#shard = shard
    this.number = number
  }

  get target(): Target {
    return this.#shard.targetOf(this.number)
  }

  get channel(): string {
    const { workload } = this.#shard.plan
    return channelName(workload, channelOf(workload, this.number))
  }

  get pace(): Pace {
    return this.#shard.plan.pace
  }

  get reader(): SharedReader {
    return this.#shard.reader
  }

  get alarms(): Alarms {
    return this.#shard.agenda
  }

  afterReads(waiter: Waiter): void {
    this.#shard.onWaiting(waiter)
  }

  get eventsFromNs(): number {
    return this.#shard.eventsFromNs
  }

  get settlingMs(): number {
    const { loadBeforeMs, workload } = this.#shard.plan
    return workload.clients > MOST_SETTLING * loadBeforeMs ? 0 : SETTLING_SHARE * loadBeforeMs
  }

  get firstEventMs(): number | null {
    const { workload } = this.#shard.plan
    const firstNs = this.#shard.firstEventsNs?.[channelOf(workload, this.number)]
    return firstNs === undefined ? null : firstNs / NS_PER_MS
  }

  random(): number {
    return this.#shard.random()
  }

  subscribed(): void {
    this.#shard.onSubscribed(this)
  }

  cut(cause: string): void {
    this.#shard.onCut(this, cause)
  }

  requested(): void {
    this.#shard.onRequested(this)
  }

  answered(events: number): void {
    this.#shard.counts.responses++
    if (events === 0) this.#shard.counts.empty++
  }

  gap(): void {
    this.#shard.audited.gapSignals++
  }

  received(bytes: Buffer, start: number, end: number, acceptedAtNs: number): number {
    return this.#shard.onReceived(this, bytes, start, end, acceptedAtNs, false)
  }

  receivedList(bytes: Buffer, start: number, end: number): number {
    return this.#shard.onReceived(this, bytes, start, end, Number.NaN, true)
  }

  unmarked(bytes: Buffer, start: number, end: number): void {
    this.#shard.onUnmarked(bytes, start, end)
  }

  get lastMark(): ReceivedMark {
    return this.#shard.lastMark
  }

  receivedMark(mark: ReceivedMark): void {
    this.#shard.onMark(this, mark)
  }
}
