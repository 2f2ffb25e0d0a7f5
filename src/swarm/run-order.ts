import type { Scenario } from '../scenario/scenario.ts'
import { holdsPolls, type Target, type Transport } from '../transports/transport.ts'
import type { Progress } from './progress.ts'

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
