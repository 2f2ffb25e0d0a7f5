/**
 * The result document, version 1: what one invocation measured, as CI scripts read it. Base units,
 * each named by its key (`…Us` microseconds, `…Bytes`, `…PerSecond`); a ratio is a share of 0…1, and
 * a utilisation is one of a single core, so that processes on several cores come to more than 1,
 * save the host's, which is of all its cores. A figure that could not be measured is null, never
 * zero. Keys that this version does not know are kept.
 */
import { z } from 'zod'
import { recordedScenario } from '../scenario/schema.ts'
import { type Capacity, capacitySchema } from './capacity.ts'
import { evidence, intervals } from './evidence.ts'
import { amount, count, figure, open, share, text } from './schema.ts'
import { point, type Sweep, sweepSchema } from './sweep.ts'

const time = z.iso.datetime()
const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/, 'expected base64')

const environment = open({
  /** Version of Node, without a `v`. */
  node: text,
  platform: text,
  kernel: text,
  cpuModel: text,
  /** Cores that this process may use. */
  cores: z.int().min(1),
  memoryBytes: count,
  /** The most descriptors that a process may hold; null where it cannot be read. */
  openFilesLimit: count.nullable(),
  /** Short commit of the working folder; null outside a repository. */
  commit: text.nullable(),
  startedAt: time,
})

const technique = open({
  /** As in a table's head: `Server-Sent Events`. */
  label: text,
  /** What is true of the technique without measuring it: the rows of the comparison. */
  traits: open({
    direction: text,
    latency: text,
    connectionsHeld: text,
    protocol: text,
    browserSupport: text,
    proxyFirewall: text,
    complexity: text,
    /** The complexity as a number, from 0, for the lowest, on. */
    complexityGrade: amount,
    bestFor: text,
    /** What several instances need of each other; not in older results. */
    scaling: text.optional(),
    /** Clients may send events on the connection on which they receive them. */
    bidirectional: z.boolean(),
    /** Clients ask at the scenario's interval. */
    keepsInterval: z.boolean(),
    /** This and the next two are not in the first results: what a proxy or a browser must let pass. */
    needsUpgrade: z.boolean().optional(),
    streams: z.boolean().optional(),
    needsModernBrowser: z.boolean().optional(),
  }),
})

const clients = open({
  requested: count,
  /** Subscribed at the moment the window began: no event of it could escape them. */
  connected: count,
  failed: count,
  /** Of workers that were lost, by crash or for want of an answer. */
  lost: count,
  /**
   * Heard something, a canary before the window or any other event; of those for whom something was
   * published. Not in older results.
   */
  proven: count.optional(),
  /** Connections that they lost in the window, each of which was opened anew; not in older results. */
  cuts: count.optional(),
  /** Connections on which the server kept an obligation: the server's own count. */
  held: open({ mean: amount.nullable(), min: amount.nullable(), max: amount.nullable() }),
  /** The swarm's sockets, a polling client's idle one included. */
  openSockets: open({
    mean: amount.nullable(),
    min: amount.nullable().optional(),
    max: amount.nullable(),
  }),
})

/**
 * Handshakes of TLS, whole ones and such that go on with an earlier session. How many clients did in the run; and of
 * some before it, one after the other and with nothing else under way, the median of what they took.
 */
const handshakes = open({
  protocol: text,
  cipher: text,
  full: count,
  resumed: count,
  fullUs: amount.nullable(),
  /** Both ways. */
  fullBytes: amount.nullable(),
  /** Null where the server lets no session go on. */
  resumedUs: amount.nullable(),
  resumedBytes: amount.nullable(),
})

const connect = open({
  p50Us: amount.nullable(),
  p99Us: amount.nullable(),
  maxUs: amount.nullable(),
  /** Missing without TLS, and in older results. */
  tls: handshakes.optional(),
})

/** A percentile is null where the events cannot carry it; in older results, where the deliveries could not. */
const latency = open({
  count,
  minUs: amount.nullable(),
  meanUs: amount.nullable(),
  p50Us: amount.nullable(),
  p90Us: amount.nullable(),
  p95Us: amount.nullable(),
  p99Us: amount.nullable(),
  /** From 10,000 events on. */
  p999Us: amount.nullable(),
  /** From 100,000 events on. */
  p9999Us: amount.nullable(),
  maxUs: amount.nullable(),
  /** HdrHistogram, V2 compressed, base64, microseconds; empty without samples. */
  histogram: base64,
})

