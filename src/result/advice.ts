/** What `rtbench advise` answers: plain data, for its report and for scripts. */

/** What somebody is going to build. */
export interface Workload {
  readonly users: number
  /** Events that each user receives, per second. */
  readonly eventsPerUserPerSecond: number
  readonly wanted: { readonly percentile: Percentile; readonly latencyUs: number }
  /** `per-client`: an event is for one user; or so many are shared by all users: 1 is a broadcast. */
  readonly channels: number | 'per-client'
  /** Of an event; null where it is as long as those that were measured. */
  readonly payloadBytes: number | null
  readonly clientToServer: Traffic
  /** What each user sends; null where only a word for it was given. */
  readonly messagesPerUserPerSecond: number | null
  /** Server processes among which the users are; one needs no bus. */
  readonly instances: number
  readonly proxies: readonly Middlebox[]
  /** `any` has browsers that know nothing but requests. */
  readonly browsers: Browsers
}

export type Percentile = 'p50' | 'p95' | 'p99'
export const TRAFFIC = ['none', 'some', 'chatty'] as const
type Traffic = (typeof TRAFFIC)[number]
/** What stands between clients and server, and does not let everything through. */
export const PROXIES = ['block-upgrades', 'buffer-streams'] as const
export type Middlebox = (typeof PROXIES)[number]
export const BROWSERS = ['modern', 'any'] as const
type Browsers = (typeof BROWSERS)[number]

/** The run that speaks for a technique's latency, and the runs that speak for its costs. */
export interface Evidence {
  /** Of the result. */
  readonly name: string
  readonly clients: number
  /** Events that each client received, per second. */
  readonly eventsPerClientPerSecond: number
  /** At which it was measured; null where the technique keeps none. */
  readonly intervalMs: number | null
  /** The wanted percentile: the ends of what may be relied on. */
  readonly latencyUs: number
  readonly latencyLowerUs: number
  readonly verdict: 'valid' | 'suspect'
  /** The workload's users, and its events per user, by those of this run: 1 is no extrapolation. */
  readonly usersFactor: number
  readonly eventsFactor: number
  /** Other windows would show no more than `latencyUs` in 95 of 100; else that is the most that came in this one. */
  readonly isBounded: boolean
  /** Runs of the technique that tell its costs. */
  readonly runs: number
}

/** A figure and where it lies. */
export interface Amount {
  readonly value: number
  readonly low: number
  /** Null where nothing bounds it from above. */
  readonly high: number | null
  /** By which the worst estimate of a run was off that was left out, 0.3: 30 %; null where none could be. */
  readonly error: number | null
  /** From so many runs. */
  readonly runs: number
}

/** What a technique would cost for all users together. */
export interface Estimate {
  /** Messages of the clients among them, where each is a request; null where there are no requests. */
  readonly requestsPerUserPerDay: number | null
  /** Both ways, headers and framing included. Its high end is null where heartbeats or what clients send are not known. */
  readonly bytesPerSecond: Amount
  readonly bytesPerUserPerDay: number
  readonly heldConnections: number | null
  /** The clients' sockets, a poller's idle ones among them. */
  readonly openSockets: number | null
  readonly serverCores: Amount | null
  readonly serverMemoryBytes: Amount | null
}

/** Costs that differ by less decide nothing: nobody builds otherwise for them. */
export const NEGLIGIBLE = {
  serverCores: 0.1,
  bytesPerSecond: 100 * 1024,
  serverMemoryBytes: 128 * 1024 * 1024,
} as const

/**
 * A workload may be so many times what was measured. Two machines, or a quiet and a busy hour, differ
 * by less; and of a server that is ten times as busy it is not even known whether it still answers.
 * Less than was measured is no such doubt: it costs no more than the run did.
 */
export const FARTHEST = 10

/** In what a workload is more than was measured, and how many times. */
export interface Extrapolation {
  readonly of: 'users' | 'events' | 'requests' | 'deliveries' | 'messages'
  readonly factor: number
}

/**
 * Why nothing speaks for a technique: no run of it; invalid ones alone; ones that were stopped or lost
 * deliveries; or too few deliveries for the wanted percentile.
 */
