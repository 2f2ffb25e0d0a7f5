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

/**
 * Independent samples from which on a percentile is more than another name of the maximum: events, of
 * which one delay touches all deliveries.
 */
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
export interface BriefSummary {
  readonly p50Us: number | null
  /** From 100 events on. */
  readonly p99Us: number | null
  readonly maxUs: number | null
}

/** Loads the library's fast mode; await it once before the first histogram. */
export async function prepareHistograms(): Promise<void> {
  await initWebAssembly()
}

/**
 * Latencies to three significant digits, in constant memory. Histograms merge by addition, so that
 * percentiles of a whole are never averaged from parts.
 */
export class LatencyHistogram {
  readonly #histogram: Histogram
  /** Samples beyond an hour: recorded as an hour. */
  overflows = 0

  constructor(histogram: Histogram = empty()) {
    this.#histogram = histogram
  }

  /** Reads what `summary().histogram` wrote; throws on what is none. */
  static decode(base64: string): LatencyHistogram {
    const into = new LatencyHistogram()
    if (base64 === '') return into
    const decoded = decodeFromCompressedBase64(base64, BUCKET_BITS, true)
    into.#histogram.add(decoded)
    decoded.destroy()
    return into
  }

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

  recordAll(us: Uint32Array): void {
    for (const value of us) this.record(value)
  }

  merge(other: LatencyHistogram): void {
    this.overflows += other.overflows
    this.#histogram.add(other.#histogram)
  }

  reset(): void {
    this.overflows = 0
    this.#histogram.reset()
  }

  /** @param events as of `summary` */
  brief(events = this.count): BriefSummary {
    const { count } = this
    if (count === 0) return { p50Us: null, p99Us: null, maxUs: null }
    return {
      p50Us: this.#at(50),
      p99Us: Math.min(events, count) >= MIN_SAMPLES_P99 ? this.#at(99) : null,
      maxUs: this.#histogram.maxValue,
    }
  }

  /** @param events how many of the samples are independent: as many as came of events of their own */
  summary(events = this.count): LatencySummary {
    const { count } = this
    if (count === 0) return NO_SAMPLES
    const carried = Math.min(events, count)
    return {
      count,
      minUs: this.#at(0),
      meanUs: Math.round(this.#histogram.mean * 10) / 10,
      p50Us: this.#at(50),
      p90Us: carried >= MIN_SAMPLES_P90 ? this.#at(90) : null,
      p95Us: carried >= MIN_SAMPLES_P95 ? this.#at(95) : null,
      p99Us: carried >= MIN_SAMPLES_P99 ? this.#at(99) : null,
      p999Us: carried >= MIN_SAMPLES_P999 ? this.#at(99.9) : null,
      p9999Us: carried >= MIN_SAMPLES_P9999 ? this.#at(99.99) : null,
      maxUs: this.#histogram.maxValue,
      histogram: encodeIntoCompressedBase64(this.#histogram),
    }
  }

  /**
   * Any percentile, however few the samples: 99.5; null without any. What `summary` leaves out is
   * left out for a reason.
   */
  percentile(percentile: number): number | null {
    return this.count === 0 ? null : this.#at(percentile)
  }

  /** Frees the library's memory, which the collector does not see. */
  destroy(): void {
    this.#histogram.destroy()
  }

  #at(percentile: number): number {
    // The library answers with the upper end of a bucket, which may lie above every sample.
    return Math.min(this.#histogram.getValueAtPercentile(percentile), this.#histogram.maxValue)
  }
}

const NO_SAMPLES: LatencySummary = {
  count: 0,
  minUs: null,
  meanUs: null,
  p50Us: null,
  p90Us: null,
  p95Us: null,
  p99Us: null,
  p999Us: null,
  p9999Us: null,
  maxUs: null,
  histogram: '',
}

function empty(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
    bitBucketSize: BUCKET_BITS,
    useWebAssembly: true,
  })
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

/** The library answers with the upper end of a bucket, which may lie above every sample. */
function valueAt(histogram: Histogram, percentile: number): number {
  return Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue)
}

/**
 * Nothing is recorded in it, so that the portable mode is fast enough.
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
