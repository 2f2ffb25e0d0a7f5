import { z } from 'zod'
import { open } from './schema.ts'

const value = z.number().min(0)

/**
 * The value of the swept key at which a run was measured, in the sweep's unit. Null where the key
 * does not concern the transport, as an interval does not concern a stream: it was measured once,
 * and its figures are those of every value.
 */
export const point = value.nullable()

/** Which key of the scenario `rtbench run --sweep` varied. */
export const sweepSchema = open({
  /** As on the command line: `interval`. */
  key: z.enum(['clients', 'channels', 'rate', 'payload', 'interval', 'hold', 'instances']),
  /** Of the values, and of each run's point: `ms`, `bytes`, `clients`, `channels`, `events/s` or `instances`. */
  unit: z.enum(['clients', 'channels', 'events/s', 'bytes', 'ms', 'instances']),
  /** Ascending; every one that was to be measured, whether it was or not. */
  values: z.array(value).min(1).readonly(),
})

export type Sweep = z.infer<typeof sweepSchema>
