import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Run } from '../result/document.ts'
import type { Conduct } from '../scenario/key.ts'
import { entryOf } from '../scenario/keys.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { SweepKey } from '../scenario/sweep.ts'
import type { EndpointDescription, EndpointKey, PublishDescription } from '../scenario/target.ts'
import type { ReceivedMark } from '../wire/mark.ts'
import type { Authority, Requester } from '../wire/request.ts'
import type { Connect, Endpoint, SharedReader } from '../wire/socket.ts'

/**
 * The contract of a transport: one technique by which a server reaches a client. It is a folder and a
 * line in `registry.ts`; all else (command line, scenarios, reports, tests) works from this contract.
 */
export interface Transport {
  readonly name: string
  /** What else people call it, in lower case, with a hyphen where words may stand apart. */
  readonly otherNames: readonly string[]
  /** As in a table's head: `Server-Sent Events`. */
  readonly label: string
  /** What it has without measuring it: rows of the comparison. */
  readonly traits: Readonly<Required<Run['technique']['traits']>>
  /** Its line in a chart, by day and by night: nobody is to need the colours. */
  readonly hue: {
    readonly light: string
    readonly dark: string
    /** Lengths of line and gap; empty is a whole line. */
    readonly dash: readonly number[]
  }
  /** Deliveries are answers to requests, so that answers can be empty. */
  readonly hasExchanges: boolean
  /** The keys with which a scenario may describe somebody else's server that speaks it. */
  readonly endpointKeys: readonly EndpointKey[]
  /** How often the server is heard of on a held connection; missing where answers have deadlines. */
  heartbeatMs?(limits: Heartbeats): number
  /** When an answer that does not come is given up; missing where a connection is held. */
  deadlineMs?(pace: Pace): number
  /** The longest that a delivery may take on a healthy server: how long to drain. */
  worstCaseMs(pace: Pace): number
  /** Puts its server side on the reference server; loaded here, for a worker's memory is measured. */
  mount(front: Front, hub: Hub, meter: Meter): Promise<void>
  /** Makes a client on the lean engine; it connects when told to start. */
  open: Open
  /** How to make one on an application's libraries; loaded here, for the same reason. */
  openWithLibrary(): Promise<Open>
}

/** @param connect how a lean client connects; by default over HTTP/1.1, by a connection of its own */
export type Open = (target: Target, session: Session, connect?: Connect) => VirtualClient

// The client side: what it finds in the swarm.

/** The pace at which a client gets events, and its patience. */
export interface Pace extends Pick<Scenario, 'intervalMs' | 'holdMs' | 'rate' | 'backoff'> {
  /** The longest wait for a connection, or for an answer that is not held. */
  readonly timeoutMs: number
  /** The longest silence on a connection on which the server owes heartbeats; null where none is too long. */
  readonly silenceMs?: number | null
}

/** Why a connection was given up on which nothing came for too long. */
export const SILENT = 'silent'

/** The server that clients connect to, by an IP address: names are resolved before the swarm starts. */
export interface Target extends Endpoint, Authority {
  /** Further ports, over which clients are spread: local ones may run short. */
  readonly morePorts?: readonly number[]
  /** What it speaks over the transport, and how to publish there; without it as the reference server. */
  readonly endpoint?: EndpointDescription
  readonly publish?: PublishDescription
  /** Of a forward proxy, the server's authority, to which it is asked for a tunnel first. */
  readonly tunnel?: string
}

