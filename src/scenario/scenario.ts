import type { TargetDescription } from './target.ts'

/** The whole description of a measurement, resolved: every default filled in, every unit base. */
export interface Scenario {
  readonly name: string
  readonly description: string
  /** Names of transports, in the order in which they run. */
  readonly transports: readonly string[]
  /** Virtual clients per transport. */
  readonly clients: number
  /** The steady window, milliseconds. */
  readonly durationMs: number
  /** Published and delivered, but not measured, before the steady window, milliseconds. */
  readonly warmupMs: number
  /** Time over which connects are spread, milliseconds; null connects as fast as is safe. */
  readonly rampUpMs: number | null
  /** One channel a client, or so many channels shared by all of them (1 is a broadcast). */
  readonly channels: 'per-client' | number
  /** Events per second and channel. */
  readonly rate: number
  readonly arrivals: 'poisson' | 'constant'
  /** Bytes of one event's data, its mark included. */
  readonly payloadBytes: number
  /** The short poller's interval, milliseconds; 0 asks again at once. */
  readonly intervalMs: number
  /** The longest that a long poll is held, milliseconds. */
  readonly holdMs: number
  /** On what the clients run: sockets and parsers of rtbench's own, or undici and ws. */
  readonly engine: 'lean' | 'library'
  readonly instances: 'auto' | number
  readonly workers: 'auto' | number
  /** `memory`: events stay in the server's process. */
  readonly backplane: string
  /** Base URL of an already running server; null starts a reference server. */
  readonly url: string | null
  /** What the server at the URL speaks; null for a reference server. */
  readonly target: TargetDescription | null
  readonly repeat: number
  /** Conditions on a run's metrics, as written: `p99<200ms`. */
  readonly thresholds: readonly string[]
  /** Seed of the schedule and of all phases, an unsigned 32-bit integer. */
  readonly seed: number
}