const delivery = open({
  published: count,
  /** All that was published for the clients of a lost worker is part of it. */
  expected: count,
  delivered: count,
  lost: count,
  duplicates: count,
  outOfOrder: count,
  /** delivered / expected; null where nothing was expected, or nobody knows what. */
  reach: share.nullable(),
  /**
   * Payloads that are not what was published; as the next five, since the clients began to
   * connect. None of them is among the deliveries.
   */
  damaged: count.optional(),
  /** Sequences that came and that nobody has published. */
  forged: count.optional(),
  /** Marks of another run. */
  foreign: count,
  /** Events of a channel that the client did not subscribe to. */
  misrouted: count,
  /** Messages in which an event could have been, without a mark of any run; not in the first results. */
  unmarked: count.optional(),
  /** Times that a server said that its replay is not complete. */
  gapSignals: count,
  /** Of those expected, what lies in gaps that the server declared to the client; not among the lost. */
  gapped: count.optional(),
})

/** Of a chat: what clients sent, and what that took. */
const chat = open({
  /** Messages of the window; what is neither acknowledged nor refused is unknown. */
  sent: count,
  acknowledged: count,
  /** Refused by the server, or never sent. */
  refused: count,
  unknown: count,
  /** From the intended time of sending to the server's acknowledgement. */
  acknowledgement: latency,
  acknowledgementLowerBound: latency,
  /** The same to the receipt by the sender itself. */
  echo: latency,
  echoLowerBound: latency,
  /** The way up, in the window. None of it is in `exchanges` or `wire`. */
  up: open({
    messages: count,
    requests: count,
    bytesSent: count,
    bytesReceived: count,
    requestsPerMessage: amount.nullable(),
    /** Headers and framing included; and those of its acknowledgement. */
    bytesSentPerMessage: amount.nullable(),
    bytesReceivedPerMessage: amount.nullable(),
    /** For each message that nobody hears, acknowledged all the same; null where nobody tells. */
    serverCpuUsPerMessage: amount.nullable(),
  }),
})

const exchanges = open({
  requests: count,
  responses: count,
  /** Responses without an event. */
  empty: count,
  /** empty / responses; null where a transport has no exchanges. */
  emptyRatio: share.nullable(),
  requestsPerClientPerDay: amount.nullable(),
})

const wire = open({
  bytesReceived: count,
  bytesSent: count,
  /** Received, headers and framing included. */
  bytesPerDelivery: amount.nullable(),
})

const throughput = open({
  deliveriesPerSecond: amount,
  exchangesPerSecond: amount,
  bytesPerSecond: amount,
})

/** What both sides cost. A utilisation is of one core: 1.5 is one and a half cores busy. */
const cost = {
  cpuUsPerDelivery: amount.nullable(),
  cpuUtilisation: share.nullable(),
  rssBytes: amount.nullable(),
  rssBytesPerClient: amount.nullable(),
  /** From 100 samples on: a window of some five seconds. */
  loopDelayP99Us: amount.nullable(),
}
const server = open({
  instances: count,
  ...cost,
  /**
   * What a delivery takes beyond taking its event in and being there: of the technique. Null where the
   * warm-up was too short to tell these apart. In older results all CPU time of the window by deliveries.
   */
  cpuUsPerDelivery: amount.nullable(),
  /** Where it lies in 95 of 100 runs like this one. This and the next three are not in older results. */
  cpuUsPerDeliveryInterval: z.tuple([amount, amount]).readonly().nullable().optional(),
  /** For each event sent to it, whether or not anybody hears it. */
  ingestCpuUsPerEvent: amount.nullable().optional(),
  /** While clients were subscribed and nothing was published. */
  idleCpuUtilisation: share.nullable().optional(),
  /** All CPU time of the window, by deliveries. */
  totalCpuUsPerDelivery: amount.nullable().optional(),
  /** Connections that it closed in the window, since they did not read. */
  slowConsumers: count.nullable(),
})
const generator = open({ workers: count, ...cost })

