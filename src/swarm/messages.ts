/** What the coordinator says to workers and publisher over their process channels, and what these count for it. */
import type { Scenario } from '../scenario/scenario.ts'
import type { Pace, Target } from '../transports/transport.ts'
import type { Sent, Workload } from './run-order.ts'

/** A span of the monotonic clock, nanoseconds; the end is not part of it. */
export interface Span {
  readonly startNs: number
  readonly endNs: number
}

export interface WorkerPlan
  extends Pick<Scenario, 'engine' | 'payloadBytes' | 'rampUpMs' | 'arrivals' | 'seed'> {
  /** Index of the worker: its stream of random numbers. */
  readonly worker: number
  readonly transport: string
  /** Its clients get events by asking for them. */
  readonly asks: boolean
  /** They ask at this interval; null where an answer, or nothing, is what they wait for. */
  readonly slotMs: number | null
  readonly workload: Workload
  /** The worker's clients: `first` up to, not including, `end`. */
  readonly first: number
  readonly end: number
  /** By instance. */
  readonly targets: readonly Target[]
  readonly pace: Pace
  /** The publisher goes first, and so may a server. */
  readonly givesWay: boolean
  /** The server is on this machine: clients keep to their half of the processors. */
  readonly sharesHost: boolean
  /** Handshakes under way at once. */
  readonly connecting: number
  /** Messages per second of each client; 0 where they do not send. */
  readonly sendRate: number
  /** From the warm-up's begin until events come as in the window, and from then to the window. */
  readonly loadAfterMs: number
  readonly loadBeforeMs: number
  /** What happens to its clients is told for a history. */
  readonly records?: boolean
  /** Which instance serves a client is the front's choice. */
  readonly behindFront?: boolean
}

export type ToWorker =
  | { readonly type: 'start'; readonly plan: WorkerPlan }
  /** With when its clients send, where they do. */
  | { readonly type: 'window'; readonly window: Span; readonly speech: SpeechSchedule | null }
  | { readonly type: 'close' }
  | { readonly type: 'disrupt'; readonly order: DisruptOrder }
  /** What every client should have by now. */
  | { readonly type: 'settle'; readonly sent: Sent }
  | { readonly type: 'stop' }

/** What is to be done to the connections of some clients. */
export interface DisruptOrder {
  /** Of the run's disruptions, from 0. */
  readonly index: number
  /** Of all clients, chosen by the seed. */
  readonly share: number
  /** They are broken in this way; null where their ports are all that is wanted. */
  readonly way: 'rst' | 'fin' | null
}

/** A connection that was lost, until the client was subscribed again. */
export interface Outage {
  /** In the whole swarm. */
  readonly client: number
  /** As errors are counted: `ECONNRESET`, `silent`. */
  readonly cause: string
  /** When the client knew. */
  readonly noticedAtNs: number
  /** Null where it was not, until the end. */
  readonly backAtNs: number | null
  /** Connects that it took, or has taken so far. */
  readonly attempts: number
  /** That the new connection had carried when the client was subscribed; null until then, or where nobody tells. */
  readonly bytes: number | null
}

/** Counts since the worker's start; what belongs to a window is the difference of two. */
export type Counts = ReturnType<typeof noCounts>

export function noCounts() {
  return {
    requests: 0,
    responses: 0,
    empty: 0,
    /** Event marks of this run, duplicates and the warm-up's included. */
    deliveries: 0,
    bytesReceived: 0,
    bytesSent: 0,
    cuts: 0,
    /** Of TLS: whole ones, and such that go on with an earlier session. */
    fullHandshakes: 0,
    resumedHandshakes: 0,
    cpuUs: 0,
    /** Time that the process's main thread waited for a processor. */
    waitedUs: 0,
    /** Messages written by clients, and requests that were written for them; answers to them. */
    upMessages: 0,
    upRequests: 0,
    upAnswers: 0,
    /** Of these; they are not among the bytes above. */
    upBytesSent: 0,
    upBytesReceived: 0,
  }
}

/** Adds counts to others, or takes them off; one that is new there begins at 0. */
export function addTo<Key extends string>(
  into: Record<Key, number>,
  counts: Readonly<Record<Key, number>>,
  sign: 1 | -1 = 1,
): void {
  for (const key of Object.keys(counts) as Key[]) into[key] = (into[key] ?? 0) + sign * counts[key]
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
    waitUs: 0,
    stallUs: 0,
    /** Deliveries that were {@link GRAVE_US} late and more by any of these. */
    grave: 0,
  }
}

/** Lateness that nobody would call noise any more, microseconds. */
export const GRAVE_US = 50_000

/** Counts of the audit, over the events whose intended time lies in the window. */
export type AuditCounts = ReturnType<typeof noAudit>

export function noAudit() {
  return {
    delivered: 0,
    /** To clients that had lost their connection, of events that were due before they were back. */
    replayed: 0,
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
    /** Missing, and nobody said so; and in gaps that the server told the client of. */
    lost: 0,
    gapped: 0,
    forged: 0,
    /** Clients for which something was published since they connected, and who of them heard nothing. */
    provable: 0,
    unproven: 0,
  }
}

/** When clients send: like a publisher's schedule, and of one with it. */
export interface SpeechSchedule extends Pick<PublishSchedule, 'costs' | 'loadFromNs' | 'window'> {}

/** A worker's account of the messages that its clients were to send in the window, but its lists. */
export function noSpeech() {
  return {
    /** By the schedule, all of them handed to their clients; and of these, before the window's end. */
    due: 0,
    sentInTime: 0,
    /** The server took it, refused it or never got it; or nobody knows. */
    accepted: 0,
    dropped: 0,
    unknown: 0,
    /** To channels without a listener, at the load's rate. */
    unheard: 0,
    /** Deliveries to come of them, and how late they were sent, summed over these. */
    deliveries: 0,
    slipUs: 0,
  }
}

export interface PublisherPlan
  extends Pick<Scenario, 'arrivals' | 'rate' | 'payloadBytes' | 'seed'> {
  readonly workload: Workload
  readonly targets: readonly Target[]
  /** What becomes of its events is told for a history. */
  readonly records?: boolean
}

/** The schedule of a run's events; its spans are of the monotonic clock. */
export interface PublishSchedule {
  /** An event for each of these channels, in this time. */
  readonly canaries: { readonly span: Span; readonly channels: Uint32Array }
  /**
   * By which the server's costs are told: some events that nobody hears, then none, then again evenly at
   * the load's rate. Null where there is no time for these, or nobody tells what the server takes.
   */
  readonly costs: {
    readonly heating: { readonly span: Span; readonly events: number }
    readonly idle: Span
    readonly ingest: Span
  } | null
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