export type NoEvidence = 'not-measured' | 'invalid' | 'not-counted' | 'too-few'

export interface TechniqueAdvice {
  readonly transport: string
  readonly label: string
  readonly complexity: string
  readonly complexityGrade: number
  readonly bidirectional: boolean
  /**
   * `suitable`: it may be taken; `beyond`: so it seems, but so far from what was measured that it is to
   * be measured first; `untold`: what is known of its latency is on both sides of what is wanted; else what stands
   * against it.
   */
  readonly status: 'suitable' | 'beyond' | 'excluded' | 'too-slow' | 'untold' | NoEvidence
  /** More than figures are trusted for, the farthest first; empty where they are near enough. */
  readonly stretches: readonly Extrapolation[]
  /** A poller's interval is shorter than clients on the web keep. */
  readonly intervalTooShort: boolean
  /** One line each: why it is not suitable, or what to know about it. */
  readonly reasons: readonly string[]
  readonly evidence: Evidence | null
  /** The poller's interval that is just short enough; null where the technique keeps none. */
  readonly intervalMs: number | null
  /** To be expected at the wanted percentile: the ends of what may be relied on. */
  readonly latencyUs: number | null
  readonly latencyLowerUs: number | null
  readonly estimate: Estimate | null
}

export interface Advice {
  readonly workload: Workload
  /** What decides among techniques that are shown to cost the same: `simple`, `fast`, `cheap`, or a technique's name. */
  readonly prefer: string
  readonly techniques: readonly TechniqueAdvice[]
  /** The transport to take; null where none is, and where several cannot be told apart. Where it is `beyond`, so is every other one. */
  readonly chosen: string | null
  /** Those that nothing was shown against; the chosen one alone where one was chosen. */
  readonly among: readonly string[]
  /** None keeps the latency for certain, and there are runs that cannot tell whether their technique might. */
  readonly undecided: boolean
  /** What left others behind, in this order; empty where there was no other. */
  readonly decided: readonly Decision[]
  /** Of those among whom none was chosen: by what each pair cannot be told apart. */
  readonly untold: readonly Untold[]
  /** What connects the instances; null of one, which needs nothing. */
  readonly bus: BusAdvice | null
  /** The command that measures what is missing; null where nothing is, or no measurement here would tell. */
  readonly measure: string | null
}

/** A criterion, and the transport that came nearest of those that it left behind. */
export interface Decision {
  readonly by: Criterion
  readonly against: string
  /** A preference and no measurement: another one would decide otherwise. */
  readonly isOpinion: boolean
  /** It is surely worse, and perhaps by less than matters. */
  readonly isByLittle: boolean
}

/** What is known of buses between so many instances. */
export interface BusAdvice {
  readonly instances: number
  /** Those that were measured with as many, the least added first; empty where none was. */
  readonly buses: readonly BusCost[]
  /** The command that measures what is missing; null where nothing is. */
  readonly measure: string | null
}

/** What a bus would add to a delivery, and cost, by the runs nearest to the workload. */
export interface BusCost {
  readonly name: string
  readonly routing: string
  /** The wanted one, or the p99 where nothing nearer is known. */
  readonly percentile: 'p50' | 'p99'
  /** Microseconds, with where it lies; null where no run tells. */
  readonly addedUs: {
    readonly value: number
    readonly low: number | null
    readonly high: number | null
  } | null
  /** Of all instances, beyond what one takes without a bus; and of the bus's process. */
  readonly instancesCores: number | null
  readonly busCores: number | null
  readonly bytesPerSecond: number | null
  readonly hopsPerEvent: number | null
  /** The workload's events a second, by those of the runs. */
  readonly eventsFactor: number
  readonly runs: number
}

export interface Untold {
  readonly by: Cost
  readonly pair: readonly [string, string]
}

/** What is measured of techniques that are all fast enough. */
export type Cost = 'cpu' | 'bandwidth' | 'memory'
/** By what techniques are chosen that are all fast enough. */
export type Criterion = Cost | 'bidirectional' | 'complexity' | 'latency' | 'preferred'
