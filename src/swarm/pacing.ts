import { NS_PER_MS } from '../measure/clock.ts'
import { type Random, seededRandom, shuffle } from '../measure/random.ts'
import type { Alarms, Sleeper } from '../transports/transport.ts'

/**
 * A schedule, fixed before the run: when the next event is due and on which channel. It knows
 * nothing of clocks; whoever sends asks how far it has come and sends all that is due.
 */
export interface Pacer {
  /** Nanoseconds after the schedule's start; Infinity when nothing ever comes. */
  readonly nextNs: number
  readonly channel: number
  advance(): void
}

/**
 * Poisson arrivals: each channel has its own process of the given rate. Their superposition is one
 * process of the summed rate whose events pick their channel evenly, so one stream is enough.
 */
export class PoissonPacer implements Pacer {
  readonly #meanNs: number
  readonly #channels: number
  readonly #random: Random
  readonly #startNs: number
  #sinceNs = 0
  channel = 0

  /** @param rate events per second and channel */
  constructor(rate: number, channels: number, random: Random, startNs = 0) {
    this.#startNs = startNs
    this.#meanNs = 1e9 / (rate * channels)
    this.#channels = channels
    this.#random = random
    this.advance()
  }

  get nextNs(): number {
    return this.#startNs + this.#sinceNs
  }

  advance(): void {
    this.#sinceNs += -Math.log(1 - this.#random()) * this.#meanNs
    this.channel = Math.floor(this.#random() * this.#channels)
  }
}

/** Even arrivals: each channel's events are one period apart, the channels spread over the period. */
export class ConstantPacer implements Pacer {
  readonly #startNs: number
  readonly #spacingNs: number
  readonly #order: Uint32Array
  #index = 0

  /** @param rate events per second and channel */
  constructor(rate: number, channels: number, random: Random, startNs = 0) {
    this.#startNs = startNs
    this.#spacingNs = 1e9 / (rate * channels)
    this.#order = Uint32Array.from({ length: channels }, (_, channel) => channel)
    shuffle(this.#order, random)
  }

  // By multiplication, so that the steps' rounding does not add up.
  get nextNs(): number {
    return this.#startNs + (this.#index + 0.5) * this.#spacingNs
  }

  get channel(): number {
    return this.#order[this.#index % this.#order.length] as number
  }

  advance(): void {
    this.#index++
  }
}

/** One event for each of some channels, evenly over a span. */
export class EvenPacer implements Pacer {
  readonly #startNs: number
  readonly #spacingNs: number
  readonly #channels: Uint32Array
  #index = 0

  /** @param span nanoseconds after the schedule's start */
  constructor(span: { readonly startNs: number; readonly endNs: number }, channels: Uint32Array) {
    this.#startNs = span.startNs
    this.#spacingNs = (span.endNs - span.startNs) / channels.length
    this.#channels = channels
  }

  get nextNs(): number {
    return this.#index < this.#channels.length
      ? this.#startNs + (this.#index + 0.5) * this.#spacingNs
      : Number.POSITIVE_INFINITY
  }

  get channel(): number {
    return this.#channels[this.#index] as number
  }

  advance(): void {
    this.#index++
  }
}

/** Several schedules as one. */
export class MergedPacer implements Pacer {
  readonly #pacers: readonly Pacer[]

  /** @param pacers at least one */
  constructor(pacers: readonly Pacer[]) {
    this.#pacers = pacers
  }

  get nextNs(): number {
    return this.#first.nextNs
  }

  get channel(): number {
    return this.#first.channel
  }

  advance(): void {
    this.#first.advance()
  }

  get #first(): Pacer {
    return this.#pacers.reduce((first, pacer) => (pacer.nextNs < first.nextNs ? pacer : first))
  }
}

export function createPacer(
  arrivals: 'poisson' | 'constant',
  rate: number,
  channels: number,
  random: Random,
  startNs = 0,
): Pacer {
  const Arrivals = arrivals === 'poisson' ? PoissonPacer : ConstantPacer
  return new Arrivals(rate, channels, random, startNs)
}

/** The stream of random numbers that is the schedule's. */
export const SCHEDULE_STREAM = 0

/** By channel, when its first event of even arrivals is due: nanoseconds after the schedule's start. */
export function firstEventsNs(rate: number, channels: number, seed: number): Float64Array {
  const pacer = new ConstantPacer(rate, channels, seededRandom(seed, SCHEDULE_STREAM))
  const firstNs = new Float64Array(channels)
  for (let event = 0; event < channels; event++) {
    firstNs[pacer.channel] = pacer.nextNs
    pacer.advance()
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

/** How many handshakes one of so many workers may have under way. */
export function connectingAtOnce(workers: number): number {
  return Math.max(1, Math.min(MOST_OF_WORKER, Math.floor(MOST_OF_SWARM / workers)))
}

/** How the clients of a worker connect. */
export interface Ramp {
  readonly clients: number
  /** Time over which connects are spread; null starts the next client as soon as one is through. */
  readonly rampUpMs: number | null
  /** Handshakes under way at once. */
  readonly connecting: number
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
    { clients, rampUpMs, connecting }: Ramp,
    alarms: Alarms,
    start: (index: number) => void,
  ) {
    this.#clients = clients
    this.#mostConnecting = connecting
    this.#spacingNs = rampUpMs === null ? 0 : (rampUpMs * NS_PER_MS) / clients
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
        this.#arm(dueNs)
        return
      }
      this.#connecting++
      this.#start(this.#next++)
    }
  }

  #arm(atNs: number): void {
    if (this.#armed) return
    this.#armed = true
    this.#alarms.set(atNs, this)
  }
}
