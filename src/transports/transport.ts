/**
 * The contract of a transport: one technique by which a server reaches a client. A transport is a
 * folder with a server side and a client side, and one line in `registry.ts`; everything else
 * (command line, scenarios, reports, conformance suite) works from this contract.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { SharedReader } from '../wire/socket.ts'

export interface Transport {
  /** As on the command line: `sse`. */
  readonly name: string
  /** As in a table's head: `Server-Sent Events`. */
  readonly label: string
  readonly traits: Traits
  /** Every delivery is the answer to a request, so that answers can be empty. */
  readonly hasExchanges: boolean
  /** The longest that a delivery may take on a healthy server, milliseconds: how long to drain. */
  worstCaseMs(pace: Pace): number
  /**
   * Puts its server side on the reference server. That side is loaded here, not before: a worker
   * of the swarm has no use for it, and its memory is part of what a client costs.
   */
  mount(front: Front, hub: Hub): Promise<void>
  /** Makes a client; it connects when told to start. */
  open(target: Target, session: Session): VirtualClient
}

/** What is true of the technique without measuring it: the rows of the comparison. */
interface Traits {
  readonly direction: string
  readonly latency: string
  readonly connectionsHeld: string
  readonly protocol: string
  readonly browserSupport: string
  readonly proxyFirewall: string
  readonly complexity: string
  readonly bestFor: string
}

/** The times that a client keeps, milliseconds. */
export interface Pace {
  /** Between a short poller's requests; 0 asks again at once. */
  readonly intervalMs: number
  /** The longest that the server holds a long poll. */
  readonly holdMs: number
  /** How long a client waits for a connection or an answer that nothing holds back. */
  readonly timeoutMs: number
}

// --- server side ---------------------------------------------------------------------------

/** An event in the log, with all that its frames are made of. */
export interface PublishedEvent {
  readonly id: string
  readonly channel: string
  /** The event's type, as EventSource knows it; null is a plain message. */
  readonly type: string | null
  readonly data: string
}

/** The HTTP front of the reference server, as a transport sees it. */
export interface Front {
  /** Answers GET requests for a path; origin and token are checked before. */
  get(path: string, handle: (visit: Visit) => void): void
  /** Takes upgrade requests for a path; origin and token are checked before. */
  upgrade(path: string, handle: (visit: UpgradeVisit) => void): void
  /** Runs when the server drains: obligations held are let go of. */
  onDrain(release: () => void): void
}

export interface Visit {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
}

export interface UpgradeVisit {
  readonly request: IncomingMessage
  readonly socket: Socket
  readonly head: Buffer
  readonly query: URLSearchParams
}

/** Receives a channel's events; one object per held connection. */
export interface Subscriber {
  deliver(event: PublishedEvent): void
}

/** What a client missed. */
export interface Replay {
  readonly events: readonly PublishedEvent[]
  /** The id is of another epoch or too old: events may be missing before the first one here. */
  readonly gap: boolean
}

export interface Hub {
  readonly limits: ServerLimits
  /** The newest id of the log: the cursor of somebody who wants what comes next. */
  readonly lastEventId: string
  subscribe(channel: string, subscriber: Subscriber): void
  unsubscribe(channel: string, subscriber: Subscriber): void
  /** The retained events of some channels after an id, in the order of the log. */
  replay(channels: readonly string[], afterId: string): Replay
  /** Accepts events in order; resolves when the backplane has taken them. */
  publish(events: readonly Publication[]): Promise<void>
  /** The account of a transport, created at first use. */
  meter(transport: string): Meter
}

/** What a publisher hands in. */
export interface Publication {
  readonly channel: string
  readonly type: string | null
  readonly data: string
}

/** Counted by a transport's server side. */
export interface Meter {
  /** Connections on which an obligation is kept just now. */
  held: number
  /** Events handed to clients, since the start. */
  deliveries: number
  /** Connections closed since they did not read. */
  slowConsumers: number
  /** Resumes that could not be complete. */
  gapSignals: number
}

export interface ServerLimits {
  readonly holdMs: number
  readonly heartbeatMs: number
  readonly pingMs: number
  /** Told to EventSource as its reconnection time. */
  readonly retryMs: number
  /** Unsent bytes of one connection before it is closed. */
  readonly maxBufferedBytes: number
  /** Bytes of one message from a client, and of one event's data. */
  readonly maxMessageBytes: number
  /** Channels that one connection may be subscribed to. */
  readonly maxChannels: number
}

// --- client side ---------------------------------------------------------------------------

/** Where clients connect to. */
export interface Target {
  /** An IP address: names are resolved once, before the swarm starts. */
  readonly host: string
  readonly port: number
  /** TLS. */
  readonly secure: boolean
  /** The Host header. */
  readonly authority: string
  /** Path under which the server is mounted, without a slash at its end. */
  readonly basePath: string
  readonly token: string | null
}

export interface VirtualClient {
  start(): void
  /** Closes without another word to the session. */
  stop(): void
}

/** A client's tie to the swarm: what it may use, and whom it tells what happens. */
export interface Session {
  readonly channel: string
  readonly pace: Pace
  /** One for all clients of a worker. */
  readonly reader: SharedReader
  readonly alarms: Alarms
  /** Seeded, on [0, 1). */
  random(): number
  /** The client is subscribed: no later event can escape it. Told again after each resume. */
  subscribed(): void
  /** The connection is gone, by this cause; the client goes on by itself. */
  cut(cause: string): void
  /** A request was sent. */
  requested(): void
  /** A response came that carried so many events. */
  answered(events: number): void
  /** The server said that it cannot replay everything. */
  gap(): void
  /**
   * Records every event mark in `bytes[start, end)`, valid during the call only, and returns how
   * many there were. `acceptedAtNs` is when the server accepted the event, where the transport
   * knows it; NaN lets the ids among the bytes tell.
   */
  received(bytes: Buffer, start: number, end: number, acceptedAtNs: number): number
}

/** Wakes clients, all of a worker in one tick. */
export interface Alarms {
  /** Nanoseconds of the monotonic clock, read once in a tick or a read. */
  nowNs(): number
  /** Calls `wake` at or soon after the time; an alarm set is not taken back. */
  set(atNs: number, sleeper: Sleeper): void
}

export interface Sleeper {
  wake(atNs: number): void
}
