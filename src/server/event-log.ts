import { type Clock, nowNs } from '../measure/clock.ts'
import {
  NOTHING_MISSED,
  type Publication,
  type PublishedEvent,
  type Replay,
} from '../transports/transport.ts'
import { formatBusEventId, formatEventId, parseEventId } from '../wire/mark.ts'

/** Channels whose last event has left the log are remembered up to this number. */
const MAX_QUIET_CHANNELS = 100_000
/** Data retained over all channels, whatever the number of events. */
const MAX_DATA_BYTES = 64 * 1024 * 1024
/** The bytes of an event on the wire beside its data, about. */
const FRAME_BYTES = 64

interface LoggedEvent extends PublishedEvent {
  /**
   * Strictly rising, so the order. Of a bus its own; without one the time of acceptance, nanoseconds
   * after the epoch.
   */
  readonly position: number
  readonly dataBytes: number
}

/** A channel's part of the log. */
interface ChannelLog {
  /** Blank where an event has left the log. */
  events: (LoggedEvent | undefined)[]
  /** Index of the oldest retained event. */
  first: number
  /** Position of the newest event that has left the log, or never came. */
  lostUpTo: number
}

/**
 * The retained events, from which a client resumes after its last event id: so many, and so many bytes
 * of data, over all channels. The oldest leaves first, and a channel knows up to where it has lost
 * events, so that a resume is told of a gap exactly when there is one. The order is the log's own, by
 * its clock, until a bus begins one.
 */
export class EventLog {
  readonly capacity: number
  readonly #maxDataBytes: number
  readonly #clock: Clock
  readonly #epochUs: number
  #epoch: string
  #isOfBus = false
  readonly #ring: (LoggedEvent | undefined)[]
  readonly #channels = new Map<string, ChannelLog>()
  #next = 0
  #size = 0
  #dataBytes = 0
  #lastPosition = 0
  /** Counts all that changes what a replay says. */
  #version = 0
  // A broadcast answers thousands of polls with one and the same cursor: the last one, and its replay.
  #knownId = ''
  #knownPosition = -1
  #known = { channel: '', after: -1, maxBytes: 0, version: -1, replay: NOTHING_MISSED }
  /** Newest loss among channels that are not remembered. */
  #forgotten = 0
  /** The id of the newest event, or of the log's beginning. */
  lastEventId: string

