import type { HistoryFile, RunShape } from '../history/writer.ts'
import type { Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Target, Transport } from '../transports/transport.ts'

/** A phase of a run, in their order. */
export type Phase = 'starting' | 'ramp-up' | 'warm-up' | 'steady' | 'drain' | 'done'

export interface Progress {
  readonly transport: string
  readonly label: string
  readonly repetition: number
  readonly phase: Phase
  readonly phaseElapsedMs: number
  readonly phaseTotalMs: number | null
  readonly connected: number
  readonly clients: number
  /** Connections that the server holds, as it said last; null before it has, or where it does not tell. */
  readonly held: number | null
  /** Of the last second. */
  readonly deliveriesPerSecond: number
  readonly p50Us: number | null
  readonly p99Us: number | null
}

export interface RunPlace {
  /** Of the whole invocation. */
  readonly timeLeftMs: number | null
  /** From 0, over all runs of the invocation. */
  readonly runIndex: number
  readonly runCount: number
}

/** A front, or a proxy, that clients go through, as a run sees it. */
export interface RunFront {
  readonly name: string
  readonly version: string
  /** Of a proxy; null of a front. */
  readonly via: Pick<NonNullable<Run['via']>, 'configuration' | 'role'> | null
  /** What clients connect to in place of the instances. */
  readonly target: Target
  /** What it has taken by now, microseconds and bytes; null where the system does not tell. */
  read(): FrontReading | null
  /** Calls back, in a line, when it ends by itself. */
  onLost(tell: (why: string) => void): void
}

export interface FrontReading {
  readonly cpuUs: number
  /** For a processor. */
  readonly waitedUs: number
  readonly rssBytes: number
}

/** What a run can do to its own instances, and to what connects them. */
export interface InstanceControl {
  /** Ends an instance at once, which is not told as lost. */
  kill(instance: number): Promise<void>
  /** Starts it again at the same ports; resolves when it listens. */
  revive(instance: number): Promise<void>
  /** Stops its process; the answer lets it go on, and so does the end of this process. */
  freeze(instance: number): () => void
  /** It asks its clients to leave, spread over a time; resolves with how many it holds. */
  leave(instance: number, withinMs: number): Promise<number>
  /** Kills the bus, and starts it again after a while. */
  restartBus(downMs: number): Promise<void>
  /** Parts an instance from the bus; resolves with what joins them again. */
  part(instance: number): Promise<() => void>
}

/** What lets connections go silent: packets vanish, and nobody is told. */
export interface Blackhole {
  /** `nftables` or `forwarder`. */
  readonly means: string
  /** By instance, what clients connect to in place of it, or of a front; null where nothing is in the way. */
  readonly targets: readonly Target[] | null
  /** Takes the connections of clients with these ports; resolves, when it does, with what gives them back. */
  open(ports: Iterable<number>): Promise<() => Promise<void>>
  /** Processor time that its process has taken by now, microseconds; null without one. */
  cpuUs(): number | null
}

/** An order to measure one run, and whom to tell about it. */
export interface RunOrder {
  readonly transport: Transport
  readonly scenario: Scenario
  /** From 1. */
  readonly repetition: number
  /** By instance. */
  readonly targets: readonly Target[]
  /** Null where clients connect to the instances themselves. */
  readonly front?: RunFront | null
  /** Null of instances that are not the run's own. */
  readonly instances?: InstanceControl | null
  /** Null where the scenario lets no connection go silent. */
  readonly blackhole?: Blackhole | null
  readonly workers: number
  /** The server runs on this host. */
  readonly sharedWithServer: boolean
  /** Aborting it ends the run early, with what was measured by then. */
  readonly signal: AbortSignal
  /** Aborted after `signal`: nothing is waited for any more, and what was measured by then is told. */
  readonly hurry?: AbortSignal | undefined
  /** Where what happens is written down, event by event; null where it is not. */
  readonly history?: HistoryFile | null
  onProgress(progress: Progress): void
  /** Calls back for every server instance that ends by itself. */
  onServerLost(tell: () => void): void
}

/** The workload: which client listens to which channel, and by which server instance it is served. */
export interface Workload {
  readonly clients: number
  /** Channels that the clients share evenly; as many as clients is one for each. */
  readonly channels: number
  readonly instances: number
  /** Tells the runs apart that one server sees. */
  readonly run: number
  /** Clients send, each to its own channel: a room. */
  readonly speaks?: boolean
}

/**
 * The workload of an order.
 * @param run tells it from others on the same server
 */
export function workloadOf({ scenario, targets }: RunOrder, run: number): Workload {
  const { clients, channels } = scenario
  return {
    clients,
    channels: channels === 'per-client' ? clients : Math.min(channels, clients),
    instances: targets.length,
    run,
    ...(scenario.workload === 'chat' ? { speaks: true } : {}),
  }
}

/**
 * The stream of a client's messages: an order of its own, and the number that its marks have for a channel. A
 * channel's own stream has the channel's number; between these are those of what nobody hears, by instance.
 */
export function streamOf({ channels, instances }: Workload, sender: number): number {
  return channels + instances + sender
}

/** The client whose stream it is; below 0 for a channel's. */
export function senderOf({ channels, instances }: Workload, stream: number): number {
  return stream - channels - instances
}