/** What carried events between instances. Bytes are those that the instances handed to it and got from it. */
const bus = open({
  /** As in a sentence, or a starred URL. */
  name: text,
  routing: text,
  bytesPerEvent: amount.nullable(),
  bytesPerDelivery: amount.nullable(),
  /** From the acceptance of an event until an instance had it from the bus, its entry's own included. */
  hopMeanUs: amount.nullable(),
  /**
   * The same of each event at each instance: what the bus adds to a delivery. Null where an instance does not
   * tell; this and the next four are not in older results.
   */
  added: latency.nullable().optional(),
  /** What other windows of the same length and load would show of it in 95 of 100. */
  addedIntervals: intervals.nullable().optional(),
  /** How often an event came over the bus to an instance. */
  receiptsPerEvent: amount.nullable().optional(),
  /** CPU time of the bus's process; null where it does not tell. */
  cpuUsPerEvent: amount.nullable().optional(),
  cpuUsPerDelivery: amount.nullable().optional(),
  /** This and the next three are the bus process's own, of the window; null where it does not tell. */
  cpuUtilisation: share.nullable(),
  rssBytes: amount.nullable(),
  bytesIn: amount.nullable(),
  bytesOut: amount.nullable(),
  /** Times that its store began anew, with all events lost. */
  restarts: count,
  /** Times that an instance came back to it too late for all that it had missed. */
  gaps: count,
  /** In the window, by instance: messages and bytes handed to the bus, and got from it. */
  instances: z
    .array(open({ published: count, received: count, bytesOut: count, bytesIn: count }))
    .readonly(),
  /** By instance: since the window's start, until null where it lasted. */
  outages: z
    .array(open({ instance: count, fromMs: z.number(), toMs: z.number().nullable(), cause: text }))
    .readonly(),
})

/** What a program takes that stands between clients and servers. */
const passing = {
  cpuUtilisation: share.nullable(),
  cpuUsPerDelivery: amount.nullable(),
  /** Of the time that its threads wanted a processor, that in which they waited for one. */
  waitedShare: share.nullable(),
  /** Of all its processes; pages that they share are counted for each. */
  rssBytes: amount.nullable(),
  rssBytesPerClient: amount.nullable(),
}

/** What stood between clients and instances; `program` and `version` are somebody else's. */
const front = open({
  program: text,
  version: text,
  balance: text,
  ...passing,
  /** Held connections at the window's end, by instance; null where clients hold none, or nobody tells. */
  heldByInstance: z.array(count).readonly().nullable(),
})

/** The proxy between clients and server. */
const via = open({
  program: text,
  version: text,
  /** `default` or `recommended`. */
  configuration: text,
  /** `reverse`, or `forward`: clients name the server to it. */
  role: z.enum(['reverse', 'forward']),
  ...passing,
})

const publisher = open({
  offeredPerSecond: amount,
  achievedPerSecond: amount,
  slipP99Us: amount.nullable(),
  slipMaxUs: amount.nullable(),
  /** Refused by the server, or never sent. */
  dropped: count,
  /** Sent, and never answered: the connection was cut, or the server silent. */
  unknown: count.optional(),
})

/** The whole machine: 1 is every core busy. */
const host = open({
  cpuUtilisation: share.nullable(),
  sharedWithServer: z.boolean(),
  /**
   * Of a bare echo between two processes just before the run, the median time of a burst of messages,
   * and the CPU time of both ends for each message: how fast the machine was by itself. Null where
   * nothing is repeated, or it could not be measured; the first results do not have it.
   */
  echoUs: amount.nullable().optional(),
  echoCpuUs: amount.nullable().optional(),
})

const verdict = z.enum(['valid', 'suspect', 'invalid'])
const validity = open({
  verdict,
  reasons: z
    .array(
      open({
        code: text,
        /** Of this reason: a suspect one may stand beside an invalid one. */
        severity: z.enum(['suspect', 'invalid']),
        /** One line for a person: what is wrong and what to do. */
        message: text,
        value: figure.nullable(),
        limit: figure.nullable(),
      }),
    )
    .readonly(),
})

/** Times since a disruption began; the percentile is null where too few carry it. */
const since = open({
  count,
  p50Us: amount.nullable(),
  p99Us: amount.nullable(),
  maxUs: amount.nullable(),
})

