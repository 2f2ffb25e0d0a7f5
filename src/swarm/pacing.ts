import { type Random, seededRandom, shuffle } from '../measure/random.ts'

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
  nextNs = 0
  channel = 0

  /** @param rate events per second and channel */
  constructor(rate: number, channels: number, random: Random) {
    this.#meanNs = 1e9 / (rate * channels)
    this.#channels = channels
    this.#random = random
    this.advance()
  }

  advance(): void {
    this.nextNs += -Math.log(1 - this.#random()) * this.#meanNs
    this.channel = Math.floor(this.#random() * this.#channels)
  }
}

/** Even arrivals: each channel's events are one period apart, the channels spread over the period. */
export class ConstantPacer implements Pacer {
  readonly #spacingNs: number
  readonly #order: Uint32Array
  #index = 0

  /** @param rate events per second and channel */
  constructor(rate: number, channels: number, random: Random) {
    this.#spacingNs = 1e9 / (rate * channels)
    this.#order = Uint32Array.from({ length: channels }, (_, channel) => channel)
    shuffle(this.#order, random)
  }

  // By multiplication, so that the steps' rounding does not add up.
  get nextNs(): number {
    return (this.#index + 0.5) * this.#spacingNs
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

/** A schedule that starts later. */
export class LaterPacer implements Pacer {
  readonly #pacer: Pacer
  readonly #byNs: number

  constructor(pacer: Pacer, byNs: number) {
    this.#pacer = pacer
    this.#byNs = byNs
  }

  get nextNs(): number {
    return this.#byNs + this.#pacer.nextNs
  }

  get channel(): number {
    return this.#pacer.channel
  }

  advance(): void {
    this.#pacer.advance()
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
): Pacer {
  return arrivals === 'poisson'
    ? new PoissonPacer(rate, channels, random)
    : new ConstantPacer(rate, channels, random)
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
