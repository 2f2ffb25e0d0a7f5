/**
 * What is read of an instance's `GET /stats`. A server may be of another version, or somebody else's
 * altogether, and what it says stands in the result beside what was measured: it is held against a
 * schema, and against what the same server said before, and is believed only then.
 */

import { z } from 'zod'
import { oneLine } from '../result/cause.ts'
import { firstProblemOf } from '../text.ts'

/** Whole, 0 or more, and exact as a number. */
const count = z.int().min(0)
const amount = z.number().min(0).max(Number.MAX_SAFE_INTEGER)

/** The last is unknown of an older server. */
const span = z.tuple([amount, amount, amount, amount.optional()]).readonly()

/** What sums of nanoseconds since boot are rounded to, and more. */
const CLOCK_STEP_NS = 1_000

/** In the order of time, one after the other, and none of them longer than its span. */
function areInOrder(spans: readonly Readonly<z.infer<typeof span>>[]): boolean {
  return spans.every(
    ([startNs, endNs, waitNs], at) =>
      startNs + CLOCK_STEP_NS >= (spans[at - 1]?.[1] ?? 0) &&
      waitNs <= endNs - startNs + CLOCK_STEP_NS,
  )
}

/** A line of somebody else's. */
const words = z.string().max(1_000).transform(oneLine)
const tellsOfProcess = amount.nullable()

/** Keys that are not read are ignored; counts run from the server's start. */
const instance = z.object({
  /** Unknown of an older server. */
  pid: z.int().min(1).optional(),
  upMs: amount,
  transports: z.record(
    z.string(),
    z.object({ held: count, deliveries: count, slowConsumers: count }),
  ),
  /** Unknown of an older server. */
  limits: z
    .object({ holdMs: amount, heartbeatMs: amount.optional(), pingMs: amount.optional() })
    .optional(),
  /** The last is what it took to begin to listen; unknown of an older server. */
  cpu: z.object({ userUs: amount, systemUs: amount, startUs: amount.optional() }),
  memory: z.object({ rssBytes: count }),
  loop: z.object({
    delayP50Us: amount,
    delayP99Us: amount,
    delayMaxUs: amount,
    samples: count,
    utilisation: amount,
  }),
  /** Unknown of an older server. */
  fanOut: z
    .object({
      /** From acceptance to write, summed over receivers. */
      waitedUs: amount,
      /** From first to last receiver, of so many events since the last reset. */
      events: count,
      spanP99Us: amount,
      spanMaxUs: amount,
    })
    .optional(),
  /** Null without a bus; unknown of an older server. */
  bus: z
    .object({
      name: words,
      routing: words,
      epochs: count,
      gaps: count,
      outages: z.array(z.tuple([amount, amount.nullable(), words])).readonly(),
      published: count,
      received: count,
      bytesOut: count,
      bytesIn: count,
      hopUs: amount,
      /** Where they were asked for, by block of the window: pairs of a time, microseconds, and how often; null where no clock tells. */
      hops: z.array(z.array(amount).readonly()).readonly().nullable().optional(),
      /** Where it was asked for. */
      process: z
        .object({
          cpuUs: tellsOfProcess,
          rssBytes: tellsOfProcess,
          bytesIn: tellsOfProcess,
          bytesOut: tellsOfProcess,
        })
        .nullable()
        .optional(),
    })
    .nullable()
    .optional(),
  /** Its waits for a processor; unknown of an older server. */
  waits: z
    .object({
      /** When it told, by its clock. */
      atNs: amount,
      next: count,
      /** From, until, how much of that it waited, and what it had not caught up with before. */
      spans: z.array(span).readonly().refine(areInOrder, 'not in the order of time'),
    })
    .optional(),
})

export interface InstanceReading extends Readonly<z.infer<typeof instance>> {
  /** How often it was started anew since it was asked first: counts of two lives have no difference. */
  readonly restarts: number
}

