/** Servers of a latency that is known: what an event takes, and theory's percentiles of it. */
import { NS_PER_MS } from '../../measure/clock.ts'
import type { Random } from '../../measure/random.ts'

/** What a known server does with its events. Milliseconds; a percentile is 0 to 100. */
export interface KnownLatency {
  /** Events are served one after the other; otherwise each takes its own time beside the others. */
  readonly isQueue: boolean
  /** How long the next event takes, without the wait in a queue. */
  drawMs(random: Random): number
  /** Of the latency, at Poisson arrivals of so many a second. */
  theoryMs(percentile: number, perSecond: number): number
}

const constant = (ms: number): KnownLatency => ({
  isQueue: false,
  drawMs: () => ms,
  theoryMs: () => ms,
})

const uniform = (lowestMs: number, highestMs: number): KnownLatency => ({
  isQueue: false,
  drawMs: (random) => lowestMs + (highestMs - lowestMs) * random(),
  theoryMs: (percentile) => lowestMs + ((highestMs - lowestMs) * percentile) / 100,
})

const tailed = (ms: number, tailMs: number, share: number): KnownLatency => ({
  isQueue: false,
  drawMs: (random) => (random() < share ? tailMs : ms),
  theoryMs: (percentile) => (percentile / 100 <= 1 - share ? ms : tailMs),
})

const queue = (serviceMs: number): KnownLatency => ({
  isQueue: true,
  drawMs: () => serviceMs,
  theoryMs: (percentile, perSecond) => sojournMs(percentile / 100, serviceMs, perSecond),
})

/** Events a second at which the queues are loaded as their names say. */
export const KNOWN_RATE = 125

export const KNOWN_LATENCIES = {
  constant: constant(5),
  uniform: uniform(1, 20),
  'M/D/1 0.5': queue(4),
  'M/D/1 0.8': queue(6.4),
  tail: tailed(3, 100, 0.01),
  /** Far from what any machine adds: for tests. */
  slow: constant(50),
} as const satisfies Readonly<Record<string, KnownLatency>>

export type LatencyName = keyof typeof KNOWN_LATENCIES

/**
 * A percentile of the time in an M/D/1 queue: A. K. Erlang's distribution of the wait (1909), and
 * the service itself.
 */
function sojournMs(share: number, serviceMs: number, perSecond: number): number {
  const load = (perSecond * serviceMs) / 1000
  let [low, high] = [0, 1]
  while (waitBelow(high, load) < share) high *= 2
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (waitBelow(middle, load) < share) low = middle
    else high = middle
  }
  return serviceMs * (1 + high)
}

/** The share of waits up to so many services. */
function waitBelow(services: number, load: number): number {
  let sum = 0
  let factorial = 1
  for (let k = 0; k <= services; k++) {
    if (k > 0) factorial *= k
    const left = load * (services - k)
    sum += ((-left) ** k / factorial) * Math.exp(left)
  }
  return (1 - load) * sum
}

/**
 * When events leave that arrive in order. A channel keeps its order: an event leaves no sooner than
 * the one before it. It knows no clock, so that what was can be told again as it ought to have been.
 */
export class Station {
  readonly #isQueue: boolean
  /** By channel, when its newest event leaves. */
  readonly #newest = new Map<string | number, number>()
  #freeAtNs = 0

  constructor({ isQueue }: KnownLatency) {
    this.#isQueue = isQueue
  }

  leavesAtNs(channel: string | number, arrivedAtNs: number, takesMs: number): number {
    const begunAtNs = this.#isQueue ? Math.max(arrivedAtNs, this.#freeAtNs) : arrivedAtNs
    const leavesAtNs = Math.max(begunAtNs + takesMs * NS_PER_MS, this.#newest.get(channel) ?? 0)
    this.#freeAtNs = leavesAtNs
    this.#newest.set(channel, leavesAtNs)
    return leavesAtNs
  }
}
