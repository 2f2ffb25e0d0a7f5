import { z } from 'zod'
import { open } from './open-object.ts'

const amount = z.number().min(0)
const count = z.int().min(0)
const positive = z.number().positive()
const text = z.string()

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
