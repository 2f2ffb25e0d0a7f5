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
    const found = contradictionOf(run)
    if (found !== null) return `runs[${index}].${found}`
  }
  return null
}

function contradictionOf(run: Run): string | null {
  const { latency, latencyLowerBound, serviceLatency, clients, exchanges, delivery, validity } = run
  const summaries = {
    latency,
    ...(latencyLowerBound === undefined ? {} : { latencyLowerBound }),
    ...(serviceLatency === null ? {} : { serviceLatency }),
  }
  for (const [key, summary] of Object.entries(summaries)) {
    const found = unsound(summary)
    if (found !== null) return `${key}: ${found}`
  }
  const { min, mean, max } = clients.held
  // Of a run that says itself that its accounts do not balance they need not.
  const isAccounted = !validity.reasons.some(({ code }) => code === 'accounting')
  const { expected, delivered, lost } = delivery
  const worst = validity.reasons.some(({ severity }) => severity === 'invalid')
  return (
    first(clients.connected > clients.requested, 'clients: more connected than requested') ??
    first(isFalling([min, mean, max]), 'clients.held: min, mean and max are out of order') ??
    first(exchanges.empty > exchanges.responses, 'exchanges: more empty than responses') ??
    first(
      isAccounted && delivered + lost !== expected,
      `delivery: expected is ${expected}, and delivered and lost come to ${delivered + lost}`,
    ) ??
    first(
      isAccounted && latency.count > delivered,
      `latency: count is ${latency.count}, of ${delivered} delivered`,
    ) ??
    (latencyLowerBound === undefined ? null : crossed(latencyLowerBound, latency)) ??
    first(
      worst !== (validity.verdict === 'invalid'),
      `validity: the verdict is ${validity.verdict}, and its reasons say otherwise`,
    )
  )
}

function first(holds: boolean, what: string): string | null {
  return holds ? what : null
}

function unsound(summary: LatencySummary): string | null {
  let below: (typeof RISING)[number] = 'minUs'
  for (const key of RISING) {
    const [low, high] = [summary[below], summary[key]]
    if (high === null) continue
    if (low !== null && low > high) return `${below} is ${low}, above ${key}, which is ${high}`
    below = key
  }
  const { count, histogram } = summary
  const samples = samplesOf(histogram)
  if (samples === null) return 'histogram is damaged or not of HdrHistogram'
  return samples === count ? null : `count is ${count}, and its histogram has ${samples}`
}

/** A lower bound above what was observed: each is of the same deliveries, with something taken off. */
function crossed(lower: LatencySummary, upper: LatencySummary): string | null {
  for (const key of RISING) {
    const [low, high] = [lower[key], upper[key]]
    if (low !== null && high !== null && low > high) {
      return `latencyLowerBound: ${key} is ${low}, above what was observed, ${high}`
    }
  }
  return null
}

/** Null of what is no histogram. */
function samplesOf(base64: string): number | null {
  if (base64 === '') return 0
  try {
    const histogram = decodeFromCompressedBase64(base64, BUCKET_BITS, false)
    return histogram.totalCount
  } catch {
    return null
  }
}

function isFalling(values: readonly (number | null)[]): boolean {
  const known = values.filter((value) => value !== null)
  // A mean of equal values may be off in its last digit.
  return known.some((value, i) => i > 0 && value * (1 + 1e-9) < (known[i - 1] ?? 0))
}
