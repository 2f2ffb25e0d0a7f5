/** What coordinator, workers and publisher say to each other over their process channels. */
import type { LoopReading, Stall } from '../measure/lateness.ts'
import type { Pace, Target } from '../transports/transport.ts'
import type { TakenSamples } from './deliveries.ts'
import type { Workload } from './run-order.ts'

/** A span of the monotonic clock, nanoseconds; the end is not part of it. */
export interface Span {
  readonly startNs: number
  readonly endNs: number
}

export interface WorkerPlan {
  /** Index of the worker: its stream of random numbers. */
  readonly worker: number
  readonly transport: string
  /** Its clients get events by asking for them. */
  readonly asks: boolean
  /** They ask at this interval; null where an answer, or nothing, is what they wait for. */
  readonly slotMs: number | null
  readonly engine: 'lean' | 'library'
  readonly workload: Workload
  /** The worker's clients: `first` up to, not including, `end`. */
  readonly first: number
  readonly end: number
  /** By instance. */
  readonly targets: readonly Target[]
  readonly pace: Pace
  /** Of each event: its mark and its filler. */
  readonly payloadBytes: number
  /** The publisher goes first, and so may a server. */
  readonly givesWay: boolean
  /** The server is on this machine: clients keep to their half of the processors. */
  readonly sharesHost: boolean
  /** Time over which connects are spread; null connects as fast as is safe. */
  readonly rampUpMs: number | null
  /** Handshakes under way at once. */
  readonly connecting: number
  /** From the warm-up's begin until events come as in the window, and from then to the window. */
  readonly loadAfterMs: number
  readonly loadBeforeMs: number
  readonly arrivals: 'poisson' | 'constant'
  readonly seed: number
}

export type ToWorker =
  | { readonly type: 'start'; readonly plan: WorkerPlan }
  /** The steady window. */
  | { readonly type: 'window'; readonly window: Span }
  /** The window ends now. */
  | { readonly type: 'close' }
  /** The sequences published in the window, by channel: what every client should have by now. */
  | { readonly type: 'settle'; readonly first: Uint32Array; readonly last: Uint32Array }
  | { readonly type: 'stop' }

/** Counts since the worker's start; what belongs to a window is the difference of two. */
export type Counts = ReturnType<typeof noCounts>

export function noCounts() {
  return {
    requests: 0,
    responses: 0,
    /** Responses without an event. */
    empty: 0,
    /** Event marks of this run, duplicates and the warm-up's included. */
    deliveries: 0,
    bytesReceived: 0,
    bytesSent: 0,
    cuts: 0,
    cpuUs: 0,
    /** Time that the process's main thread waited for a processor. */
    waitedUs: 0,
  }
}

/** Adds counts to others of the same keys, or takes them off. */
export function addTo<Key extends string>(
  into: Record<Key, number>,
  counts: Readonly<Record<Key, number>>,
  sign: 1 | -1 = 1,
): void {
  for (const key of Object.keys(into) as Key[]) into[key] += sign * counts[key]
}

/** The state of a worker at one moment. */
export interface Snapshot extends TakenSamples {
  readonly atNs: number
  /** The second of the window in which all since the last snapshot happened; null outside of it. */
  readonly second: number | null
  readonly counts: Counts
  /** Clients subscribed now. */
  readonly live: number
  readonly openSockets: number
  readonly rssBytes: number
  readonly audit: AuditCounts
  /** By cause, of the worker's whole life: connecting is a part of what can fail. */
  readonly errors: Readonly<Record<string, number>>
  /** Over the window's deliveries so far: what part of their latency may be this process's. */
  readonly lateness: LatenessSums
  /** Of this process, since the last snapshot. */
  readonly stalls: readonly Stall[]
  /** What the first of the messages without a mark were recognised as, likewise. */
  readonly disguises: Readonly<Record<string, number>>
  /** From connecting to being subscribed, first time only, since the last snapshot. */
  readonly connectsUs: Uint32Array
}

/** Lateness of the instrument, summed over deliveries, microseconds. */
export type LatenessSums = ReturnType<typeof noLateness>

export function noLateness() {
  return {
    /** The publisher handed the event over late. */
    slipUs: 0,
    /** A client of its own accord asked late, and what it asked for had come by then. */
    askUs: 0,
    /** The worker was at work on something else. */
    busyUs: 0,
    /** The worker waited for a processor. */
    waitUs: 0,
    /** The worker's process stood still. */
    stallUs: 0,
    /** Deliveries that were {@link GRAVE_US} late and more by any of these. */
    grave: 0,
  }
}

