import type { Result, Run } from '../result/document.ts'
import { isSound } from './evidence.ts'
import { LEAST_RATIO } from './log-ratio.ts'

/** The reference server's heartbeats come so far apart: a shorter window has not seen them all. */
const HEARTBEAT_MS = 15_000

/** What a held connection takes when nothing comes: heartbeats and pings. */
export interface IdleCost {
  /** Of a client, both ways. */
  readonly bytesPerSecond: number
  /** Two runs told it, and both were long enough to see every client's heartbeat. */
  readonly isKnown: boolean
}

/** Whoever asks is never silent: it costs what its requests cost. */
export const NO_IDLE_COST: IdleCost = { bytesPerSecond: 0, isKnown: true }

/**
 * Draws a line through two runs of a transport at different rates, to where there are no events; a run
 * without events is that end itself. Nothing is known where there are no two such runs.
 */
export function idleCostOf(run: Run, results: readonly Result[]): IdleCost {
  const unknown: IdleCost = { bytesPerSecond: 0, isKnown: false }
  const runs = results
    .flatMap((result) => result.runs)
    .filter((other) => other.transport === run.transport && isSound(other))
    .sort((one, other) => rateOf(one) - rateOf(other))
  const [quiet] = runs
  if (quiet === undefined) return unknown
  const isApart = (other: Run): boolean =>
    rateOf(other) > 0 && rateOf(other) >= LEAST_RATIO * rateOf(quiet)
  const busy = isApart(run) ? run : runs.find(isApart)
  if (busy === undefined) return unknown
  const [from, to] = [rateOf(quiet), rateOf(busy)]
  const atNone = (bytesOf(quiet) * to - bytesOf(busy) * from) / (to - from)
  return {
    bytesPerSecond: Math.min(bytesOf(quiet), Math.max(0, atNone)),
    isKnown: Math.min(quiet.durationMs, busy.durationMs) >= HEARTBEAT_MS,
  }
}

/** Events per second and client. */
function rateOf({ throughput, clients }: Run): number {
  return throughput.deliveriesPerSecond / clients.requested
}

/** Per second and client, both ways. */
function bytesOf({ wire, durationMs, clients }: Run): number {
  return (wire.bytesReceived + wire.bytesSent) / (durationMs / 1000) / clients.requested
}
