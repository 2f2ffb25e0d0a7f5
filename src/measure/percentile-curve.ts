import { build, decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js'
import { RtbenchError } from '../error.ts'

/** Of what is decoded here nothing is recorded, so that the portable mode is fast enough. */
const BUCKET_BITS = 64

/** Of 1/(1 − p), in powers of ten: twenty points for each further nine. */
const POINTS_PER_NINE = 20

/** Beyond a percentile that fewer samples exceed, single events decide. */
const SOUND_SAMPLES = 10

/** A point of a percentile curve. */
interface CurvePoint {
  /** log10(1 / (1 − p)): 1 for the 90th percentile, 2 for the 99th, 3 for the 99.9th. */
  readonly nines: number
  /** Microseconds. */
  readonly us: number
}

/** Latency over percentiles, of all samples of several histograms. */
export interface PercentileCurve {
  readonly count: number
  /** By `nines`, from 0 on; the last is the slowest of all, where one sample of all is beyond. */
  readonly points: readonly CurvePoint[]
  /** From here on fewer than ten independent samples lie beyond. */
  readonly soundNines: number
}

/**
 * Adds up what `summary().histogram` of several runs wrote, base64, and reads the percentiles of
 * the sum. Null where there is no sample.
 * @param events how many of the samples are independent; all of them where nobody knows
 * @throws RtbenchError `bad-result` where a text is no histogram
 */
export function percentileCurve(
  histograms: readonly string[],
  events: number | null = null,
): PercentileCurve | null {
  const sum = mergedHistogram(histograms)
  const count = sum.totalCount
  if (count === 0) return null
  const last = Math.log10(count)
  const steps = Math.ceil(last * POINTS_PER_NINE - 1e-9)
  const points = Array.from({ length: steps }, (_, step) => {
    const nines = step / POINTS_PER_NINE
    return { nines, us: valueAt(sum, 100 * (1 - 10 ** -nines)) }
  })
  points.push({ nines: last, us: sum.maxValue })
  const independent = Math.min(events ?? count, count)
  const soundNines = Math.max(0, Math.log10(Math.max(1, independent) / SOUND_SAMPLES))
  return { count, points, soundNines }
}

/** The library answers with the upper end of a bucket, which may lie above every sample. */
function valueAt(histogram: Histogram, percentile: number): number {
  return Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue)
}

/** @throws RtbenchError `bad-result` where a text is no histogram */
export function mergedHistogram(histograms: readonly string[]): Histogram {
  const sum = build({ bitBucketSize: BUCKET_BITS, numberOfSignificantValueDigits: 3 })
  for (const base64 of histograms) {
    if (base64 !== '') sum.add(decoded(base64))
  }
  return sum
}

function decoded(base64: string): Histogram {
  try {
    return decodeFromCompressedBase64(base64, BUCKET_BITS)
  } catch (error) {
    throw new RtbenchError(
      'bad-result',
      'a histogram of the result cannot be read; is it damaged?',
      error,
    )
  }
}
