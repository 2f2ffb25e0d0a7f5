import type { Result, Run } from '../result/document.ts'
import { isSound } from './evidence.ts'

/** Two runs whose rates are nearer than this tell more of their noise than of silence. */
const LEAST_RATIO = 2

/**
 * Bytes per second and client, both ways, when nothing comes: heartbeats and pings. Draws a line
 * through two runs of a transport at different rates, to where there are no events; a run without
 * events is that end itself. Null where there are no two such runs.
 */
export function silentBytes(run: Run, results: readonly Result[]): number | null {
  const runs = results
    .flatMap((result) => result.runs)
    .filter((other) => other.transport === run.transport && isSound(other))
    .sort((one, other) => rateOf(one) - rateOf(other))
  const [quiet] = runs
  if (quiet === undefined) return null
  const isApart = (other: Run): boolean =>
    rateOf(other) > 0 && rateOf(other) >= LEAST_RATIO * rateOf(quiet)
  const busy = isApart(run) ? run : runs.find(isApart)
  if (busy === undefined) return null
  const [from, to] = [rateOf(quiet), rateOf(busy)]
  const atNone = (bytesOf(quiet) * to - bytesOf(busy) * from) / (to - from)
  return Math.min(bytesOf(quiet), Math.max(0, atNone))
}

/** Events per second and client. */
function rateOf({ throughput, clients }: Run): number {
  return throughput.deliveriesPerSecond / clients.requested
}

/** Per second and client, both ways. */
function bytesOf({ wire, durationMs, clients }: Run): number {
  return (wire.bytesReceived + wire.bytesSent) / (durationMs / 1000) / clients.requested
}
