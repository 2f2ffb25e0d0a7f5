import type { Estimate, Workload } from '../result/advice.ts'
import type { Witness } from './evidence.ts'

const DAY = 86_400

/** Resident memory of the reference server's process before its first client: 61 to 65 MB, measured. */
const PROCESS_BYTES = 60 * 2 ** 20
/** Fewer clients are lost in what a process's own memory varies by. */
const LEAST_CLIENTS = 1_000

/** What the processes take for themselves stays, and the rest is by users. */
function memoryOf({ server, clients }: Witness['run'], users: number): number | null {
  if (server === null || server.rssBytes === null) return null
  if (clients.requested < LEAST_CLIENTS && users > clients.requested) return null
  const own = Math.min(server.rssBytes, server.instances * PROCESS_BYTES)
  return own + ((server.rssBytes - own) * users) / clients.requested
}

/**
 * Requests that a user makes per second, by arithmetic: one an interval; or of a held poll one an
 * event, and one whenever nothing came for as long as it is held, with events at random.
 */
function requestsPerUserPerSecond(
  { run, holdMs }: Pick<Witness, 'run' | 'holdMs'>,
  { eventsPerUserPerSecond: rate }: Pick<Workload, 'eventsPerUserPerSecond'>,
  intervalMs: number | null,
): number {
  if (intervalMs !== null) return 1000 / intervalMs
  if (run.exchanges.emptyRatio === null) return 0
  const holdSeconds = holdMs / 1000
  return rate === 0 ? 1 / holdSeconds : rate / -Math.expm1(-rate * holdSeconds)
}

/**
 * What a technique costs for a workload, in proportion to what was measured: bytes and CPU by
 * requests, where it asks, or by deliveries, where it is told; connections by users, and so memory but
 * for the processes' own.
 *
 * @param intervalMs of a poller; null where the technique keeps none
 * @param silent bytes per second and client when nothing comes, by users: the rest is by deliveries
 */
export function estimateOf(
  witness: Witness,
  workload: Workload,
  intervalMs: number | null,
  silent: number,
): Estimate {
  const { run } = witness
  const { users, eventsPerUserPerSecond } = workload
  const clients = run.clients.requested
  const seconds = run.durationMs / 1000
  const requestsPerSecond = requestsPerUserPerSecond(witness, workload, intervalMs)
  const asks = run.exchanges.emptyRatio !== null
  const measured = asks ? run.exchanges.requests / seconds : run.throughput.deliveriesPerSecond
  const expected = users * (asks ? requestsPerSecond : eventsPerUserPerSecond)
  const factor = measured > 0 ? expected / measured : 0
  const byUsers = (figure: number | null | undefined): number | null =>
    figure == null ? null : (figure * users) / clients
  const bytes = (run.wire.bytesReceived + run.wire.bytesSent) / seconds
  const bytesPerSecond = silent * users + Math.max(0, bytes - silent * clients) * factor
  const utilisation = run.server?.cpuUtilisation ?? null
  return {
    requestsPerUserPerDay: requestsPerSecond * DAY,
    bytesPerSecond,
    bytesPerUserPerDay: (bytesPerSecond * DAY) / users,
    heldConnections: byUsers(run.clients.held.mean),
    serverCores: utilisation === null ? null : utilisation * factor,
    serverMemoryBytes: memoryOf(run, users),
  }
}
