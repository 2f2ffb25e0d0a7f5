/** What costs go with: what a server has to do in a second, and has to hold. */
import type { Workload } from '../result/advice.ts'
import type { RecordedScenario, Run } from '../result/document.ts'

/** How much there is of each. */
export interface Load {
  /** Server processes. */
  readonly process: number
  /** Of them those through which something passes. */
  readonly busy: number
  /** Clients, whether or not they hold one open. */
  readonly connections: number
  /** Per second, as the next three: questions of clients. */
  readonly requests: number
  /** Published, however many hear them. */
  readonly events: number
  readonly deliveries: number
  /** Bytes of payload that are delivered. */
  readonly payloadBytes: number
}

export type Term = keyof Load

/** Of a run's window. */
export function loadOf(run: Run, { payloadBytes }: Pick<RecordedScenario, 'payloadBytes'>): Load {
  const seconds = run.durationMs / 1000
  const deliveries = run.throughput.deliveriesPerSecond
  const process = run.server?.instances ?? 1
  return {
    process,
    busy: deliveries > 0 ? process : 0,
    connections: run.clients.requested,
    requests: run.exchanges.emptyRatio === null ? 0 : run.exchanges.requests / seconds,
    events: run.publisher.achievedPerSecond,
    deliveries,
    payloadBytes: deliveries * payloadBytes,
  }
}

/** How a technique's clients ask; null where they are told. */
export interface Asking {
  /** Of a poller; null where its questions are held. */
  readonly intervalMs: number | null
  readonly holdMs: number
}

/**
 * Of a workload, by arithmetic. A poller asks once an interval; a held question is answered by an event, or
 * after its time where none came, with events at random.
 */
export function wantedLoad(workload: Workload, asking: Asking | null, payloadBytes: number): Load {
  const { users, eventsPerUserPerSecond: rate, channels } = workload
  const deliveries = users * rate
  return {
    process: 1,
    busy: deliveries > 0 ? 1 : 0,
    connections: users,
    requests: asking === null ? 0 : users * questionsPerSecond(asking, rate),
    events: channels === 'per-client' ? deliveries : Math.min(channels, users) * rate,
    deliveries,
    payloadBytes: deliveries * payloadBytes,
  }
}

/** Of a client. */
function questionsPerSecond({ intervalMs, holdMs }: Asking, rate: number): number {
  if (intervalMs !== null) return 1000 / intervalMs
  const holdSeconds = holdMs / 1000
  return rate === 0 ? 1 / holdSeconds : rate / -Math.expm1(-rate * holdSeconds)
}