/** Readings of every instance of a server at one moment. */
export type Readings = readonly InstanceReading[]

/** What is wrong with the answer of a server that is none of ours. */
export const FOREIGN = 'not the statistics of an rtbench server'

/**
 * Reads an answer's text: a reading, or in a line what is wrong with it.
 * @param transport whose figures it must have
 */
export function parseReading(text: string, transport: string): InstanceReading | string {
  const value = parse(text)
  const isOurs =
    typeof value === 'object' && value !== null && 'server' in value && value.server === 'rtbench'
  if (!isOurs) return FOREIGN
  const parsed = instance.safeParse(value)
  if (!parsed.success) return oneLine(firstProblemOf(value, parsed.error.issues))
  if (!Object.hasOwn(parsed.data.transports, transport)) return `transports.${transport}: missing`
  return { ...parsed.data, restarts: 0 }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Also what is nested so deeply that the parser gives up.
    return null
  }
}

/** A reading, and when it was asked for and had; milliseconds of any one clock. */
export interface Dated {
  readonly reading: InstanceReading
  readonly askedAtMs: number
  readonly hadAtMs: number
}

/** Two clocks' difference of pace, and the rounding of a moment. */
const PACE = 0.01
const ROUNDING_MS = 100
/** More than any machine has. */
const MAX_CORES = 1024

/**
 * Holds a reading against the one before it.
 *
 * @returns how often the server was started anew by then; or, as a text, what cannot be: time or
 *   counts that went backwards, or more processor time than there was
 */
export function follow(before: Dated, after: Dated): number | string {
  const { reading: earlier } = before
  const { reading: later } = after
  const leastMs = after.askedAtMs - before.hadAtMs
  const mostMs = after.hadAtMs - before.askedAtMs
  const slackMs = ROUNDING_MS + PACE * Math.max(0, mostMs)
  const wentMs = later.upMs - earlier.upMs
  const isOnTime = wentMs >= leastMs - slackMs && wentMs <= mostMs + slackMs
  if (!isOnTime || later.pid !== earlier.pid) {
    if (later.upMs <= mostMs + slackMs) return earlier.restarts + 1
    return later.pid === earlier.pid
      ? `upMs: went from ${earlier.upMs} to ${later.upMs} within ${Math.round(mostMs)} ms`
      : `pid: ${earlier.pid ?? 'none'} and then ${later.pid ?? 'none'}, and neither was started meanwhile; do several processes answer at one address?`
  }
  // Of two that were under way at once nobody knows which was answered first.
  if (wentMs <= 0) return earlier.restarts
  return regress(earlier, later, wentMs) ?? earlier.restarts
}

function regress(earlier: InstanceReading, later: InstanceReading, wentMs: number): string | null {
  const [before, after] = [countsOf(earlier), countsOf(later)]
  for (const [name, count] of before) {
    const counted = after.get(name) ?? 0
    if (counted < count) return oneLine(`${name}: went back from ${count} to ${counted}`)
  }
  const spentMs = ((after.get('cpu') ?? 0) - (before.get('cpu') ?? 0)) / 1e3
  return spentMs > MAX_CORES * (wentMs + ROUNDING_MS)
    ? `cpu: ${Math.round(spentMs)} ms of processor time within ${Math.round(wentMs)} ms`
    : null
}

/** What never goes back while a server runs. */
function countsOf({ cpu, fanOut, transports }: InstanceReading): ReadonlyMap<string, number> {
  const counts = new Map([
    ['cpu', cpu.userUs + cpu.systemUs],
    ['fanOut.waitedUs', fanOut?.waitedUs ?? 0],
  ])
  for (const [name, { deliveries, slowConsumers }] of Object.entries(transports)) {
    counts.set(`transports.${name}.deliveries`, deliveries)
    counts.set(`transports.${name}.slowConsumers`, slowConsumers)
  }
  return counts
}
