/** Results with known answers: what the statistics are tried on, by the tests and the bench. */
import { type Random, seededRandom } from '../measure/random.ts'
import type { Result, Run } from '../result/document.ts'
import { type SampleTransport, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import type { Statistical } from './statistical.ts'

/** Draws a factor around 1; the spread is the standard deviation of its logarithm. */
export type Noise = (random: Random, spread: number) => number

export const noises: Readonly<Record<string, Noise>> = {
  'log-normal': (random, spread) => Math.exp(spread * gaussian(random)),
  /** One run in ten is hit by something else on the machine. */
  'with outliers': (random, spread) =>
    Math.exp(spread * gaussian(random) + (random() < 0.1 ? 4 * spread * random() : 0)),
  /** The logarithm's tails are exponential. */
  'heavy-tailed': (random, spread) => {
    const size = (-Math.log(1 - random()) * spread) / Math.SQRT2
    return Math.exp(random() < 0.5 ? size : -size)
  },
  /** Two states of a heap or of a processor. */
  'of two modes': (random, spread) =>
    Math.exp(spread * (0.3 * gaussian(random) + (random() < 0.5 ? -0.95 : 0.95))),
}

/** Box–Muller. */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

export interface Trial {
  readonly noise: Noise
  readonly spread: number
  readonly repetitions: number
  /** 1.2: the candidate's figures are 20 % greater. */
  readonly factor: number
  /** Of a machine that measures its echo; without it, it stays as it is. */
  readonly machine?: Machine
}

export interface Machine {
  /** 1.2: it takes 20 % more time for the candidate, and so does all that it does. */
  readonly factor: number
  readonly echoSpread: number
}

/** One metric's samples of both sides. */
export function drawSamples(
  { noise, spread, repetitions, factor, machine }: Trial,
  random: Random,
): Statistical {
  const draw = (count: number, scale: number, spread: number): readonly number[] =>
    Array.from({ length: count }, () => scale * noise(random, spread))
  const pace = machine?.factor ?? 1
  const samples = {
    baseline: draw(repetitions, 10_000, spread),
    candidate: draw(repetitions, 10_000 * factor * pace, spread),
    lower: null,
    isPaired: false,
    echo: null,
  }
  if (machine === undefined) return samples
  const echoed = (scale: number): readonly number[] =>
    draw(repetitions, 4_000 * scale, machine.echoSpread)
  return { ...samples, echo: { baseline: echoed(1), candidate: echoed(pace) } }
}

/** Of runs that were measured in turn. */
export interface PairTrial extends Pick<Trial, 'noise' | 'factor'> {
  /** Of the change from one of a pair to the other. */
  readonly spread: number
  readonly pairs: number
}

/** By how much the machine is another one from one pair to the next, which both of them share. */
const WANDER = 0.3

/** One metric's samples of both sides, measured in turn. */
export function drawPairs(
  { noise, spread, pairs, factor }: PairTrial,
  random: Random,
): Statistical {
  const each = spread / Math.SQRT2
  const drawn = Array.from({ length: pairs }, () => {
    const scale = 10_000 * Math.exp(WANDER * gaussian(random))
    return [scale * noise(random, each), scale * factor * noise(random, each)] as const
  })
  return {
    baseline: drawn.map(([before]) => before),
    candidate: drawn.map(([, after]) => after),
    lower: null,
    isPaired: true,
    echo: null,
  }
}

/** What differs between two sides, by transport; nothing differs between runs of the same thing. */
export interface Change {
  readonly transport: SampleTransport
  /** Of every latency. */
  readonly factor: number
}

/** How far each group of figures spreads from run to run, as the logarithm's standard deviation. */
export interface Spreads {
  readonly tail: number
  readonly median: number
  readonly cpu: number
  readonly memory: number
}

/** Of the echo beside each run. */
const ECHO_SPREAD = 0.05

/** A result of all four transports whose figures differ from run to run, those of one run together. */
export function noisyResult(
  random: Random,
  {
    repetitions,
    spreads,
    noise,
    change,
  }: {
    readonly repetitions: number
    readonly spreads: Spreads
    readonly noise: Noise
    readonly change?: Change
  },
): Result {
  const result = sampleResult()
  const rounds = Array.from({ length: repetitions }, (_, i) => i + 1)
  // A side is measured at a stretch, and the other one at another time.
  const beganMs = Math.floor(random() * 1e12)
  const runs = rounds.flatMap((repetition) =>
    (result.scenario.transports as readonly SampleTransport[]).map((transport): Run => {
      const run = sampleRun(transport)
      // Half of what moves a run's figures moves all of them.
      const shared = gaussian(random)
      const factor = (spread: number): number =>
        Math.exp(spread * 0.7 * shared) * noise(random, spread * 0.7)
      const scale = change?.transport === transport ? change.factor : 1
      const { latency, server, generator, serviceLatency } = run
      const times = (value: number | null, spread: number): number | null =>
        value === null ? null : value * scale * factor(spread)
      return {
        ...run,
        repetition,
        seed: repetition,
        startedAt: new Date(beganMs + repetition * 60_000).toISOString(),
        host: {
          ...run.host,
          echoUs: 1_000 * noise(random, ECHO_SPREAD),
          echoCpuUs: 80 * noise(random, ECHO_SPREAD),
        },
        latency: {
          ...latency,
          p50Us: times(latency.p50Us, spreads.median),
          meanUs: times(latency.meanUs, spreads.median),
          p95Us: times(latency.p95Us, spreads.tail),
          p99Us: times(latency.p99Us, spreads.tail),
          maxUs: times(latency.maxUs, 2 * spreads.tail),
        },
        serviceLatency:
          serviceLatency === null
            ? null
            : { ...serviceLatency, p99Us: times(serviceLatency.p99Us, spreads.tail) },
        connect: { ...run.connect, p99Us: 80_000 * factor(spreads.tail) },
        server:
          server === null
            ? null
            : {
                ...server,
                cpuUsPerDelivery: (server.cpuUsPerDelivery ?? 0) * factor(spreads.cpu),
                rssBytesPerClient: (server.rssBytesPerClient ?? 0) * factor(spreads.memory),
              },
        generator: {
          ...generator,
          cpuUsPerDelivery: (generator.cpuUsPerDelivery ?? 0) * factor(spreads.cpu),
          rssBytesPerClient: (generator.rssBytesPerClient ?? 0) * factor(spreads.memory),
        },
      }
    }),
  )
  return { ...result, runs }
}

/** The share of trials of which a statement is true. */
export function shareOf(trials: number, seed: number, holds: (random: Random) => boolean): number {
  const random = seededRandom(seed, 0)
  let count = 0
  for (let trial = 0; trial < trials; trial++) if (holds(random)) count++
  return count / trials
}
