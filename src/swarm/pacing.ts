import { NS_PER_MS } from '../measure/clock.ts'
import { type Random, seededRandom, shuffle } from '../measure/random.ts'
import type { Alarms, Sleeper } from '../transports/transport.ts'
import type { WorkerPlan } from './messages.ts'

/** An event that is due: nanoseconds after the schedule's start. */
export interface Arrival {
  readonly atNs: number
  readonly channel: number
}

/**
 * A schedule, fixed before the run, that never ends: when the next event is due and on which channel. It
 * knows nothing of clocks; whoever sends asks how far it has come and sends all that is due.
 */
export type Arrivals = Generator<Arrival, never>

/**
 * Poisson arrivals: each channel has its own process of the given rate. Their superposition is one
 * process of the summed rate whose events pick their channel evenly, so one stream is enough.
 *
 * @param rate events per second and channel
 */
export function* poissonArrivals(
  rate: number,
  channels: number,
  random: Random,
  startNs = 0,
): Arrivals {
  const meanNs = 1e9 / (rate * channels)
  for (let sinceNs = 0; ; ) {
    sinceNs += -Math.log(1 - random()) * meanNs
    yield { atNs: startNs + sinceNs, channel: Math.floor(random() * channels) }
  }
}

/**
 * Even arrivals: each channel's events are one period apart, the channels spread over the period.
 *
 * @param rate events per second and channel
 */
export function* constantArrivals(
  rate: number,
  channels: number,
  random: Random,
  startNs = 0,
): Arrivals {
  const spacingNs = 1e9 / (rate * channels)
  const order = Uint32Array.from({ length: channels }, (_, channel) => channel)
  shuffle(order, random)
  for (let index = 0; ; index++) {
    // By multiplication, so that the steps' rounding does not add up.
    const atNs = startNs + (index + 0.5) * spacingNs
    yield { atNs, channel: order[index % channels] as number }
  }
}

export const ARRIVALS = { poisson: poissonArrivals, constant: constantArrivals } as const

/** One event for each of some channels, evenly over a span; nothing ever comes after that. */
export function* evenArrivals(startNs: number, endNs: number, channels: Uint32Array): Arrivals {
  const spacingNs = (endNs - startNs) / channels.length
  for (const [index, channel] of channels.entries()) {
    yield { atNs: startNs + (index + 0.5) * spacingNs, channel }
  }
  for (;;) yield { atNs: Number.POSITIVE_INFINITY, channel: 0 }
}

export function* mergedArrivals(schedules: readonly Arrivals[]): Arrivals {
  const heads = schedules.map((schedule) => ({ schedule, next: schedule.next().value }))
  for (;;) {
    const first = heads.reduce((first, head) => (head.next.atNs < first.next.atNs ? head : first))
    yield first.next
    first.next = first.schedule.next().value
  }
}

export const SCHEDULE_STREAM = 0

/** The first event of even arrivals, by channel: nanoseconds after the schedule's start. */
export function firstEventsNs(rate: number, channels: number, seed: number): Float64Array {
  const schedule = constantArrivals(rate, channels, seededRandom(seed, SCHEDULE_STREAM))
  const firstNs = new Float64Array(channels)
  for (let event = 0; event < channels; event++) {
    const { atNs, channel } = schedule.next().value
    firstNs[channel] = atNs
  }
  return firstNs
}

/** Handshakes under way at once, of a worker and of the swarm: far below any listen queue. */
const MOST_OF_WORKER = 128
const MOST_OF_SWARM = 1024
/**
 * What a handshake is expected to take of a worker's time, and how many count as much as that: the
 * first ones of a process are slow.
 */
const USUAL_NS = 0.4 * NS_PER_MS
const USUAL_CLIENTS = 200
/** Between the last subscription of the swarm and the first event. */
export const CALM_MS = 300

/** Handshakes that one of so many workers may have under way. */
export function connectingAtOnce(workers: number): number {
  return Math.max(1, Math.min(MOST_OF_WORKER, Math.floor(MOST_OF_SWARM / workers)))
}

/**
 * Starts the clients: spread evenly over the ramp-up time if there is one, and never so many at
 * once that a listen queue overflows.
 */
export class RampUp implements Sleeper {
  readonly #clients: number
  readonly #mostConnecting: number
  readonly #spacingNs: number
  readonly #alarms: Alarms
  readonly #start: (index: number) => void
  readonly #startNs: number
  #next = 0
  #connecting = 0
  #armed = false

  constructor(
    {
      first,
      end,
      rampUpMs,
      connecting,
    }: Pick<WorkerPlan, 'first' | 'end' | 'rampUpMs' | 'connecting'>,
    alarms: Alarms,
    start: (index: number) => void,
  ) {
    this.#clients = end - first
    this.#mostConnecting = connecting
    this.#spacingNs = rampUpMs === null ? 0 : (rampUpMs * NS_PER_MS) / this.#clients
    this.#alarms = alarms
    this.#start = start
    this.#startNs = alarms.nowNs()
  }

  begin(): void {
    this.#pump()
  }

  /** When the last client will have started: as planned, or at the pace so far; now when it has. */
  get endNs(): number {
    const nowNs = this.#alarms.nowNs()
    const left = this.#clients - this.#next
    if (this.#spacingNs > 0) {
      return Math.max(nowNs, this.#startNs + (this.#clients - 1) * this.#spacingNs)
    }
    const spentNs = nowNs - this.#startNs + USUAL_CLIENTS * USUAL_NS
    return nowNs + (left * spentNs) / (this.#next + USUAL_CLIENTS)
  }

  /** A client is through its handshake, or its first attempt has failed. */
  release(): void {
    this.#connecting--
    this.#pump()
  }

  wake(): void {
    this.#armed = false
    this.#pump()
  }

  #pump(): void {
    while (this.#next < this.#clients && this.#connecting < this.#mostConnecting) {
      const dueNs = this.#startNs + this.#next * this.#spacingNs
      if (dueNs > this.#alarms.nowNs()) {
        if (!this.#armed) this.#alarms.set(dueNs, this)
        this.#armed = true
        return
      }
      this.#connecting++
      this.#start(this.#next++)
    }
  }
}
