/** How well the events of a run's window carry its figures. */
import { z } from 'zod'
import { open } from './open-object.ts'

const amount = z.number().min(0)
const count = z.int().min(0)

/** What other windows of the same length and load would show in 95 of 100. */
const interval = open({
  lowUs: amount,
  /** Null where the events are too few to bound it from above. */
  highUs: amount.nullable(),
})

/** Null where the percentile is, and where the window was cut too short. */
const intervals = open({
  p50: interval.nullable(),
  p90: interval.nullable(),
  p95: interval.nullable(),
  p99: interval.nullable(),
  mean: interval.nullable(),
})

export const sampling = open({
  /** Published in the window for somebody: what one delay of the server touches as a whole. */
  events: count,
  /** Equal parts of the window, of whose differences the intervals are. */
  blocks: count,
  blockMs: amount,
  latency: intervals,
  latencyLowerBound: intervals,
})

type Interval = z.infer<typeof interval>
/** The figures that have an interval. */
export const SAMPLED = ['p50', 'p90', 'p95', 'p99', 'mean'] as const
export type Sampled = (typeof SAMPLED)[number]

/**
 * What may be relied on of a latency: from the lower end of the lower bound's interval, as if the
 * instrument had been on time, to the upper end of the observed one's. Null where it is not known.
 */
export function reliedOn(
  run: { readonly sampling?: z.infer<typeof sampling> | null | undefined },
  figure: Sampled,
): Interval | null {
  const upper = run.sampling?.latency[figure]
  const lower = run.sampling?.latencyLowerBound[figure]
  return upper == null || lower == null ? null : { lowUs: lower.lowUs, highUs: upper.highUs }
}
