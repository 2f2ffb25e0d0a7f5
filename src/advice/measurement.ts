/** The runs that a question needs, and the command that makes them. */
import { FARTHEST, type Workload } from '../result/advice.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { writeDuration } from '../scenario/units.ts'
import { LEAST_INTERVAL_MS } from './extrapolation.ts'
import { largestIntervalMs } from './interval.ts'
import { obstaclesOf, type Technique } from './technique.ts'

/** More clients than this make a measurement long; more are measured only to be near enough to a workload. */
const MOST_USERS = 10_000

/** As many clients as a workload's measurement has, where the machine carries them. */
export function usersToMeasure({ users }: Pick<Workload, 'users'>): number {
  return Math.min(users, Math.max(MOST_USERS, Math.ceil(users / FARTHEST)))
}

/** From so many runs of a technique on its costs are told with how wrong they may be. */
export const ENOUGH_RUNS = 3
/** Per core: what generator and server together take in and hand out per second. */
const MOST_EVENTS_PER_CORE = 2_000
const MOST_DELIVERIES_PER_CORE = 5_000

/** The keys of a scenario, as a file says them. */
export interface MeasurementWish {
  readonly transport: string
  readonly clients: number
  /** Events per second and channel. */
  readonly rate: number
  readonly channels: string
  readonly interval: string
  readonly warmup: string
  readonly duration: string
  readonly payload?: number
}

/** Around the workload: shares of its users, of its events per second and of the interval that a poller needs. */
const DESIGN = [
  { users: 1, events: 1 / 2, interval: 0.7, leastEventsPerSecond: 5 },
  { users: 1 / 2, events: 2, interval: 1, leastEventsPerSecond: 150 },
  { users: 1 / 4, events: 0.7, interval: 0.5, leastEventsPerSecond: 60 },
] as const

const WARMUP_MS = 2_000
const WINDOW_MS = 6_000
/** A poller is to ask several times. */
const INTERVALS = 2
const LONGEST_INTERVAL_MS = 10_000
/** As far apart as heartbeats. */
const IDLE_MS = 15_000
/** Of a user that gets more events a second than this, heartbeats are next to nothing. */
const BUSY = 0.3
/** What a run takes beside its phases: processes, connections, the drain. */
const BESIDE_MS = 3_000

/**
 * The runs that tell what a workload asks: a few loads around it, as far as a machine carries them, and where
 * events are rare, what connections cost while nothing comes. The workload itself is none of them, and who cannot
 * work at all is in none.
 */
export function measurementsFor(
  workload: Workload,
  techniques: readonly Technique[],
  { cores, users = usersToMeasure(workload) }: { readonly cores: number; readonly users?: number },
): readonly MeasurementWish[] {
  const { eventsPerUserPerSecond: rate, wanted } = workload
  const [pollers, others] = [true, false].map((keeps) =>
    techniques
      .filter((technique) => obstaclesOf(technique, workload).length === 0)
      .filter(({ traits }) => traits.keepsInterval === keeps)
      .map(({ name }) => name)
      .join(','),
  )
  const exact = largestIntervalMs(wanted.percentile, 0, wanted.latencyUs) ?? LEAST_INTERVAL_MS
  const neededMs = Math.min(LONGEST_INTERVAL_MS, Math.max(LEAST_INTERVAL_MS, exact))
  const wish = (
    transport: string,
    clients: number,
    load: number,
    intervalMs: number,
    windowMs: number,
  ) => ({
    transport,
    clients,
    rate: rateOf(load, clients),
    channels: String(channelsOf(workload, clients)),
    interval: writeDuration(Math.ceil(intervalMs)),
    warmup: writeDuration(WARMUP_MS),
    duration: writeDuration(windowMs),
    ...(workload.payloadBytes === null ? {} : { payload: workload.payloadBytes }),
  })
  const most = mostDeliveries(workload, users, cores)
  // So that the most of them is what the machine carries.
  const wantedLoad = Math.min(users * rate, most / 2)
  const loaded = DESIGN.flatMap(({ users: share, events, interval, leastEventsPerSecond }) => {
    const clients = Math.max(1, Math.round(users * share))
    const load = Math.max(wantedLoad * events, Math.min(leastEventsPerSecond, most))
    const askingMs = Math.max(
      neededMs * interval,
      (clients * 1000) / (cores * MOST_EVENTS_PER_CORE),
    )
    return [
      wish(others ?? '', clients, load, neededMs, WINDOW_MS),
      wish(
        pollers ?? '',
        clients,
        load,
        askingMs,
        Math.max(WINDOW_MS, Math.ceil(INTERVALS * askingMs)),
      ),
    ]
  })
  const idle = rate < BUSY ? [wish(others ?? '', users, 0, neededMs, IDLE_MS)] : []
  return [...loaded, ...idle].filter(({ transport }) => transport !== '')
}

/** Deliveries per second that a machine carries: each event is taken in, and heard by some. */
function mostDeliveries(workload: Workload, users: number, cores: number): number {
  const heardBy = users / channelCount(workload, users)
  return cores * Math.min(MOST_DELIVERIES_PER_CORE, MOST_EVENTS_PER_CORE * heardBy)
}

/** Of a channel: every client hears one. */
function rateOf(load: number, clients: number): number {
  return Number((load / clients).toPrecision(3))
}

function channelsOf(workload: Workload, clients: number): number | 'per-client' {
  return workload.channels === 'per-client' ? 'per-client' : channelCount(workload, clients)
}

function channelCount({ channels }: Workload, clients: number): number {
  return channels === 'per-client' ? clients : Math.min(channels, clients)
}

/** How long the runs take, milliseconds, as far as their scenarios say. */
export function timeOf(
  scenarios: readonly Pick<Scenario, 'transports' | 'warmupMs' | 'durationMs'>[],
): number {
  return scenarios.reduce(
    (sum, { transports, warmupMs, durationMs }) =>
      sum + transports.length * (warmupMs + durationMs + BESIDE_MS),
    0,
  )
}

/** The question again, to be measured first; as it is typed. */
export function measuringCommand(workload: Workload, prefer: string): string {
  const { users, eventsPerUserPerSecond: rate, wanted, channels, payloadBytes } = workload
  const {
    clientToServer,
    messagesPerUserPerSecond: messages,
    proxies,
    browsers,
    instances,
  } = workload
  const latency = writeDuration(wanted.latencyUs / 1000)
  const flags = [
    `--users ${users}`,
    rate < 0.01 ? `--events-per-user ${short(rate * 86_400)}/day` : `--rate ${short(rate)}`,
    `--latency ${wanted.percentile === 'p99' ? latency : `'${wanted.percentile}<${latency}'`}`,
    ...(channels === 'per-client' ? [] : [`--channels ${channels}`]),
    ...(payloadBytes === null ? [] : [`--payload ${payloadBytes}`]),
    ...(clientToServer === 'none' ? [] : [`--client-to-server ${messages ?? clientToServer}`]),
    ...(instances === 1 ? [] : [`--instances ${instances}`]),
    ...(proxies.length === 0 ? [] : [`--proxies ${proxies.join(',')}`]),
    ...(browsers === 'modern' ? [] : [`--browsers ${browsers}`]),
    ...(prefer === 'simple' ? [] : [`--prefer ${prefer}`]),
  ]
  return `rtbench advise --measure ${flags.join(' ')}`
}

function short(rate: number): number {
  return Number(rate.toPrecision(4))
}
