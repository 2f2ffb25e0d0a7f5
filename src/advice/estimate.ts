import { type Estimate, RARE, type Workload } from '../result/advice.ts'
import type { Result, Run } from '../result/document.ts'
import { cpuLine, loadOf } from './cpu.ts'
import type { Witness } from './evidence.ts'
import type { IdleCost } from './idle-cost.ts'
import type { MessageCost } from './message.ts'

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

/** What other runs tell of costs that the nearest one alone does not. */
export interface Known {
  /** Bytes per second and client when nothing comes, by users: the rest is by deliveries. */
  readonly idleCost: IdleCost
  /** Where what clients send is a request of its own, and it is known what one costs. */
  readonly messages: MessageCost | null
  readonly results: readonly Result[]
}

/**
 * What a technique costs for a workload, in proportion to what was measured: bytes and CPU by
 * requests, where it asks, or by deliveries, where it is told; connections by users, and so memory but
 * for the processes' own. What its clients send is added to it.
 *
 * @param intervalMs of a poller; null where the technique keeps none
 */
export function estimateOf(
  witness: Witness,
  workload: Workload,
  intervalMs: number | null,
  { idleCost, messages, results }: Known,
): Estimate {
  const { run, evidence } = witness
  const { users, eventsPerUserPerSecond } = workload
  const clients = run.clients.requested
  const seconds = run.durationMs / 1000
  const requestsPerSecond = requestsPerUserPerSecond(witness, workload, intervalMs)
  const asks = run.exchanges.emptyRatio !== null
  const load = users * (asks ? requestsPerSecond : eventsPerUserPerSecond)
  const loadFactor = loadOf(run) > 0 ? load / loadOf(run) : 0
  const byUsers = (figure: number | null | undefined): number | null =>
    figure == null ? null : (figure * users) / clients
  const bytes = (run.wire.bytesReceived + run.wire.bytesSent) / seconds
  // A rare question fetches many events, and an answer is as long as they are.
  const payload = asks ? witness.payloadBytes : 0
  const apart = idleCost.bytesPerSecond * clients + payload * run.throughput.deliveriesPerSecond
  const bytesPerSecond =
    (idleCost.bytesPerSecond + payload * eventsPerUserPerSecond) * users +
    Math.max(0, bytes - apart) * loadFactor +
    (messages?.bytesPerSecond ?? 0)
  // A server takes in and hands out every event, however rarely somebody asks for them.
  const events = evidence.usersFactor * evidence.eventsFactor
  const cpuLoad = asks ? Math.max(load, loadOf(run) * events) : load
  const line = cpuLine(run, cpuLoad, results)
  const sends = isRequest(run, workload)
  const messagesPerSecond = sends ? (workload.messagesPerUserPerSecond ?? 0) : 0
  return {
    requestsPerUserPerDay:
      asks || messagesPerSecond > 0 ? (requestsPerSecond + messagesPerSecond) * DAY : null,
    bytesPerSecond,
    bytesPerUserPerDay: (bytesPerSecond * DAY) / users,
    bytesAtLeast:
      (evidence.eventsFactor <= RARE && !idleCost.isKnown) ||
      (workload.clientToServer !== 'none' && messages === null),
    heldConnections: byUsers(run.clients.held.mean),
    openSockets: byUsers(run.clients.openSockets.mean),
    serverCores:
      line === null ? null : line.fixed + line.perLoad * cpuLoad + (messages?.cores ?? 0),
    fixedCpuKnown: line?.fixedKnown ?? false,
    cpuFactor: Math.max(line === null ? 0 : cpuLoad / line.measuredTo, messages?.factor ?? 0),
    serverMemoryBytes: memoryOf(run, users),
    loadFactor,
    messagesFactor: messages?.factor ?? null,
  }
}

/** What its clients send does not go on the connection on which they receive. */
export function isRequest(
  { technique }: Pick<Run, 'technique'>,
  { clientToServer }: Pick<Workload, 'clientToServer'>,
): boolean {
  return clientToServer !== 'none' && !technique.traits.bidirectional
}
