/** The parts of a run's document that tell whose a latency is: the instrument's or the server's. */
import { z } from 'zod'
import { open } from './open-object.ts'
import { sampling } from './sampling.ts'

const figure = z.number()
const amount = z.number().min(0)
const count = z.int().min(0)
const share = z.number().min(0)

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
