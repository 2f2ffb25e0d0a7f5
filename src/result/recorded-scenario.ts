/** What was asked for, as a result keeps it. */
import { z } from 'zod'
import { amount, count, open, text } from './schema.ts'

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
  key: z.enum(['clients', 'channels', 'rate', 'payload', 'interval', 'hold']),
  /** Of the values, and of each run's point: `ms`, `bytes`, `clients`, `channels` or `events/s`. */
  unit: z.enum(['clients', 'channels', 'events/s', 'bytes', 'ms']),
  /** Ascending; every one that was to be measured, whether it was or not. */
  values: z.array(value).min(1).readonly(),
})

export type Sweep = z.infer<typeof sweepSchema>

const positive = z.number().positive()

const headers = z.record(text, text)
/** What a server that is none of rtbench's speaks; what looks like a secret is starred. */
const target = open({
  /** Null where nothing was to be published. */
  publish: open({ method: text, path: text, headers, body: text }).nullable(),
  /** By transport. */
  endpoints: z.record(text, open({ path: text, headers: headers.optional() })),
})

/** What was asked for, with every default, and its seed. */
export const recordedScenario = open({
  name: text,
  description: text,
  transports: z.array(text).readonly(),
  clients: count,
  durationMs: positive,
  warmupMs: amount,
  rampUpMs: amount.nullable(),
  channels: z.union([z.literal('per-client'), z.int().min(1)]),
  /** Events per second and channel. */
  rate: amount,
  arrivals: z.enum(['poisson', 'constant']),
  payloadBytes: count,
  intervalMs: amount,
  holdMs: amount,
  /** On what the clients ran; the first results had one engine, and did not name it. */
  engine: z.enum(['lean', 'library']).default('lean'),
  instances: z.union([z.literal('auto'), z.int().min(1)]),
  workers: z.union([z.literal('auto'), z.int().min(1)]),
  backplane: text,
  url: text.nullable(),
  /** Null, or not there, for a reference server. */
  target: target.nullable().optional(),
  repeat: z.int().min(1),
  thresholds: z.array(text).readonly(),
  seed: count,
})