/** What nobody would call noise any more, microseconds. */
export const GRAVE_US = 50_000

/** Of the events whose intended time lies in the window. */
export type AuditCounts = ReturnType<typeof noAudit>

export function noAudit() {
  return {
    delivered: 0,
    duplicates: 0,
    outOfOrder: 0,
    /** This one and the next three are of the worker's whole life: none of them has a time. */
    damaged: 0,
    /** Sequences that no channel can have come to. */
    forged: 0,
    foreign: 0,
    misrouted: 0,
    /** Messages in which an event could have been, and no mark of any run. */
    unmarked: 0,
    gapSignals: 0,
    /** Received before they were intended: clocks or marks are wrong. */
    negative: 0,
    /** Received before the server accepted them: its clock is another one. */
    negativeServices: 0,
    /** Accepted by the server before they were due: its clock is another one, too. */
    premature: 0,
  }
}

/** A worker's last word on the window's deliveries. */
export type Settlement = Readonly<ReturnType<typeof noSettlement>>

export function noSettlement() {
  return {
    expected: 0,
    lost: 0,
    /** Sequences that came and were never published. */
    forged: 0,
    /** Clients for which something was published since they connected, and who of them heard nothing. */
    provable: 0,
    unproven: 0,
  }
}

export type FromWorker =
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  /** All clients are subscribed. */
  | { readonly type: 'ramped' }
  /** The counts at the window's edges. */
  | { readonly type: 'window-start'; readonly snapshot: Snapshot }
  | { readonly type: 'window-end'; readonly snapshot: Snapshot; readonly loop: LoopReading }
  | { readonly type: 'settled'; readonly snapshot: Snapshot; readonly settlement: Settlement }

export interface PublisherPlan {
  readonly workload: Workload
  readonly targets: readonly Target[]
  readonly arrivals: 'poisson' | 'constant'
  /** Events per second and channel. */
  readonly rate: number
  readonly payloadBytes: number
  readonly seed: number
}

/** Events that nobody hears. */
export interface Heating {
  readonly span: Span
  readonly events: number
}

/** What is published when; the spans are of the monotonic clock. */
export interface PublishSchedule {
  /** An event for each of these channels, in this time. */
  readonly canaries: { readonly span: Span; readonly channels: Uint32Array }
  /** Events that nobody hears: some, and then evenly at the load's rate; null publishes none. */
  readonly costs: { readonly heating: Heating; readonly ingest: Span } | null
  /** From here to the window's end the load. */
  readonly loadFromNs: number
  /** What belongs to it is reported. */
  readonly window: Span
}

export type ToPublisher =
  | { readonly type: 'start'; readonly plan: PublisherPlan }
  | { readonly type: 'publish'; readonly schedule: PublishSchedule }
  /** Publish no more, and report soon. */
  | { readonly type: 'finish' }

/** What was published in the steady window. */
export interface PublisherReport {
  /** Sends of events that nobody hears, at the load's rate. */
  readonly unheard: number
  /** Events of the schedule, all of them handed to the connection. */
  readonly published: number
  /** Of these, handed over before the window's end. */
  readonly sentInTime: number
  /** Sends, one to each instance that has clients of the event's channel. */
  readonly due: number
  /** Sends that the server accepted. */
  readonly accepted: number
  /** Sends that it did not: it refused them, or they never left. */
  readonly dropped: number
  /**
   * Sends of which nobody knows: the connection was cut before the answer, or none came. Their marks
   * tell, if they arrive.
   */
  readonly unknown: number
  /** The dropped and the unknown ones by the reason: `http-404`, `ECONNREFUSED`, `unanswered`. */
  readonly refusals: Readonly<Record<string, number>>
  /** The window's sequences by channel; `first` is 0 where it has none. */
  readonly first: Uint32Array
  readonly last: Uint32Array
  /** By second of the window. */
  readonly perSecond: Uint32Array
  /** Per delivery: an event counts as often as it has receivers; null without events. */
  readonly slipMeanUs: number | null
  readonly slipP99Us: number | null
  readonly slipMaxUs: number | null
  /** Of the process in the window: CPU time, and time that it waited for a processor. */
  readonly cpuUs: number
  readonly waitedUs: number
  /** The longest time that it stood still; 0 where it did not. */
  readonly longestStallUs: number
  readonly loop: LoopReading
}

export type FromPublisher =
  | { readonly type: 'ready' }
  | { readonly type: 'published'; readonly report: PublisherReport }
