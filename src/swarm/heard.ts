/**
 * What workers and publisher say to the coordinator, and whether it can be what it says it is. The
 * children take types from here and nothing else: they have no use for a schema library, nor the memory
 * for it.
 */
import { z } from 'zod'
import type { HistoryBatch } from '../history/recorder.ts'
import type { LoopReading } from '../measure/lateness.ts'
import { noAudit, noCounts, noLateness, noSettlement, noSpeech } from './messages.ts'

const amount = z.number().min(0)
const samples: z.ZodType<Uint32Array> = z.instanceof(Uint32Array)
const times: z.ZodType<Float64Array> = z.instanceof(Float64Array)
const texts = z.array(z.string()).readonly()
const perCause = z.record(z.string(), amount)

/** Every key of a template, as an amount: a counter that is new there is asked for here. */
function amounts<Counters extends object>(template: Counters): z.ZodType<Counters> {
  const entries = Object.keys(template).map((key) => [key, amount] as const)
  return z.object(Object.fromEntries(entries)) as z.ZodType<object> as z.ZodType<Counters>
}

const outage = z.object({
  client: amount,
  cause: z.string(),
  noticedAtNs: amount,
  backAtNs: amount.nullable(),
  attempts: amount,
  bytes: amount.nullable(),
})

/** The state of a worker at one moment. */
const snapshot = z.object({
  atNs: amount,
  /** The second of the window in which all since the last snapshot happened; null outside of it. */
  second: z.int().min(0).nullable(),
  counts: amounts(noCounts()),
  /** Clients subscribed now. */
  live: amount,
  openSockets: amount,
  rssBytes: amount,
  audit: amounts(noAudit()),
  /** By cause, of the worker's whole life: connecting is a part of what can fail. */
  errors: perCause,
  /** What the first of the messages without a mark were recognised as, likewise. */
  disguises: perCause,
  /** Over the window's deliveries so far: what part of their latency may be this process's. */
  lateness: amounts(noLateness()),
  /** Of this process, since the last snapshot. */
  stalls: z.array(z.object({ endNs: amount, lengthNs: amount })).readonly(),
  latenciesUs: samples,
  latenessesUs: samples,
  servableUs: samples,
  receivedUs: samples,
  sinceNs: amount,
  serviceLatenciesUs: samples,
  /** From connecting to being subscribed, first time only, since the last snapshot. */
  connectsUs: samples,
  /** Since the last snapshot, those that are over. */
  outages: z.array(outage).readonly(),
  /** When clients connected that had lost their connection, since the last snapshot: to a server that was there, and in vain. */
  reachedNs: times,
  missedNs: times,
  /** Of clients that send, since the last snapshot, over the window's messages. */
  speech: z
    .object({
      /** From when one was intended to its acknowledgement, and what of that may be this process's doing. */
      acknowledgedUs: samples,
      acknowledgedLateUs: samples,
      /** The same to its receipt by the sender itself. */
      echoesUs: samples,
      echoesLateUs: samples,
      /** How late each was sent. */
      slipsUs: samples,
    })
    .nullable(),
})
const loop = z.looseObject({}) as z.ZodType<object> as z.ZodType<LoopReading>

/** A worker's account of what its clients sent in the window. */
const speech = z.object({
  counts: amounts(noSpeech()),
  /** The dropped and the unknown ones by the reason. */
  refusals: perCause,
  /** Its clients' sequences of the window, by client; `first` is 0 where it has none. */
  first: samples,
  last: samples,
  /** What was not acknowledged, each by its sender in the whole swarm, and its sequence. */
  unacknowledged: z.object({ senders: samples, sequences: samples }),
  /** By second of the window. */
  perSecond: samples,
})

/** What a process has noted for a history since the last time. */
const history: z.ZodType<HistoryBatch> = z.object({
  clients: z
    .object({
      kinds: z.instanceof(Uint8Array),
      clients: samples,
      streams: samples,
      sequences: samples,
      atNs: times,
      texts,
    })
    .nullable(),
  publishes: z
    .object({
      streams: samples,
      sequences: samples,
      fates: z.instanceof(Uint8Array),
      instances: z.instanceof(Uint16Array),
      intendedNs: times,
      sentNs: times,
      settledNs: times,
      causes: texts,
    })
    .nullable(),
})

const fromWorker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), snapshot }),
  z.object({ type: z.literal('ramped') }),
  z.object({ type: z.literal('window-start'), snapshot }),
  z.object({ type: z.literal('window-end'), snapshot, loop }),
  z.object({ type: z.literal('spoken'), report: speech }),
  z.object({
    type: z.literal('settled'),
    snapshot,
    settlement: amounts(noSettlement()),
    /** Those that last. */
    outages: z.array(outage).readonly(),
  }),
  z.object({ type: z.literal('history'), batch: history }),
  z.object({
    type: z.literal('disrupted'),
    index: amount,
    /** Of those that were chosen the ones that had a connection, and its port. */
    clients: samples,
    ports: samples,
  }),
])

/** The publisher's account of the steady window. */
const report = z.object({
  /** Events of the schedule, all of them handed to the connection. */
  published: amount,
  /** Of these, handed over before the window's end. */
  sentInTime: amount,
  /** Sends, one to each instance that has clients of the event's channel. */
  due: amount,
  accepted: amount,
  /** Sends that it did not: it refused them, or they never left. */
  dropped: amount,
  /**
   * Sends of which nobody knows: the connection was cut before the answer, or none came. Their marks
   * tell, if they arrive.
   */
  unknown: amount,
  /** Sends of events that nobody hears, at the load's rate. */
  unheard: amount,
  /** The dropped and the unknown ones by the reason: `http-404`, `ECONNREFUSED`, `unanswered`. */
  refusals: perCause,
  /** The window's sequences by channel, or by stream; `first` is 0 where it has none. */
  first: samples,
  last: samples,
  /** Of the window's, what was dropped or nobody knows of; not where clients send. */
  unaccepted: z.object({ channels: samples, sequences: samples }).optional(),
  /** By second of the window. */
  perSecond: samples,
  /** Per delivery: an event counts as often as it has receivers; null without events. */
  slipMeanUs: z.number().nullable(),
  slipP99Us: amount.nullable(),
  slipMaxUs: amount.nullable(),
  /** Of the process in the window: CPU time, and time that it waited for a processor. */
  cpuUs: amount,
  waitedUs: amount,
  /** The longest time that it stood still; 0 where it did not. */
  longestStallUs: amount,
  loop,
})

const fromPublisher = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('published'), report }),
  z.object({ type: z.literal('history'), batch: history }),
])

export type Snapshot = Readonly<z.infer<typeof snapshot>>
export type SpeechReport = Readonly<z.infer<typeof speech>>
export type PublisherReport = Readonly<z.infer<typeof report>>
export type Disrupted = Pick<
  Extract<FromWorker, { type: 'disrupted' }>,
  'index' | 'clients' | 'ports'
>
export type FromWorker = z.infer<typeof fromWorker>
export type FromPublisher = z.infer<typeof fromPublisher>

export function isFromWorker(message: unknown): message is FromWorker {
  return fromWorker.safeParse(message).success
}

export function isFromPublisher(message: unknown): message is FromPublisher {
  return fromPublisher.safeParse(message).success
}
