/** What coordinator, workers and publisher say to each other over their process channels. */
import type { LoopReading } from '../measure/loop.ts'
import type { Pace, Target } from '../transports/transport.ts'
import type { Workload } from './workload.ts'

/** A span of the monotonic clock, nanoseconds; the end is not part of it. */
export interface Span {
  readonly startNs: number
  readonly endNs: number
}

export interface WorkerPlan {
  /** Index of the worker: its stream of random numbers. */
  readonly worker: number
  readonly transport: string
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
  /** Time over which connects are spread; null connects as fast as is safe. */
  readonly rampUpMs: number | null
  /** Handshakes under way at once. */
  readonly connecting: number
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
export interface Counts {
  requests: number
  responses: number
  /** Responses without an event. */
  empty: number
  /** Event marks of this run, duplicates and the warm-up's included. */
  deliveries: number
  bytesReceived: number
  bytesSent: number
  cuts: number
  cpuUs: number
}

export function addCounts(into: Counts, counts: Counts, sign: 1 | -1): void {
  for (const key of Object.keys(into) as (keyof Counts)[]) into[key] += sign * counts[key]
}

export function noCounts(): Counts {
  return {
    requests: 0,
    responses: 0,
    empty: 0,
    deliveries: 0,
    bytesReceived: 0,
    bytesSent: 0,
    cuts: 0,
    cpuUs: 0,
  }
}

/** The state of a worker at one moment. */
export interface Snapshot {
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
  /** Latencies of the window's events that came since the last snapshot, microseconds. */
  readonly latenciesUs: Uint32Array
  /** As many as latencies; the same deliveries, from their acceptance. Empty when unknown. */
  readonly serviceLatenciesUs: Uint32Array
  /** From connecting to being subscribed, first time only, since the last snapshot. */
  readonly connectsUs: Uint32Array
}

/** Of the events whose intended time lies in the window. */
export interface AuditCounts {
  delivered: number
  duplicates: number
  outOfOrder: number
  /** This one and the next three are of the worker's whole life: none of them has a time. */
  damaged: number
  foreign: number
  misrouted: number
  gapSignals: number
  /** Received before they were intended: clocks or marks are wrong. */
  negative: number
  /** Received before the server accepted them: its clock is another one. */
  negativeServices: number
}

export function noAudit(): AuditCounts {
  return {
    delivered: 0,
    duplicates: 0,
    outOfOrder: 0,
    damaged: 0,
    foreign: 0,
    misrouted: 0,
    gapSignals: 0,
    negative: 0,
    negativeServices: 0,
  }
}

/** A worker's last word on the window's deliveries. */
export interface Settlement {
  readonly expected: number
  readonly lost: number
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

export type ToPublisher =
  | { readonly type: 'start'; readonly plan: PublisherPlan }
  /** Publish from `startNs` to the window's end. */
  | { readonly type: 'publish'; readonly startNs: number; readonly window: Span }
  /** Publish no more, and report soon. */
  | { readonly type: 'finish' }

/** What was published in the steady window. */
export interface PublisherReport {
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
  readonly loop: LoopReading
}

export type FromPublisher =
  | { readonly type: 'ready' }
  | { readonly type: 'published'; readonly report: PublisherReport }
