/** Results with samples and many seconds, for tests of what draws them. */
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import type { LatencySummary, Run, RunResult } from '../../result/document.ts'
import {
  type SampleTransport,
  sampleLatency,
  sampleResult,
  sampleRun,
} from '../../result/sample.conformance.ts'

const MEDIANS: Readonly<Record<SampleTransport, number>> = {
  'short-poll': 503_000,
  'long-poll': 3_410,
  sse: 3_080,
  websocket: 2_970,
}

/** A histogram of the figures, as a run keeps it. */
export function histogramOf(figuresUs: readonly number[]): string {
  const histogram = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 })
  for (const us of figuresUs) histogram.recordValue(us)
  return encodeIntoCompressedBase64(histogram)
}

/** Latencies that rise evenly from nothing to twice the median. */
function latencyOf(medianUs: number, count: number): LatencySummary {
  const figures = Array.from({ length: count }, (_, i) =>
    Math.round((2 * medianUs * (i + 1)) / count),
  )
  return {
    ...sampleLatency(medianUs, Math.round(1.98 * medianUs)),
    count,
    maxUs: 2 * medianUs,
    histogram: histogramOf(figures),
  }
}

/** A run of so many seconds, each with figures of its own. */
export function drawnRun(
  transport: SampleTransport,
  seconds = 10,
  overrides: Partial<Run> = {},
): Run {
  const run = sampleRun(transport)
  const [first] = run.timeline
  if (first === undefined) throw new Error('the sample has a second')
  const median = MEDIANS[transport]
  const count = 2_000
  return {
    ...run,
    latency: latencyOf(median, count),
    delivery: { ...run.delivery, published: count, expected: count, delivered: count },
    timeline: Array.from({ length: seconds }, (_, second) => ({
      ...first,
      second,
      deliveries: 90 + ((second * 7) % 20),
      p50Us: median + second * 10,
      p99Us: 2 * median + second * 25,
    })),
    ...overrides,
  }
}

/** All four transports, drawn. */
export function drawnResult(overrides: Partial<RunResult> = {}, seconds = 10): RunResult {
  const transports = ['short-poll', 'long-poll', 'sse', 'websocket'] as const
  return sampleResult({ runs: transports.map((name) => drawnRun(name, seconds)), ...overrides })
}