export interface VirtualClient {
  start(): void
  /** Closes without another word to the session. */
  stop(): void
  /**
   * Sends a message on the connection on which it receives; what becomes of it the session is told.
   * Missing where such a connection takes none.
   * @param data survives JSON as it is
   * @param ref a whole number by which the server acknowledges it
   * @returns bytes written; 0 while it is not subscribed
   */
  say?(channel: string, data: string, ref: number): number
  /**
   * Grows with all that comes on a connection on which the server owes heartbeats; null while there is
   * none. Missing where all that the server owes has a deadline of its own.
   */
  readonly heard?: number | null
  /** Asks the server for a sign of life, where the protocol has a way. */
  nudge?(): void
  /** Nothing came for too long: gives the connection up for dead, and makes another one. */
  giveUp?(): void
  /** The port of this end of its connection; 0 without one. */
  readonly localPort?: number
  /** Bytes that its connection has carried by now, both ways; missing where nobody can tell. */
  readonly carriedBytes?: number
  /** Breaks its connection as a network would. */
  break?(way: 'rst' | 'fin'): void
}

/** A client's tie to the swarm: what it may use, and whom it tells what happens. */
export interface Session extends Requester {
  readonly channel: string
  readonly pace: Pace
  readonly reader: SharedReader
  readonly alarms: Alarms
  /**
   * Calls it back when what has come to the worker is read, or a few milliseconds later: a request that
   * is written before the next answer is read makes that one late.
   */
  afterReads(waiter: Waiter): void
  /** The time at which events begin, as far as is known by now. */
  readonly eventsFromNs: number
  /** The time from then on in which a client may ask once more than it would; 0 for none. */
  readonly settlingMs: number
  /** The time from then to the channel's first event; null where chance decides, or none comes. */
  readonly firstEventMs: number | null
  /** Seeded, on [0, 1). */
  random(): number
  /** It begins to connect; and the connection stands. */
  dialled(): void
  reached(): void
  /** A connection is open, on which it asks for what comes after a cursor; '' where it has none. */
  opened(cursor: string): void
  /** The client is subscribed: no later event can escape it. Told again after each resume. */
  subscribed(): void
  /** An answer has a Set-Cookie field with this value: what it sets is among the cookies from now on. */
  setCookie(field: string): void
  /** The connection is gone, by this cause; the client goes on by itself. */
  cut(cause: string): void
  requested(): void
  /** A response came that carried so many events. */
  answered(events: number): void
  /** The server said that it cannot replay everything; told before the events that come with it. */
  gap(): void
  /**
   * A message of this client was taken by the server, or refused for this cause; it said so in so many
   * bytes, its framing included.
   */
  acknowledged(ref: number, refusal: string | null, bytes: number): void
  /**
   * Records the events whose marks stand in the message `bytes[start, end)`, valid during the call only,
   * and returns how many there were, damaged ones included: each once, however often its mark stands
   * there. `acceptedAtNs` is the server's time of the event; NaN lets the ids among the bytes tell.
   */
  received(bytes: Buffer, start: number, end: number, acceptedAtNs: number): number
  /** The same of an answer that may list one event twice: in another element its mark counts again. */
  receivedList(bytes: Buffer, start: number, end: number): number
  /** A message came in which an event could be, and no mark of any run; heartbeats are none. */
  unmarked(bytes: Buffer, start: number, end: number): void
  /** The mark that was found last, until the next one is. */
  readonly lastMark: ReceivedMark
  /** Records the one mark of an event that was found before, in the same bytes. */
  receivedMark(mark: ReceivedMark): void
}

/** Wakes clients, all of a worker in one tick, by the monotonic clock. */
export interface Alarms {
  nowNs(): number
  /** Wakes at or soon after the time; an alarm is not taken back. */
  set(atNs: number, sleeper: Sleeper): void
}

export interface Sleeper {
  wake(atNs: number): void
}

export interface Waiter {
  goOn(): void
}

// The server side: what it finds on the reference server.

/** An event as its publisher hands it in. */
export interface Publication {
  readonly channel: string
  /** As EventSource knows it; null is a plain message. */
  readonly type: string | null
  readonly data: string
}

/** An event in the log. */
export interface PublishedEvent extends Publication {
  readonly id: string
}

