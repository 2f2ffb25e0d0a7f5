import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
  initWebAssembly,
} from 'hdr-histogram-js'
import { RtbenchError } from '../error.ts'

/** An hour, microseconds: no delivery of a run is later. */
const HIGHEST_US = 3600e6
const SIGNIFICANT_DIGITS = 3
const BUCKET_BITS = 64

/** Events from which on a percentile is more than another name of the maximum. */
const MIN_SAMPLES_P90 = 10
const MIN_SAMPLES_P95 = 20
export const MIN_SAMPLES_P99 = 100
/** Ten samples lie beyond it: the far tail is where single events decide. */
const MIN_SAMPLES_P999 = 10_000
const MIN_SAMPLES_P9999 = 100_000

/** Latencies in microseconds; a percentile is null where the events cannot carry it. */
export interface LatencySummary {
  readonly count: number
  readonly minUs: number | null
  readonly meanUs: number | null
  readonly p50Us: number | null
  /** From 10 events on. */
  readonly p90Us: number | null
  /** From 20 events on. */
  readonly p95Us: number | null
  /** From 100 events on. */
  readonly p99Us: number | null
  /** From 10,000 events on. */
  readonly p999Us: number | null
  /** From 100,000 events on. */
  readonly p9999Us: number | null
  readonly maxUs: number | null
  /** HdrHistogram, V2 compressed, base64; empty without samples. */
  readonly histogram: string
}

/** Percentiles of a few, for a timeline. */
export type BriefSummary = Pick<LatencySummary, 'p50Us' | 'p99Us' | 'maxUs'>

/** Loads the library's fast mode; await it once before the first histogram. */
export async function prepareHistograms(): Promise<void> {
  await initWebAssembly()
}

/** Latencies to three significant digits, in constant memory. */
export class LatencyHistogram {
  readonly #histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
    bitBucketSize: BUCKET_BITS,
    useWebAssembly: true,
  })
  /** Samples beyond an hour: recorded as an hour. */
  overflows = 0

  get count(): number {
    return this.#histogram.totalCount
  }

  /** @param us microseconds, 0 or more */
  record(us: number): void {
    if (us > HIGHEST_US) {
      this.overflows++
      this.#histogram.recordValue(HIGHEST_US)
    } else this.#histogram.recordValue(us)
  }

  /** The same, so many times. */
  recordTimes(us: number, times: number): void {
    if (us > HIGHEST_US) this.overflows += times
    this.#histogram.recordValueWithCount(Math.min(us, HIGHEST_US), times)
  }

  recordAll(us: Uint32Array): void {
    for (const value of us) this.record(value)
  }

  /** @param events as of `summary` */
  brief(events = this.count): BriefSummary {
    return {
      p50Us: this.percentile(50),
      p99Us: Math.min(events, this.count) >= MIN_SAMPLES_P99 ? this.percentile(99) : null,
      maxUs: this.#max,
    }
  }

  /** @param events how many of the samples are independent: as many as came of events of their own */
  summary(events = this.count): LatencySummary {
    const { count } = this
    const carried = Math.min(events, count)
    const from = (least: number, percentile: number): number | null =>
      carried >= least ? this.percentile(percentile) : null
    return {
      count,
      minUs: this.percentile(0),
      meanUs: count === 0 ? null : Math.round(this.#histogram.mean * 10) / 10,
      p50Us: this.percentile(50),
      p90Us: from(MIN_SAMPLES_P90, 90),
      p95Us: from(MIN_SAMPLES_P95, 95),
      p99Us: from(MIN_SAMPLES_P99, 99),
      p999Us: from(MIN_SAMPLES_P999, 99.9),
      p9999Us: from(MIN_SAMPLES_P9999, 99.99),
      maxUs: this.#max,
      histogram: count === 0 ? '' : encodeIntoCompressedBase64(this.#histogram),
    }
  }

  /**
   * Any percentile, however few the samples: 99.5; null without any. What `summary` leaves out is
   * left out for a reason.
   */
  percentile(percentile: number): number | null {
    return this.count === 0 ? null : valueAt(this.#histogram, percentile)
  }

  /** Frees the library's memory, which the collector does not see. */
  destroy(): void {
    this.#histogram.destroy()
  }

  get #max(): number | null {
    return this.count === 0 ? null : this.#histogram.maxValue
  }
}

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

/** A percentile, where the library has the upper end of a bucket, which may lie above every sample. */
export function valueAt(histogram: Histogram, percentile: number): number {
  return Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue)
}

/**
 * The sum of histograms in their stored form, so that percentiles of a whole are never averaged from
 * parts. Nothing is recorded in it, so that the portable mode is fast enough.
 * @throws RtbenchError `bad-result` where a text is no histogram
 */
export function mergedHistogram(histograms: readonly string[]): Histogram {
  const sum = build({
    bitBucketSize: BUCKET_BITS,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
  })
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