/** The channel on which a stream is heard; -1 of a client that there is not. */
export function roomOf(workload: Workload, stream: number): number {
  const sender = senderOf(workload, stream)
  if (sender < 0 || workload.speaks !== true) return stream
  return sender < workload.clients ? channelOf(workload, sender) : -1
}

/** The channels of a workload, as a history names them. */
export function shapeOf(workload: Workload): RunShape {
  return {
    // Of a client that there is not it is a channel that nobody hears.
    channelOf: (stream) => roomOf(workload, stream) >>> 0,
    senderOf: (stream) => (workload.speaks === true ? senderOf(workload, stream) : -1),
    heardBy: (client) => channelOf(workload, client),
  }
}

/** Streams that one client may hear: its channel's, and those of all that are in the room. */
export function streamsHeard({ clients, channels, speaks }: Workload): number {
  return speaks === true ? 1 + Math.ceil(clients / channels) : 1
}

/** The streams that a client hears. */
export function* streamsOf(workload: Workload, client: number): Generator<number> {
  const { clients, channels, speaks } = workload
  const channel = channelOf(workload, client)
  yield channel
  if (speaks !== true) return
  for (let sender = channel; sender < clients; sender += channels) yield streamOf(workload, sender)
}

/** Which of the streams that a client hears it is, from 0. */
export function placeOf(workload: Workload, stream: number): number {
  const sender = senderOf(workload, stream)
  return sender < 0 ? 0 : 1 + Math.floor(sender / workload.channels)
}

export function channelOf(workload: Workload, client: number): number {
  return client % workload.channels
}

export function instanceOf(workload: Workload, client: number): number {
  return client % workload.instances
}

export function channelName(workload: Workload, channel: number): string {
  return `run${workload.run}.${channel}`
}

/** Clients that listen to a channel. */
export function audience(workload: Workload, channel: number): number {
  const { clients, channels } = workload
  return Math.floor(clients / channels) + (channel < clients % channels ? 1 : 0)
}

/**
 * The instance that a channel's events enter, always the same one, so that they have one order. It says nothing of
 * where the channel's clients are, which go round by another rule.
 */
export function entryOf({ instances }: Workload, channel: number): number {
  return Math.floor(channel / instances) % instances
}

/** Own instances that nothing connects; 0 where something does, or there is one. */
export function unconnectedOf({ scenario, targets }: RunOrder): number {
  const { backplane, url } = scenario
  return backplane === 'none' && url === null && targets.length > 1 ? targets.length : 0
}

/** The instances at which a channel has clients: where nothing connects them, an event goes to each. */
export function instancesOf(workload: Workload, channel: number): readonly number[] {
  const found = new Set<number>()
  for (let client = channel; client < workload.clients; client += workload.channels) {
    found.add(instanceOf(workload, client))
    if (found.size === workload.instances) break
  }
  return [...found]
}

/**
 * The number of a client beyond all of the swarm that hears what some of them hear, and from the
 * last instance at which they are; null where no two clients share a channel.
 */
export function probeClient({ clients, channels, instances }: Workload): number | null {
  if (channels >= clients) return null
  const like = Math.min(instances, clients) - 1
  // Channel and instance repeat themselves after so many clients.
  const period = channels * instances
  return like + Math.ceil((clients - like) / period) * period
}

/** What was sent in a window. */
export interface Sent {
  /** Sequences by stream; `first` is 0 where it has none. */
  readonly first: Uint32Array
  readonly last: Uint32Array
  /** Messages of clients that nobody need receive, each by its sender and its sequence. */
  readonly unacknowledged?: {
    readonly senders: Uint32Array
    readonly sequences: Uint32Array
  }
  /** Events of the publisher that were not taken, or nobody knows: nobody need receive them. */
  readonly unaccepted?:
    | { readonly channels: Uint32Array; readonly sequences: Uint32Array }
    | undefined
}

/** Deliveries to the clients `first` up to, not including, `end`, of sequences by channel. */
export function expectedOf(
  workload: Workload,
  { first, end }: { readonly first: number; readonly end: number },
  published: Sent,
): number {
  const byRoom = new Float64Array(workload.channels)
  for (const [stream, from] of published.first.entries()) {
    const room = roomOf(workload, stream)
    if (from > 0) add(byRoom, room, (published.last[stream] as number) - from + 1)
  }
  for (const sender of published.unacknowledged?.senders ?? []) {
    add(byRoom, channelOf(workload, sender), -1)
  }
  let expected = 0
  for (let client = first; client < end; client++) {
    expected += byRoom[channelOf(workload, client)] as number
  }
  return expected
}

function add(sums: Float64Array, at: number, amount: number): void {
  sums[at] = (sums[at] as number) + amount
}

/** A worker's clients: `first` up to, not including, `end`. The remainder goes to the first ones. */
export function shardOf(
  clients: number,
  workers: number,
  worker: number,
): { readonly first: number; readonly end: number } {
  const base = Math.floor(clients / workers)
  const extra = clients % workers
  const first = worker * base + Math.min(worker, extra)
  return { first, end: first + base + (worker < extra ? 1 : 0) }
}
