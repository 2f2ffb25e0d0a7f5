/** Runs as schedules make them, without a clock or a socket: what chance does to figures that are fixed. */
import { type Random, seededRandom } from '../measure/random.ts'
import type { Run } from '../result/document.ts'
import { type SampleTransport, sampleRun } from '../result/sample.conformance.ts'

export interface Plan {
  readonly transport: SampleTransport & ('short-poll' | 'sse')
  readonly clients: number
  /** Every client has a channel of its own, or all have one. */
  readonly channels: 'per-client' | 1
  /** Events per second and channel. */
  readonly rate: number
  readonly arrivals: 'poisson' | 'constant'
  readonly intervalMs: number
  readonly durationMs: number
}

const WARMUP_MS = 2_000
const HEARTBEAT_MS = 15_000
const BYTES = { answer: 150, event: 180, heartbeat: 8 } as const

/**
 * One run. The seed decides over events and phases, as it does in a measurement.
 * @param late draws by how much the machine is late with all clients and with each, some milliseconds
 */
export function scheduledRun(plan: Plan, seed: number, late: Random): Run {
  const { transport, clients, durationMs, intervalMs } = plan
  const polls = transport === 'short-poll'
  const random = seededRandom(seed, 0)
  const ends = WARMUP_MS + durationMs
  const channels = scheduleOf(plan, random)
  const isIn = (time: number): boolean => time >= WARMUP_MS && time < ends
  let [requests, empty, deliveries] = [0, 0, 0]
  const allLate = 5 * late()
  for (let client = 0; client < clients; client++) {
    const events = channels[client % channels.length] ?? []
    deliveries += events.filter(isIn).length
    let next = 0
    let at = allLate + 2 * late() + random() * intervalMs
    for (; polls && at < ends; at += intervalMs) {
      const before = next
      while ((events[next] ?? Number.POSITIVE_INFINITY) <= at) next++
      if (!isIn(at)) continue
      requests++
      if (next === before) empty++
    }
  }
  const heartbeats = polls ? 0 : Math.round((clients * durationMs) / HEARTBEAT_MS + late())
  const bytesReceived =
    requests * BYTES.answer + deliveries * BYTES.event + heartbeats * BYTES.heartbeat
  const run = sampleRun(transport)
  return {
    ...run,
    seed,
    durationMs,
    startedAt: new Date(1.7e12 + Math.floor(late() * 1e9)).toISOString(),
    latency: { ...run.latency, count: deliveries },
    clients: { ...run.clients, requested: clients, connected: clients },
    delivery: {
      ...run.delivery,
      published: channels.reduce((sum, events) => sum + events.filter(isIn).length, 0),
      expected: deliveries,
      delivered: deliveries,
    },
    exchanges: {
      ...run.exchanges,
      requests,
      responses: requests,
      empty,
      emptyRatio: polls ? empty / requests : null,
      requestsPerClientPerDay: polls ? (requests / clients / durationMs) * 86_400_000 : null,
    },
    wire: { ...run.wire, bytesReceived, bytesPerDelivery: bytesReceived / deliveries },
  }
}

/** When each channel has its events, milliseconds after the schedule's start, ascending. */
function scheduleOf(
  { clients, channels, rate, arrivals, durationMs }: Plan,
  random: Random,
): readonly (readonly number[])[] {
  const count = channels === 1 ? 1 : clients
  const periodMs = 1000 / rate
  return Array.from({ length: count }, (_, channel) => {
    const times: number[] = []
    // Even arrivals: the channels are spread over the period.
    let at = arrivals === 'constant' ? ((channel + 0.5) / count) * periodMs : gap(periodMs, random)
    while (at < WARMUP_MS + durationMs) {
      times.push(at)
      at += arrivals === 'constant' ? periodMs : gap(periodMs, random)
    }
    return times
  })
}

function gap(meanMs: number, random: Random): number {
  return -Math.log(1 - random()) * meanMs
}
