/**
 * The contract of a backplane: the bus that carries events between server instances. It gives every
 * event a position in one order, the same on every instance, so that a client's cursor (epoch, position)
 * is valid wherever it resumes. An adapter is a file beside this one and a line in `registry.ts`.
 */

/** Every event to every instance, or only those of the channels that an instance has entered. */
export type Routing = 'broadcast' | 'by-channel'

export interface BusOptions {
  /** Names everything on the bus ([A-Za-z0-9_-]{1,64}), so that two runs on one bus never meet. */
  readonly namespace: string
  /** The newest events that the bus's store retains, for instances that start or come back. */
  readonly retain: number
  readonly routing: Routing
  /**
   * Its close removes what the bus keeps for the namespace, unless that was there before: a run's own
   * connection, opened before the instances and closed after them.
   */
  readonly isOwner?: boolean
}

/** An event on its way; `message.ts` writes one as bytes. */
export interface BusMessage {
  readonly channel: string
  readonly type: string | null
  readonly data: string
  /** The instance's time that took it in, nanoseconds of its monotonic clock. */
  readonly acceptedAtNs: number
}

export interface Delivered {
  /** Its place in the bus's one order: a whole number from 1 on, the same on every instance. */
  readonly position: number
  readonly message: BusMessage
}

/**
 * What an instance is told by its bus, in this order of calls. `lostUpTo` is the highest position whose
 * event may be missing here, 0 for none: all after it have come or will come.
 */
export interface BusReceiver {
  /**
   * A store begins: positions of another epoch ([A-Za-z0-9]{1,24}) say nothing here. Called before
   * anything else, and again when the store turns out to have lost its events.
   */
  begin(epoch: string, lostUpTo: number): void
  /**
   * With rising positions, each once, over interruptions too: after one the bus is asked for what was
   * missed. With routing by channel, what a channel retained before it was entered may lie before what came
   * already, and over some buses what is on its way on another channel.
   */
  receive(events: readonly Delivered[]): void
  /** The store did not reach back to what came last. */
  gap(lostUpTo: number): void
  /** The bus cannot be reached, for this cause (one line, no secrets in it); and it is reached again. */
  lost(cause: string): void
  restored(): void
}

/** What takes events in. */
export interface Intake<Message> {
  publish(messages: readonly Message[]): Promise<void>
}

export interface Backplane extends Intake<BusMessage> {
  /** Joins: first what the store retains, then what comes. Resolves when it has caught up; called once. */
  join(receiver: BusReceiver): Promise<void>
  /**
   * Resolves when all are taken for good, in this order and that of the calls; rejects when they are not,
   * or when nobody knows. Takes no longer than some five seconds. Callable before `join`.
   */
  publish(messages: readonly BusMessage[]): Promise<void>
  /** Null where every event comes to every instance. */
  readonly channels: ChannelRouting | null
  /** Since the start. */
  readonly account: BusAccount
  /** The bus process's own account; null where it tells none. */
  read(): Promise<BusReading | null>
  /** Leaves nothing: no socket, no timer, nothing on the bus that would outlive the namespace's last member. */
  close(): Promise<void>
}

/** With routing by channel, nothing comes but what is published on channels that were entered. */
export interface ChannelRouting {
  /**
   * From then on the channel's events come; its retained ones have come when it resolves, with the
   * position up to which some may be missing. Rejects when the bus cannot be reached.
   */
  enter(channel: string): Promise<number>
  /** A channel that is entered again has its retained events received again. */
  leave(channel: string): void
}

/** What an instance handed to its bus and got from it: messages, and bytes as far as it can tell them. */
export interface BusAccount {
  readonly published: number
  readonly received: number
  readonly bytesOut: number
  readonly bytesIn: number
}

/** Counted by the bus's own process since its start; null where it does not tell. */
export interface BusReading {
  readonly cpuUs: number | null
  readonly rssBytes: number | null
  readonly bytesIn: number | null
  readonly bytesOut: number | null
}

/**
 * Opens a backplane.
 * @throws RtbenchError `cannot-run`, one line without secrets: unreachable, wrong URL, wrong password,
 *   missing package with the command that installs it; within some ten seconds
 */
export type OpenBackplane = (url: string, options: BusOptions) => Promise<Backplane>
