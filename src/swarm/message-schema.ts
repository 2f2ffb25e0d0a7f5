/**
 * Whether a message of a worker or of the publisher can be what it says it is. Beside the types of
 * messages.ts, since the children have no use for a schema library, nor the memory for it.
 */
import { z } from 'zod'
import {
  type FromPublisher,
  type FromWorker,
  noAudit,
  noCounts,
  noLateness,
  noSettlement,
} from './messages.ts'

const amount = z.number().min(0)
const samples = z.instanceof(Uint32Array)
const perCause = z.record(z.string(), amount)

/** Every key of a template, as an amount: a counter that is new there is asked for here. */
function amounts(template: object): z.ZodType {
  return z.looseObject(Object.fromEntries(Object.keys(template).map((key) => [key, amount])))
}

const snapshot = z.looseObject({
  atNs: amount,
  second: z.int().min(0).nullable(),
  counts: amounts(noCounts()),
  live: amount,
  openSockets: amount,
  rssBytes: amount,
  audit: amounts(noAudit()),
  errors: perCause,
  disguises: perCause,
  lateness: amounts(noLateness()),
  stalls: z.array(z.looseObject({ endNs: amount, lengthNs: amount })),
  latenciesUs: samples,
  latenessesUs: samples,
  servableUs: samples,
  receivedUs: samples,
  sinceNs: amount,
  serviceLatenciesUs: samples,
  connectsUs: samples,
})
const loop = z.looseObject({})

const fromWorker = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('snapshot'), snapshot }),
  z.looseObject({ type: z.literal('ramped') }),
  z.looseObject({ type: z.literal('window-start'), snapshot }),
  z.looseObject({ type: z.literal('window-end'), snapshot, loop }),
  z.looseObject({
    type: z.literal('settled'),
    snapshot,
    settlement: amounts(noSettlement()),
  }),
])

const fromPublisher = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('ready') }),
  z.looseObject({
    type: z.literal('published'),
    report: z.looseObject({
      published: amount,
      sentInTime: amount,
      due: amount,
      accepted: amount,
      dropped: amount,
      unknown: amount,
      unheard: amount,
      refusals: perCause,
      first: samples,
      last: samples,
      perSecond: samples,
      slipMeanUs: z.number().nullable(),
      slipP99Us: amount.nullable(),
      slipMaxUs: amount.nullable(),
      cpuUs: amount,
      waitedUs: amount,
      longestStallUs: amount,
      loop,
    }),
  }),
])

export function isFromWorker(message: unknown): message is FromWorker {
  return fromWorker.safeParse(message).success
}

export function isFromPublisher(message: unknown): message is FromPublisher {
  return fromPublisher.safeParse(message).success
}
