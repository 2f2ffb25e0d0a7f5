/** The contract of a transport's server side: what it finds on the reference server. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

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
  /**
   * Takes a connection from HTTP, whose head was written: what follows on it is the caller's. A
   * further request on it ends it.
   */
  take(visit: Visit, socket: Socket): void
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

/** What a client missed, or the first part of it. */
export interface Replay {
  readonly events: readonly PublishedEvent[]
  /** The id is of another epoch or too old: events may be missing before the first one here. */
  readonly gap: boolean
  /** Nothing more was missed; otherwise the rest comes after the last event here. */
  readonly isWhole: boolean
}

export const NOTHING_MISSED: Replay = { events: [], gap: false, isWhole: true }

export interface Hub {
  readonly limits: ServerLimits
  /** The newest id of the log: the cursor of somebody who wants what comes next. */
  readonly lastEventId: string
  subscribe(channel: string, subscriber: Subscriber): void
  unsubscribe(channel: string, subscriber: Subscriber): void
  /**
   * The retained events of some channels after an id, in the order of the log: at most about so many
   * bytes of them, but one event at least.
   */
  replay(channels: readonly string[], afterId: string, maxBytes: number): Replay
  /** Accepts events in order; resolves when the backplane has taken them. */
  publish(events: readonly Publication[]): Promise<void>
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
  /** Events handed to connections, since the start. */
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
  /** How long the answer to a poll, or a slice of a replay, may wait for its client to read it. */
  readonly answerMs: number
  /** Bytes of one message from a client, and of one event's data. */
  readonly maxMessageBytes: number
  /** Channels that one connection may be subscribed to. */
  readonly maxChannels: number
}