/** Something that was done to the run on purpose, and what came of it. */
const disruption = open({
  /** As it was asked for: `cut=30%@10s`. */
  what: text,
  kind: text,
  /** This and the next since the window's start; null where it was not made, or had no end. */
  fromMs: z.number().nullable(),
  toMs: z.number().nullable(),
  /** From 0; null where it was done to no instance alone. */
  instance: count.nullable(),
  /** Connections that it met; null where nobody counts them. */
  hit: count.nullable(),
  /** Connections lost by it, by what their clients saw: `ECONNRESET`, `silent`. */
  causes: z.record(text, count),
  /** Until a client knew that its connection was lost, and until it was subscribed again. */
  noticed: since,
  back: since,
  /** Connects that this took. */
  attempts: count,
  /** In a line, why it was not made; null where it was. */
  problem: text.nullable(),
})

/** How those came back whom one disruption had cost their connection: the worst one of the run. */
const storm = open({
  /** As it was asked for: `kill-instance@10s`. */
  by: text,
  /** That lost their connection by it. */
  clients: count,
  /** Since it began, until so many of them were subscribed again; null where so many were not. */
  back: open({
    count,
    p50Us: amount.nullable(),
    p90Us: amount.nullable(),
    p99Us: amount.nullable(),
    /** All of them. */
    maxUs: amount.nullable(),
  }),
  connects: open({
    /** To a server that was there, and in vain. */
    reached: count,
    missed: count,
    /** The most that a server met within a second, and within a tenth of one. */
    peakPerSecond: amount,
    peakPerTenth: count,
    /** Of all that a server met, those within that tenth; null without any. */
    herdShare: share.nullable(),
  }),
  /** Accept queues, on the server's host; null where nobody can look there. */
  queue: open({
    /** The longest that was seen. */
    peak: count,
    /** That the system allows. */
    limit: count.nullable(),
    /** Connects that came to a full queue, and all that were dropped: in the window and the drain, of the host. */
    overflows: count.nullable(),
    drops: count.nullable(),
    /** How often it was looked at, and the longest time in which it was not. */
    sampleMs: amount,
    longestGapMs: amount,
    samples: count,
  }).nullable(),
  cost: open({
    /** On the connections by which they came back, both ways, until they were subscribed; null where no client tells. */
    bytes: amount.nullable(),
    bytesPerClient: amount.nullable(),
    /** Whole ones, until 99 % were back; null without a calm before, or where the window was over. */
    seconds: count.nullable(),
    /**
     * Processor time in these, beyond what as many took before: less than nothing where those who were away
     * would have taken more. Without what it took to start instances anew.
     */
    serverCpuUs: figure.nullable(),
    serverCpuUsPerClient: figure.nullable(),
    generatorCpuUs: figure.nullable(),
    generatorCpuUsPerClient: figure.nullable(),
  }),
  events: open({
    /** That came when their clients were back, or with their return. */
    replayed: count,
    /** That did not come at all, declared or not; this and the next two are of the whole run. */
    missed: count,
    duplicates: count,
    gaps: count,
  }),
  recovery: open({
    /** Push latency before it; null where too few events carry a p99. */
    calmP99Us: amount.nullable(),
    /** Until push latency was below twice that; null where it was not again, or that is not known. */
    afterUs: amount.nullable(),
  }),
})

/** How clients watch for silence. */
const liveness = open({
  /** The longest silence on a connection on which heartbeats are owed; null where none is too long. */
  silenceMs: amount.nullable(),
  /** Connections that were given up for it, since the clients began to connect. */
  silent: count,
})

/** One second of the steady window; the last one may be a part. What the drain brings is in none. */
const timelineEntry = open({
  /** Since the window's start. */
  second: z.int(),
  published: count,
  deliveries: count,
  p50Us: amount.nullable(),
  p99Us: amount.nullable(),
  maxUs: amount.nullable(),
  /** This and the next at the second's end. */
  held: amount.nullable(),
  openSockets: amount,
  exchanges: count,
  bytesReceived: count,
  /** Connections lost. */
  cuts: count,
  serverCpuUtilisation: share.nullable(),
  /** Instances that could not reach their bus for some of it; only in runs in which one could not. */
  busLost: count.optional(),
  /** Disruptions that began in it or lasted; only of runs that have any. */
  disruptions: z.array(text).readonly().optional(),
  generatorCpuUtilisation: share.nullable(),
})