  constructor(capacity: number, clock: Clock = nowNs, maxDataBytes = MAX_DATA_BYTES) {
    this.capacity = capacity
    this.#maxDataBytes = maxDataBytes
    this.#clock = clock
    this.#epochUs = Math.floor(clock() / 1000)
    this.#ring = new Array<LoggedEvent | undefined>(capacity)
    this.lastEventId = formatEventId(this.#epochUs, 0)
    this.#epoch = parseEventId(this.lastEventId)?.epoch ?? ''
  }

  get size(): number {
    return this.#size
  }

  /** Logs an event in the log's own order. */
  append(publication: Publication): PublishedEvent {
    const sinceEpochNs = Math.floor(this.#clock() - this.#epochUs * 1000)
    const offsetNs = Math.max(this.#lastPosition + 1, sinceEpochNs)
    return this.#log(publication, offsetNs, formatEventId(this.#epochUs, offsetNs))
  }

  /**
   * A bus begins an order, and nothing of another one is here any more.
   * @param lostUpTo the highest position whose event may be missing
   */
  begin(epoch: string, lostUpTo: number): void {
    this.#epoch = epoch
    this.#isOfBus = true
    this.#ring.fill(undefined)
    this.#channels.clear()
    this.#size = 0
    this.#dataBytes = 0
    this.#forgotten = 0
    this.#lastPosition = 0
    this.#knownId = ''
    this.lose(lostUpTo)
  }

  /** Logs an event in the bus's order. */
  insert(publication: Publication, acceptedAtNs: number, position: number): PublishedEvent {
    return this.#log(publication, position, formatBusEventId(acceptedAtNs, this.#epoch, position))
  }

  /** Events up to a position may be missing, on any channel. */
  lose(upTo: number): void {
    this.#version++
    this.#forgotten = Math.max(this.#forgotten, upTo)
    for (const log of this.#channels.values()) log.lostUpTo = Math.max(log.lostUpTo, upTo)
    if (upTo < this.#lastPosition) return
    this.#lastPosition = upTo
    this.lastEventId = formatBusEventId(0, this.#epoch, upTo)
  }

  /** A channel begins to come: of its events those up to a position may be missing. */
  enter(channel: string, lostUpTo: number): void {
    this.#version++
    const log = this.#channelLog(channel)
    log.lostUpTo = Math.max(log.lostUpTo, lostUpTo)
  }

  /** A channel comes no more, and what it had is of no use. */
  leave(channel: string): void {
    this.#version++
    // Its events have their place in the ring until they would leave it anyway.
    this.#channels.delete(channel)
  }

  /** The cursor of a client that has all up to the log's end, and may have been further already elsewhere. */
  cursorFrom(id: string | null): string {
    return id !== null && this.#positionOf(id) > this.#lastPosition ? id : this.lastEventId
  }

  /** Whether a client with this cursor has had an event already. */
  precedes({ id }: PublishedEvent, cursor: string): boolean {
    const after = this.#positionOf(cursor)
    return (parseEventId(id)?.position ?? Number.POSITIVE_INFINITY) <= after
  }

  #log(publication: Publication, position: number, id: string): PublishedEvent {
    const { channel, type, data } = publication
    const dataBytes = Buffer.byteLength(data)
    const event: LoggedEvent = { id, channel, type, data, position, dataBytes }
    // What a channel retained before it was entered moves no cursor.
    if (position > this.#lastPosition) {
      this.#lastPosition = position
      this.lastEventId = id
    }
    this.#version++
    if (this.#size === this.capacity) this.#evictOldest()
    while (this.#size > 0 && this.#dataBytes + dataBytes > this.#maxDataBytes) this.#evictOldest()
    this.#ring[this.#next] = event
    this.#next = (this.#next + 1) % this.capacity
    this.#size++
    this.#dataBytes += dataBytes
    this.#channelLog(channel).events.push(event)
    return event
  }

  /** As a hub's. Who asks for the same as the one before gets the same object. */
  replay(channels: readonly string[], afterId: string, maxBytes: number): Replay {
    const after = this.#positionOf(afterId)
    const [channel = ''] = channels
    if (channels.length !== 1) return this.#replay(channels, after, maxBytes)
    const known = this.#known
    const isKnown =
      known.channel === channel &&
      known.after === after &&
      known.maxBytes === maxBytes &&
      known.version === this.#version
    if (isKnown) return known.replay
    const replay = this.#replay(channels, after, maxBytes)
    this.#known = { channel, after, maxBytes, version: this.#version, replay }
    return replay
  }

  #replay(channels: readonly string[], after: number, maxBytes: number): Replay {
    // Of another epoch nothing can be said, but that all that is here is new to the client.
    let gap = after < 0
    let isWhole = true
    let events: LoggedEvent[] = []
    for (const channel of channels) {
      const log = this.#channels.get(channel)
      if ((log?.lostUpTo ?? this.#forgotten) > after) gap = true
      // What is cut off of a channel comes after so many bytes of it, and so after all that is kept
      // of the others.
      if (log !== undefined && !appendAfter(events, log, after, maxBytes)) isWhole = false
    }
    if (channels.length > 1) {
      events.sort((a, b) => a.position - b.position)
      const count = within(events, 0, maxBytes)
      if (count < events.length) {
        events = events.slice(0, count)
        isWhole = false
      }
    }
    return { events, gap, isWhole }
  }

  /**
   * The position of an id in this log's order; -1 for any other. On a bus it may be of an event that
   * has come to another instance and not yet here.
   */
  #positionOf(id: string): number {
    if (id !== this.#knownId) {
      const parts = parseEventId(id)
      this.#knownId = id
      this.#knownPosition = parts !== null && parts.epoch === this.#epoch ? parts.position : -1
    }
    return this.#isOfBus || this.#knownPosition <= this.#lastPosition ? this.#knownPosition : -1
  }

  #channelLog(channel: string): ChannelLog {
    const known = this.#channels.get(channel)
    if (known !== undefined) return known
    if (this.#channels.size >= this.capacity + MAX_QUIET_CHANNELS) this.#forgetQuietChannel()
    const log = { events: [], first: 0, lostUpTo: this.#forgotten }
    this.#channels.set(channel, log)
    return log
  }

  #evictOldest(): void {
    const at = (this.#next - this.#size + this.capacity) % this.capacity
    const event = this.#ring[at]
    if (event === undefined) return
    this.#ring[at] = undefined
    this.#size--
    this.#dataBytes -= event.dataBytes
    const log = this.#channels.get(event.channel)
    // The channel was left meanwhile.
    if (log === undefined || log.events[log.first] !== event) return
    log.lostUpTo = event.position
    // Nothing of a quiet channel stays but its name.
    log.events[log.first++] = undefined
    if (log.first === log.events.length) {
      log.events = []
      log.first = 0
    } else if (log.first > 64 && log.first * 2 > log.events.length) {
      // In large pieces, for an array shifts by copying.
      log.events = log.events.slice(log.first)
      log.first = 0
    }
  }

  #forgetQuietChannel(): void {
    for (const [channel, log] of this.#channels) {
      if (log.first < log.events.length) continue
      this.#forgotten = Math.max(this.#forgotten, log.lostUpTo)
      this.#channels.delete(channel)
      return
    }
  }
}

/** Appends a channel's events after a position, so many bytes of them; false when there are more. */
function appendAfter(
  into: LoggedEvent[],
  { events, first }: ChannelLog,
  after: number,
  maxBytes: number,
): boolean {
  // The usual resume wants the last few or none: the search begins there, in steps that double.
  let past = events.length
  let step = 1
  while (past - step >= first && positionAt(events, past - step) > after) {
    past -= step
    step *= 2
  }
  let from = Math.max(first, past - step)
  while (from < past) {
    const middle = (from + past) >> 1
    if (positionAt(events, middle) > after) past = middle
    else from = middle + 1
  }
  const end = within(events as readonly LoggedEvent[], from, maxBytes)
  for (let at = from; at < end; at++) into.push(events[at] as LoggedEvent)
  return end === events.length
}

function positionAt(events: ChannelLog['events'], at: number): number {
  return (events[at] as LoggedEvent).position
}

/** The index at which events from another one on exceed so many bytes; the first never does. */
function within(events: readonly LoggedEvent[], from: number, maxBytes: number): number {
  let bytes = 0
  let at = from
  for (; at < events.length; at++) {
    bytes += (events[at] as LoggedEvent).dataBytes + FRAME_BYTES
    if (bytes > maxBytes && at > from) break
  }
  return at
}
