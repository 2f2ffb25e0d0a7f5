import type { Scenario } from '../scenario/scenario.ts'
import type { Target } from '../transports/client-side.ts'
import { holdsPolls } from '../transports/concern.ts'
import type { Transport } from '../transports/transport.ts'

/** A phase of a run, in their order. */
export type Phase = 'starting' | 'ramp-up' | 'warm-up' | 'steady' | 'drain' | 'done'

/** The state of a run that is under way. */
export interface Progress {
  readonly transport: string
  readonly label: string
  readonly repetition: number
  readonly phase: Phase
  readonly phaseElapsedMs: number
  readonly phaseTotalMs: number | null
  /** Clients subscribed now. */
  readonly connected: number
  readonly clients: number
  /** Connections that the server holds, as it said last; null before it has, or where it does not tell. */
  readonly held: number | null
  /** Of the last second. */
  readonly deliveriesPerSecond: number
  readonly p50Us: number | null
  readonly p99Us: number | null
}

/** Where a run stands in its invocation. */
export interface RunPlace {
  /** Of the whole invocation. */
  readonly timeLeftMs: number | null
  /** From 0, over all runs of the invocation. */
  readonly runIndex: number
  readonly runCount: number
}

/** What is to be measured, and whom to tell about it. */
export interface RunOrder {
  readonly transport: Transport
  readonly scenario: Scenario
  /** From 1. */
  readonly repetition: number
  /** By instance. */
  readonly targets: readonly Target[]
  readonly workers: number
  /** The server runs on this host. */
  readonly sharedWithServer: boolean
  /** Aborting it ends the run early, with what was measured by then. */
  readonly signal: AbortSignal
  /** Aborted after `signal`: nothing is waited for any more, and what was measured by then is told. */
  readonly hurry?: AbortSignal | undefined
  onProgress(progress: Progress): void
  /** Calls back for every server instance that ends by itself. */
  onServerLost(tell: () => void): void
}

/**
 * How long the server must hold polls at least so that the report tells the truth, milliseconds; null where
 * it holds none, or is an own one, which was told so.
 */
export function agreedHoldMs({ transport, scenario }: RunOrder): number | null {
  return holdsPolls(transport) && scenario.url !== null ? scenario.holdMs : null
}
