/**
 * Bounds of a percentile: observed, and as if the instrument had been on time. What is said of it
 * holds where it holds at both.
 */

/** How far apart bounds may be: this, or so much of the lower one; neither grows with a fault. */
const CLOSE_US = 1_000
const CLOSE_SHARE = 0.1

/** Bounds of a percentile: of the latency as observed and of its lower bound, microseconds. */
export interface Bounds {
  readonly lowerUs: number
  readonly upperUs: number
}

/** The percentiles that a run is asked for, the most telling last. */
const BOUNDED = ['p50Us', 'p90Us', 'p95Us', 'p99Us'] as const
export type Bounded = (typeof BOUNDED)[number]

type Percentiles = Readonly<Record<Bounded, number | null>>

/** Whether the instrument's part is too small to matter. */
export function areClose({ lowerUs, upperUs }: Bounds): boolean {
  return upperUs - lowerUs <= mayDifferUs(lowerUs)
}

export function mayDifferUs(lowerUs: number): number {
  return Math.max(CLOSE_US, CLOSE_SHARE * lowerUs)
}

/** The bounds of each percentile that the samples carry. */
export function boundsOf(
  upper: Percentiles,
  lower: Percentiles,
): readonly (Bounds & { readonly percentile: Bounded })[] {
  return BOUNDED.flatMap((percentile) => {
    const [upperUs, lowerUs] = [upper[percentile], lower[percentile]]
    return upperUs === null || lowerUs === null ? [] : [{ percentile, lowerUs, upperUs }]
  })
}

/** As much of a run as has both ends of its latencies; older results have no lower ones. */
interface BoundedRun<Key extends string> {
  readonly latency: Readonly<Record<Key, number | null>>
  readonly latencyLowerBound?: Readonly<Record<Key, number | null>> | undefined
}

/**
 * Both ends of a run's push latency, by its key in the document; null where it has no such figure.
 * They are the same where the lower one is not known.
 */
export function latencyBounds<Key extends string>(
  { latency, latencyLowerBound }: BoundedRun<Key>,
  key: Key,
): Bounds | null {
  const upperUs = latency[key]
  if (upperUs === null) return null
  return { lowerUs: Math.min(upperUs, latencyLowerBound?.[key] ?? upperUs), upperUs }
}
