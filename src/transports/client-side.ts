/** The contract of a transport's client side: what it finds in the swarm. */
import type { EndpointDescription, PublishDescription } from '../scenario/target.ts'
import type { ReceivedMark } from '../wire/mark.ts'
import type { SharedReader } from '../wire/socket.ts'

/** The times that a client keeps, milliseconds, and the pace at which it gets events. */
export interface Pace {
  /** Between a short poller's requests; 0 asks again at once. */
  readonly intervalMs: number
  /** The longest that the server holds a long poll. */
  readonly holdMs: number
  /** Events per second on a client's channel. */
  readonly rate: number
  /** How long a client waits for a connection or an answer that nothing holds back. */
  readonly timeoutMs: number
}

/** Where clients connect to. */
export interface Target {
  /** An IP address: names are resolved once, before the swarm starts. */
  readonly host: string
  readonly port: number
  /** Further ports of the same server, over which clients are spread: local ones may run short. */
  readonly morePorts?: readonly number[]
  /** TLS. */
  readonly secure: boolean
  /** The Host header. */
  readonly authority: string
  /** Path under which the server is mounted, without a slash at its end. */
  readonly basePath: string
  readonly token: string | null
  /** What it speaks over the transport that is measured; without it, what a reference server does. */
  readonly endpoint?: EndpointDescription
  /** How to publish there; without it, as to a reference server. */
  readonly publish?: PublishDescription
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
  /**
   * Calls it back when what has come to the worker's sockets is read, or a few milliseconds later: a
   * request that is written before the next answer is read makes that one late.
   */
  afterReads(waiter: Waiter): void
  /** When events begin, as far as is known by now: nanoseconds of the monotonic clock. */
  readonly eventsFromNs: number
  /** How long from then on a client may ask once more than it would, milliseconds; 0 where it may not. */
  readonly settlingMs: number
  /** From then to the first event of the channel, milliseconds; null where chance decides, or none comes. */
  readonly firstEventMs: number | null
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
   * Records the events whose marks stand in the message `bytes[start, end)`, valid during the call
   * only, and returns how many there were, damaged ones included: each once, however often its mark
   * stands there.
   * `acceptedAtNs` is when the server accepted the event, where the transport knows it; NaN lets the
   * ids among the bytes tell.
   */
  received(bytes: Buffer, start: number, end: number, acceptedAtNs: number): number
  /**
   * The same of an answer that may list one event twice: its mark counts again where it stands in
   * another element of a list in JSON.
   */
  receivedList(bytes: Buffer, start: number, end: number): number
  /**
   * A message came in which an event could be, and there is no mark of any run in it; valid during the
   * call only. What the client knows to be something else, such as a heartbeat, is not told.
   */
  unmarked(bytes: Buffer, start: number, end: number): void
  /** The mark that was found last, until the next one is. */
  readonly lastMark: ReceivedMark
  /** Records the one mark of an event that was found before, in the same bytes. */
  receivedMark(mark: ReceivedMark): void
}

/** Wakes clients, all of a worker in one tick. */
export interface Alarms {
  /** Nanoseconds of the monotonic clock. */
  nowNs(): number
  /** Calls `wake` at or soon after the time; an alarm set is not taken back. */
  set(atNs: number, sleeper: Sleeper): void
}

export interface Sleeper {
  wake(atNs: number): void
}

export interface Waiter {
  goOn(): void
}