/** The HTTP front of the reference server, as a transport sees it: origin and token are checked before. */
export interface Front {
  get(path: string, handle: (visit: Visit) => void): void
  upgrade(path: string, handle: (visit: UpgradeVisit) => void): void
  /** Takes a connection from HTTP, whose head was written; a further request on it ends it. */
  take(visit: Visit): void
  /** Runs when the server drains: obligations held are let go of. */
  onDrain(release: () => void): void
  /** Clients are to be asked to leave, spread over a time. Returns how many there are. */
  onLeave(leave: (withinMs: number) => number): void
}

export interface Visit {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  /** Over HTTP/2, what the body goes into once the head is written; over HTTP/1.1 that is the socket. */
  readonly stream: Duplex | null
}

export interface UpgradeVisit extends Pick<Visit, 'request' | 'query'> {
  /** Over HTTP/2 a stream, which takes an answer of HTTP/1.1 for its own. */
  readonly socket: Duplex
  readonly head: Buffer
}

/** Receives a channel's events; one object per held connection. */
export interface Subscriber {
  deliver(event: PublishedEvent): void
  /** Events after an id may be missing on any of its channels, and will not come. */
  missed(afterId: string): void
}

/** What a client missed, or the first part of it. */
export interface Replay {
  readonly events: readonly PublishedEvent[]
  /** The id is of another epoch or too old: events may be missing before these. */
  readonly gap: boolean
  /** Nothing was missed after these. */
  readonly isWhole: boolean
}

export const NOTHING_MISSED: Replay = { events: [], gap: false, isWhole: true }

export interface Hub {
  readonly limits: ServerLimits
  /** The newest one of the log: the cursor of who wants what comes next. */
  readonly lastEventId: string
  /**
   * The cursor of who resumed from an id, if any, and has all that is here since: the newest one, or that
   * id itself where another instance was further than this one is by now.
   */
  cursorFrom(id: string | null): string
  /** Whether who resumed from an id has had an event already, on another instance. */
  precedes(event: PublishedEvent, id: string): boolean
  /**
   * Sees that the events of some channels come here: null where they do, else resolves when they do. Rejects
   * when the backplane cannot be reached.
   */
  enter(channels: readonly string[]): Promise<void> | null
  subscribe(channel: string, subscriber: Subscriber): void
  unsubscribe(channel: string, subscriber: Subscriber): void
  /** The events after an id in the order of the log: about so many bytes of them, but one at least. */
  replay(channels: readonly string[], afterId: string, maxBytes: number): Replay
  /** Resolves when the backplane has taken them. */
  publish(events: readonly Publication[]): Promise<void>
}

/** Counted by a transport's server side, since the start. */
export interface Meter {
  /** Connections on which an obligation is kept just now. */
  held: number
  /** Events handed to connections. */
  deliveries: number
  /** Connections closed since they did not read. */
  slowConsumers: number
  /** Resumes that could not be complete. */
  gapSignals: number
}

/** How often a server is heard of on connections that it holds. */
export type Heartbeats = Pick<ServerLimits, 'heartbeatMs' | 'pingMs'>

export interface ServerLimits {
  readonly holdMs: number
  readonly heartbeatMs: number
  readonly pingMs: number
  /** EventSource's reconnection time. */
  readonly retryMs: number
  /** Unsent bytes of one connection before it is closed. */
  readonly maxBufferedBytes: number
  /** The longest that the answer to a poll, or a slice of a replay, may wait to be read. */
  readonly answerMs: number
  /** Bytes of one message from a client, and of one event's data. */
  readonly maxMessageBytes: number
  /** Channels that one connection may be subscribed to. */
  readonly maxChannels: number
}

/** Whether a key of the scenario changes what a transport does. */
export function concerns(key: SweepKey, transport: Conduct): boolean {
  return entryOf(key).concerns?.(transport) ?? true
}

/** Whether the server holds its requests until there is something to answer. */
export function holdsPolls(transport: Conduct): boolean {
  return concerns('hold', transport)
}
