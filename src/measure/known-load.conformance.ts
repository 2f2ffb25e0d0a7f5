/** Loads whose distribution of latencies is known, to hold intervals against. */
import { EventBlocks } from './event-blocks.ts'
import { LatencyHistogram } from './histogram.ts'
import { intervalsOf } from './interval.ts'
import { type Random, seededRandom } from './random.ts'

/** Times in seconds, since a window begins; a latency in microseconds. */
export interface KnownLoad {
  readonly name: string
  /** The events of a window of so many seconds, one by one, with all their latencies. */
  events(random: Random, seconds: number): Iterable<readonly [at: number, us: readonly number[]]>
  /** The share of deliveries that are that fast. */
  cdf(us: number): number
}

const FIGURES = ['p50', 'p90', 'p99'] as const
type Figure = (typeof FIGURES)[number]
const RANKS: Readonly<Record<Figure, number>> = { p50: 0.5, p90: 0.9, p99: 0.99 }

/** Of the windows in which a percentile was printed. */
export interface Coverage {
  readonly windows: number
  /** Whose interval has the truth in it. */
  readonly covered: number
  /** Whose interval has no upper end. */
  readonly open: number
  /** Of those that have one, the median width as a share of the truth; null without any. */
  readonly width: number | null
}

/** Measures so many windows, each by its own seed. */
export function coverageOf(
  load: KnownLoad,
  seconds: number,
  windows: number,
): Readonly<Record<Figure, Coverage>> {
  const truth = (figure: Figure): number => quantile(load, RANKS[figure])
  const tally = FIGURES.map((figure) => ({
    figure,
    truthUs: truth(figure),
    windows: 0,
    covered: 0,
    open: 0,
    widths: [] as number[],
  }))
  for (let seed = 1; seed <= windows; seed++) {
    const intervals = intervalsOfWindow(load, seconds, seededRandom(seed, seconds))
    for (const account of tally) {
      const interval = intervals[account.figure]
      if (interval === null) continue
      account.windows++
      // A histogram knows three digits.
      const low = interval.lowUs * 0.999 <= account.truthUs
      if (low && (interval.highUs ?? Number.POSITIVE_INFINITY) * 1.001 >= account.truthUs) {
        account.covered++
      }
      if (interval.highUs === null) account.open++
      else account.widths.push((interval.highUs - interval.lowUs) / account.truthUs)
    }
  }
  const coverages = tally.map(({ figure, windows, covered, open, widths }) => {
    widths.sort((one, other) => one - other)
    const width = widths[widths.length >> 1] ?? null
    return [figure, { windows, covered, open, width }] as const
  })
  return Object.fromEntries(coverages) as Readonly<Record<Figure, Coverage>>
}

export function intervalsOfWindow(
  load: KnownLoad,
  seconds: number,
  random: Random,
): ReturnType<typeof intervalsOf> {
  const blocks = new EventBlocks()
  const histogram = new LatencyHistogram()
  const endNs = seconds * 1e9
  blocks.begin({ startNs: 0, endNs })
  let events = 0
  for (const [at, latencies] of load.events(random, seconds)) {
    events++
    for (const us of latencies) {
      const whole = Math.round(us)
      blocks.record(at * 1e9, whole)
      histogram.record(whole)
    }
  }
  const summary = histogram.summary(events)
  const found = intervalsOf(blocks, histogram, summary, blocks.until(endNs), events)
  histogram.destroy()
  return found
}

function quantile({ cdf }: KnownLoad, rank: number): number {
  let low = 0
  let high = 1e8
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (cdf(middle) < rank) low = middle
    else high = middle
  }
  return high
}

function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random())
}

function exponentialCdf(x: number, mean: number): number {
  return x <= 0 ? 0 : -Math.expm1(-x / mean)
}

function* poisson(random: Random, rate: number, from: number, to: number): Iterable<number> {
  for (let at = from; ; ) {
    at += exponential(random, 1 / rate)
    if (at >= to) return
    yield at
  }
}

