/** What `rtbench advise` answers: plain data, for its report and for scripts. */

/** What somebody is going to build. */
export interface Workload {
  readonly users: number
  /** Events that each user receives, per second. */
  readonly eventsPerUserPerSecond: number
  readonly wanted: { readonly percentile: Percentile; readonly latencyUs: number }
  readonly clientToServer: Traffic
  /** What each user sends; null where only a word for it was given. */
  readonly messagesPerUserPerSecond: number | null
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

/** The run that speaks for a technique. */
export interface Evidence {
  /** Of the result. */
  readonly name: string
  readonly clients: number
  /** Events that each client received, per second. */
  readonly eventsPerClientPerSecond: number
  /** At which it was measured; null where the technique keeps none. */
  readonly intervalMs: number | null
  /** As observed, and as if the instrument had been on time. */
  readonly latencyUs: number
  readonly latencyLowerUs: number
  readonly verdict: 'valid' | 'suspect'
  /** The workload's users and deliveries per second, by those measured: 1 is no extrapolation. */
  readonly usersFactor: number
  readonly eventsFactor: number
  /** Another run tells a client's bytes when nothing comes, so that those of events are scaled alone. */
  readonly silenceKnown: boolean
}

/** What a technique would cost for all users together, in proportion to what was measured. */
export interface Estimate {
  /** Messages of the clients among them, where each is a request; null where there are no requests. */
  readonly requestsPerUserPerDay: number | null
  /** Both ways, headers and framing included. */
  readonly bytesPerSecond: number
  readonly bytesPerUserPerDay: number
  /** The bytes are understated: those of silence, or of what clients send, are not known. */
  readonly bytesAtLeast: boolean
  readonly heldConnections: number | null
  /** The clients' sockets, a poller's idle ones among them. */
  readonly openSockets: number | null
  readonly serverCores: number | null
  /** Two runs tell what the server takes without load apart from what each request or delivery takes. */
  readonly fixedCpuKnown: boolean
  /** The load by the greatest of the runs that tell the CPU: far beyond it the CPU is a guess. */
  readonly cpuFactor: number
  /** Null, too, where so few clients were measured that their part of it is not known. */
  readonly serverMemoryBytes: number | null
  /** The load by which it was scaled, by that of the run: requests where it asks, else deliveries. */
  readonly loadFactor: number
  /** Messages of the clients per second, by the requests that they were costed by; null where they were not. */
  readonly messagesFactor: number | null
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

/** So many times fewer events than were measured are rare: then what a connection takes in silence tells. */
export const RARE = 1 / 2

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
   * be measured first; `untold`: its latency keeps what is wanted at one of its bounds and not at the
   * other; else what stands against it.
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
  /** To be expected at the wanted percentile, as observed and as if the instrument had been on time. */
  readonly latencyUs: number | null
  readonly latencyLowerUs: number | null
  readonly estimate: Estimate | null
}

export interface Advice {
  readonly workload: Workload
  readonly techniques: readonly TechniqueAdvice[]
  /** The transport to take; null where none is. Where it is `beyond`, so is every other one. */
  readonly chosen: string | null
  /** The command that measures what is beyond; null where nothing is. */
  readonly measure: string | null
  /** None was chosen, and there are runs that cannot tell whether their technique might be. */
  readonly undecided: boolean
  /** What left others behind, in this order; empty where there was no other. */
  readonly decided: readonly Decision[]
}

/** A criterion, and the transport that came nearest of those that it left behind. */
export interface Decision {
  readonly by: Criterion
  readonly against: string
}

/** By what techniques are chosen that are all fast enough. */
export type Criterion = 'bidirectional' | 'cpu' | 'bandwidth' | 'memory' | 'complexity' | 'latency'
