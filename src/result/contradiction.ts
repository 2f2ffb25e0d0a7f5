/**
 * What no schema finds in a stored result: figures that cannot all be right. Who reads one relies on
 * them, and a document may have been edited, or made by somebody else's program.
 */
import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import type { LatencySummary, Run } from './document.ts'

const BUCKET_BITS = 64
/** In their order: none is above the next. */
const RISING = ['minUs', 'p50Us', 'p90Us', 'p95Us', 'p99Us', 'p999Us', 'p9999Us', 'maxUs'] as const

/** `runs[0].latency: p50Us is 900, above p90Us, which is 800`; null where there is none. */
export function contradictionIn(runs: readonly Run[]): string | null {
  for (const [index, run] of runs.entries()) {
    const [found] = contradictionsOf(run)
    if (found !== undefined) return `runs[${index}].${found}`
  }
  return null
}

function* contradictionsOf(run: Run): Generator<string> {
  const { latency, latencyLowerBound, serviceLatency, clients, exchanges, delivery, validity } = run
  yield* unsound('latency', latency)
  if (latencyLowerBound !== undefined) yield* unsound('latencyLowerBound', latencyLowerBound)
  if (serviceLatency !== null) yield* unsound('serviceLatency', serviceLatency)
  if (clients.connected > clients.requested) yield 'clients: more connected than requested'
  const { min, mean, max } = clients.held
  if (isFalling([min, mean, max])) yield 'clients.held: min, mean and max are out of order'
  if (exchanges.empty > exchanges.responses) yield 'exchanges: more empty than responses'
  // Of a run that says itself that its accounts do not balance they need not.
  if (!validity.reasons.some(({ code }) => code === 'accounting')) {
    const { expected, delivered, lost, gapped = 0 } = delivery
    const sum = delivered + lost + gapped
    if (sum !== expected) {
      const parts = gapped === 0 ? 'delivered and lost' : 'delivered, lost and gapped'
      yield `delivery: expected is ${expected}, and ${parts} come to ${sum}`
    }
    if (latency.count > delivered) {
      yield `latency: count is ${latency.count}, of ${delivered} delivered`
    }
  }
  if (latencyLowerBound !== undefined) yield* crossed(latencyLowerBound, latency)
  if (run.storm !== undefined) yield* confused(run.storm)
  const worst = validity.reasons.some(({ severity }) => severity === 'invalid')
  if (worst !== (validity.verdict === 'invalid')) {
    yield `validity: the verdict is ${validity.verdict}, and its reasons say otherwise`
  }
}

function* confused({ clients, back, connects }: NonNullable<Run['storm']>): Generator<string> {
  const { count, p50Us, p90Us, p99Us, maxUs } = back
  if (count > clients) yield `storm.back: ${count} are back, of ${clients} who were away`
  if (isFalling([p50Us, p90Us, p99Us, maxUs])) yield 'storm.back: its times are out of order'
  const { reached, peakPerSecond, peakPerTenth } = connects
  if (isFalling([peakPerTenth, peakPerSecond, reached])) {
    yield 'storm.connects: a peak is above what it is of'
  }
}

function* unsound(name: string, summary: LatencySummary): Generator<string> {
  let below: (typeof RISING)[number] = 'minUs'
  for (const key of RISING) {
    const [low, high] = [summary[below], summary[key]]
    if (high === null) continue
    if (low !== null && low > high) {
      yield `${name}: ${below} is ${low}, above ${key}, which is ${high}`
    }
    below = key
  }
  const { count, histogram } = summary
  const samples = samplesOf(histogram)
  if (samples === null) yield `${name}: histogram is damaged or not of HdrHistogram`
  else if (samples !== count) yield `${name}: count is ${count}, and its histogram has ${samples}`
}

/** A lower bound above what was observed: each is of the same deliveries, with something taken off. */
function* crossed(lower: LatencySummary, upper: LatencySummary): Generator<string> {
  for (const key of RISING) {
    const [low, high] = [lower[key], upper[key]]
    if (low !== null && high !== null && low > high) {
      yield `latencyLowerBound: ${key} is ${low}, above what was observed, ${high}`
    }
  }
}

/** Null of what is no histogram. */
function samplesOf(base64: string): number | null {
  if (base64 === '') return 0
  try {
    return decodeFromCompressedBase64(base64, BUCKET_BITS, false).totalCount
  } catch {
    return null
  }
}

function isFalling(values: readonly (number | null)[]): boolean {
  const known = values.filter((value) => value !== null)
  // A mean of equal values may be off in its last digit.
  return known.some((value, i) => i > 0 && value * (1 + 1e-9) < (known[i - 1] ?? 0))
}
