import { z } from 'zod'
import { open, text } from './schema.ts'

const value = z.number().min(0)
const figure = z.number().nullable()

/** Why a step does not count as kept. */
const cause = z.enum([
  /** It was measured, and missed a limit. */
  'limit',
  /** A limit is kept by the one bound of a latency and missed by the other: it may be either. */
  'untold',
  /** The measurement is invalid, or lacks the figure: no evidence against what was measured. */
  'instrument',
  /** The machine of the clients refused descriptors, ports or memory. */
  'machine',
  /** A worker or the server ended early. */
  'lost',
  /** It could not be started. */
  'failed',
  'interrupted',
])

const step = open({
  /** Clients, or events per second and channel. */
  value,
  /** What it was measured for; `repeat` follows a measurement that is no evidence. */
  phase: z.enum(['double', 'bisect', 'step-down', 'confirm', 'repeat']),
  kept: z.boolean(),
  cause: cause.nullable(),
  /** Lines for a person: why it was not kept. */
  reasons: z.array(text).readonly(),
  p50Us: value.nullable(),
  p99Us: value.nullable(),
  lost: z.int().min(0).nullable(),
  /** What each limit asks about, by metric, in the metric's base unit. */
  figures: z.record(text, figure),
  /**
   * Push latencies among these, and p50 and p99, as if the instrument had been on time; not in older
   * results.
   */
  lowerBounds: z.record(text, figure).optional(),
  /** The validity of its run; null when there is none. */
  verdict: z.enum(['valid', 'suspect', 'invalid']).nullable(),
  /** Its value was kept before, and is kept again. */
  confirmed: z.boolean(),
})

/** What `rtbench capacity` searched, and found. */
export const capacitySchema = open({
  search: z.enum(['clients', 'rate']),
  /** Of `from`, `to`, `answer` and the steps' values. */
  unit: text,
  /** As written: `p99<100ms`. */
  limits: z.array(text).min(1).readonly(),
  from: value,
  to: value,
  /** Why no more than `to` can be tried; null when nobody wanted more. */
  toReason: text.nullable(),
  /** 0.1: an answer confirmed at once and the least that was not kept are within 10 %. */
  precision: z.number().positive(),
  /** The most that was kept twice; null when nothing was. */
  answer: value.nullable(),
  /**
   * What kept the search from a greater answer: the cause of the step above it; `to` where that was
   * kept. Null while it is not over.
   */
  endedBy: z.enum([...cause.options, 'to']).nullable(),
  /** In the order in which they were measured. */
  steps: z.array(step).readonly(),
})

export type Capacity = z.infer<typeof capacitySchema>
export type CapacityStep = z.infer<typeof step>
export type StepCause = z.infer<typeof cause>

/** What was measured tells neither that a value is kept nor that it is not. */
export function isOpen(cause: StepCause | null): boolean {
  return cause === 'untold' || cause === 'instrument'
}

/** These end a search at once: the next measurement would fare no better, or is not wanted. */
export function isFinal(cause: StepCause | null): boolean {
  return cause === 'lost' || cause === 'failed' || cause === 'interrupted'
}

/** The step that stands in the way of a greater answer, of several of a value the latest. */
export function obstacleOf({
  answer,
  steps,
}: Pick<Capacity, 'answer' | 'steps'>): CapacityStep | null {
  const last = steps.at(-1)
  if (last !== undefined && isFinal(last.cause)) return last
  let obstacle: CapacityStep | null = null
  for (const step of steps) {
    if (step.kept || (answer !== null && step.value <= answer)) continue
    if (obstacle === null || step.value <= obstacle.value) obstacle = step
  }
  return obstacle
}
