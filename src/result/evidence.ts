/** The parts of a run's document that tell how well it is known, and whose a latency is: the instrument's or the server's. */
import { z } from 'zod'
import { amount, count, figure, open, share } from './schema.ts'

/** What other windows of the same length and load would show in 95 of 100. */
const interval = open({
  lowUs: amount,
  /** Null where the events are too few to bound it from above. */
  highUs: amount.nullable(),
})

/** Null where the percentile is, and where the window was cut too short. */
export const intervals = open({
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

/** Means per delivery: they add up to the mean latency, within its rounding. */
const spent = open({
  /** From the intended publish until it was sent: the publisher's own lateness. */
  slipUs: figure,
  /** Until the server had accepted it. */
  acceptUs: figure,
  /** Until the server wrote it to the client. */
  fanOutUs: figure,
  /** Until the client had read it; for a poller, until it asked for it too. */
  readUs: figure,
})

/** Of the slowest instance, from an event's first receiver to its last. */
const fanOut = open({
  /** From 100 events on. */
  p99Us: amount.nullable(),
  maxUs: amount,
})

/** What one client saw that had a process for itself; it is in no other figure of the swarm. */
const probe = open({
  count,
  p50Us: amount.nullable(),
  /** From 100 samples on. */
  p99Us: amount.nullable(),
  maxUs: amount.nullable(),
  /** Of its process; from 100 samples on. */
  loopDelayP99Us: amount.nullable(),
  loopDelayMaxUs: amount.nullable(),
  /** Of its process, in the window. */
  cpuUs: amount.optional(),
})

/**
 * How late the instrument itself may have been at most, means per delivery: what the lower bound of the
 * latency takes off.
 */
const lateness = open({
  /** The publisher handed the event over late. */
  slipUs: amount,
  /** A polling client asked late for what had come by then. */
  askUs: amount,
  /** The worker was reading something else. */
  busyUs: amount,
  /** The worker waited for a processor. */
  waitUs: amount,
  /** The worker's process stood still. */
  stallUs: amount,
  /** An own server waited for a processor; null where it does not tell. */
  serverWaitUs: amount.nullable(),
  /** Share of the deliveries that were 50 ms late and more by any of these. */
  graveShare: share,
  /** How often a worker's process stood still in the window, and the longest time. */
  stalls: count,
  longestStallUs: amount,
  /** Share of the machine that other programs kept busy; null where it is not known. */
  othersCpuUtilisation: share.nullable(),
  /** What most of it comes from, and what to do: the code of a reason, and one line for a person. */
  cause: open({ code: z.string(), message: z.string() }).optional(),
})

/** Each is null where it is not known, and missing of an older run. */
export const evidence = {
  sampling: sampling.nullable().optional(),
  lateness: lateness.nullable().optional(),
  spent: spent.nullable().optional(),
  fanOut: fanOut.nullable().optional(),
  probe: probe.nullable().optional(),
}

/**
 * All CPU time of the server's processes in the window, by deliveries, microseconds; null where it is not
 * known. Older results have no other figure, and give it as `cpuUsPerDelivery`.
 */
export function totalCpuUsPerDelivery({
  server,
}: {
  readonly server: {
    readonly cpuUsPerDelivery: number | null
    readonly totalCpuUsPerDelivery?: number | null | undefined
  } | null
}): number | null {
  if (server === null) return null
  const { totalCpuUsPerDelivery: total, cpuUsPerDelivery } = server
  return total === undefined ? cpuUsPerDelivery : total
}