/** Independent of each other, of 5 ms in the mean. */
export function independent(rate: number): KnownLoad {
  return {
    name: `independent, exponential, ${rate}/s`,
    *events(random, seconds) {
      for (const at of poisson(random, rate, 0, seconds)) yield [at, [exponential(random, 5e3)]]
    },
    cdf: (us) => exponentialCdf(us, 5e3),
  }
}

/** One server, always the same time of service, in the order of arrival. */
export function queue(rate: number, utilisation: number): KnownLoad {
  const service = utilisation / rate
  return {
    name: `M/D/1 queue, ρ ${utilisation}, ${rate}/s`,
    *events(random, seconds) {
      let free = Number.NEGATIVE_INFINITY
      for (const at of poisson(random, rate, -500 * service, seconds)) {
        free = Math.max(at, free) + service
        if (at >= 0) yield [at, [(free - at) * 1e6]]
      }
    },
    // Of the wait, by A. K. Erlang (The theory of probabilities and telephone conversations, 1909).
    cdf(us) {
      const wait = us / 1e6 - service
      // Hardly any is longer, and the sum's terms would be too large to add up.
      if (wait > 30 * service) return 1
      let sum = 0
      for (let k = 0; k * service <= wait; k++) {
        const power = rate * (k * service - wait)
        let term = Math.exp(-power)
        for (let factor = 1; factor <= k; factor++) term *= power / factor
        sum += term
      }
      return (1 - utilisation) * sum
    },
  }
}

/** Each event is delayed as a whole, by 5 ms in the mean, and goes out to one client after the other. */
export function broadcast(rate: number, clients: number): KnownLoad {
  const stepUs = 10
  return {
    name: `broadcasts to ${clients}, shared delay, ${rate}/s`,
    *events(random, seconds) {
      for (let event = 0; event < rate * seconds; event++) {
        const delayUs = exponential(random, 5e3)
        yield [event / rate, Array.from({ length: clients }, (_, i) => delayUs + i * stepUs)]
      }
    },
    cdf(us) {
      let sum = 0
      for (let i = 0; i < clients; i++) sum += exponentialCdf(us - i * stepUs, 5e3)
      return sum / clients
    },
  }
}

/** One delay in a hundred events is 100 ms longer, all its deliveries included. */
export function rare(rate: number, clients: number): KnownLoad {
  return {
    name: `1 % of events to ${clients} +100 ms, ${rate}/s`,
    *events(random, seconds) {
      for (const at of poisson(random, rate, 0, seconds)) {
        const delayUs = exponential(random, 500) + (random() < 0.01 ? 100e3 : 0)
        yield [at, new Array<number>(clients).fill(1e3 + delayUs)]
      }
    },
    cdf: (us) => 0.99 * exponentialCdf(us - 1e3, 500) + 0.01 * exponentialCdf(us - 101e3, 500),
  }
}

/** Half a second in every three nothing goes out; besides 1 ms in the mean. */
export function pauses(rate: number): KnownLoad {
  const [every, length] = [3, 0.5]
  return {
    name: `a pause of 500 ms every 3 s, ${rate}/s`,
    *events(random, seconds) {
      const phase = random() * every
      for (const at of poisson(random, rate, 0, seconds)) {
        const left = length - ((at + phase) % every)
        yield [at, [exponential(random, 1e3) + Math.max(0, left) * 1e6]]
      }
    },
    cdf(us) {
      const steps = 2_000
      let sum = 0
      for (let step = 0; step < steps; step++) {
        sum += exponentialCdf(us - ((step + 0.5) / steps) * length * 1e6, 1e3)
      }
      const share = length / every
      return (1 - share) * exponentialCdf(us, 1e3) + (share * sum) / steps
    },
  }
}

/** What intervals are held against, the table of docs/measuring.md. */
export const KNOWN_LOADS: readonly KnownLoad[] = [
  independent(20),
  independent(200),
  queue(50, 0.8),
  queue(200, 0.8),
  queue(200, 0.5),
  broadcast(5, 100),
  broadcast(20, 100),
  rare(50, 10),
  rare(200, 1),
  pauses(50),
  pauses(200),
]