const run = open({
  /** As on the command line: `sse`. */
  transport: text,
  technique,
  repetition: z.int().min(1),
  /** Of its schedule and phases; runs of older results have the scenario's, and do not name it. */
  seed: count.optional(),
  /** Of a sweep: the value at which it was measured. */
  point: point.optional(),
  startedAt: time,
  /** Of the steady window as it was. */
  durationMs: amount,
  /** A worker or the server was lost, or the run was stopped early. */
  partial: z.boolean(),
  /** A signal cut off what was to be measured. */
  interrupted: z.boolean(),
  clients,
  connect,
  /** From the intended publish time to the receipt. */
  latency,
  /**
   * The same deliveries as if the instrument had been on time: of each the most is taken off that it may
   * have been late. `latency` is the upper bound, and the truth lies between. Not in older results.
   */
  latencyLowerBound: latency.optional(),
  /** From the server's acceptance of the publish to the receipt; null when it is on another host. */
  serviceLatency: latency.nullable(),
  ...evidence,
  /** Only of runs in which clients send. */
  chat: chat.optional(),
  delivery,
  exchanges,
  wire,
  throughput,
  /** Null where the server does not tell its statistics. */
  server: server.nullable(),
  /** Not where nothing connected instances, and not in older results. */
  bus: bus.optional(),
  /** Missing where clients connect to the instances themselves, and in older results. */
  front: front.optional(),
  /** Missing where no proxy was in between, and in older results. */
  via: via.optional(),
  /** Missing where nothing was done to the run on purpose, and in older results. */
  disruptions: z.array(disruption).readonly().optional(),
  /** Missing where no client lost its connection by a disruption, and in older results. */
  storm: storm.optional(),
  /** What let connections go silent, and the processor that it took; missing where nothing did. */
  blackhole: open({ means: text, cpuUtilisation: share.nullable() }).optional(),
  /** Not in older results, whose clients did not watch. */
  liveness: liveness.optional(),
  generator,
  publisher,
  host,
  validity,
  /**
   * Errors by cause, since the clients began to connect: a client's loss of its connection, the
   * generator's own limits as `generator-…`; and the server's `slow-consumer` of the window.
   */
  errors: z.record(text, count),
  timeline: z.array(timelineEntry).readonly(),
})

/** A run that the scenario asked for and that this document does not have. */
const missingRun = open({
  transport: text,
  /** As in a table's head. */
  label: text,
  repetition: z.int().min(1),
  point: point.optional(),
  /** One line for a person: why it is missing. */
  reason: text,
})

export const documentSchema = open({
  schemaVersion: z.literal(1),
  tool: open({ name: text, version: text }),
  environment,
  scenario: recordedScenario,
  runs: z.array(run).readonly(),
  missing: z.array(missingRun).readonly(),
  /** Of `rtbench capacity`: then the scenario and the runs are those of one of its steps. */
  capacity: capacitySchema.optional(),
  /** Of `rtbench run --sweep`: then the scenario is that of the first value. */
  sweep: sweepSchema.optional(),
})

type Document = z.infer<typeof documentSchema>
type Common = Omit<Document, 'sweep' | 'capacity'>

/** What one measurement of a scenario says. */
export type RunResult = Common & { readonly sweep?: undefined; readonly capacity?: undefined }
/** Of `rtbench run --sweep`: a run's point says at which value it was measured. */
export type SweepResult = Common & { readonly sweep: Sweep; readonly capacity?: undefined }
/** Of `rtbench capacity`: the runs are those of one of its steps. */
export type CapacityResult = Common & { readonly sweep?: undefined; readonly capacity: Capacity }
export type Result = RunResult | SweepResult | CapacityResult

/** The schema of a stored result, for reading one. No command writes a sweep and a search into one. */
export const resultSchema = documentSchema.transform((document) => document as Result)
export type Environment = z.infer<typeof environment>
export type { RecordedScenario } from '../scenario/scenario.ts'
export type Run = z.infer<typeof run>
export type MissingRun = z.infer<typeof missingRun>
export type LatencySummary = z.infer<typeof latency>
export type TimelineEntry = z.infer<typeof timelineEntry>
