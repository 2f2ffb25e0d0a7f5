import { type Clock, nowNs } from '../measure/clock.ts'
import {
  NOTHING_MISSED,
  type Publication,
  type PublishedEvent,
  type Replay,
} from '../transports/transport.ts'
import { formatEventId, parseEventId } from '../wire/mark.ts'

/** Channels whose last event has left the log are remembered up to this number. */
const MAX_QUIET_CHANNELS = 100_000
/** Data retained over all channels, whatever the number of events. */
const MAX_DATA_BYTES = 64 * 1024 * 1024
/** The bytes of an event on the wire beside its data, about. */
const FRAME_BYTES = 64

interface LoggedEvent extends PublishedEvent {
  /** The time of acceptance, nanoseconds after the epoch; strictly rising, so the order too. */
  readonly offsetNs: number
  readonly dataBytes: number
}

/** A channel's part of the log. */
interface ChannelLog {
  /** Blank where an event has left the log. */
  events: (LoggedEvent | undefined)[]
  /** Index of the oldest retained event. */
  first: number
  /** Offset of the newest event that has left the log. */
  evictedNs: number
}

/**
 * The retained events, from which a client resumes after its last event id: so many, and so many bytes
 * of data, over all channels. The oldest leaves first, and a channel knows up to where it has lost
 * events, so that a resume is told of a gap exactly when there is one.
 */
export class EventLog {
  readonly capacity: number
  readonly #maxDataBytes: number
  readonly #clock: Clock
  readonly #epochUs: number
  readonly #ring: (LoggedEvent | undefined)[]
  readonly #channels = new Map<string, ChannelLog>()
  #next = 0
  #size = 0
  #dataBytes = 0
  #lastOffsetNs = 0
  // A broadcast answers thousands of polls with one and the same cursor: the last one, and its replay.
  #knownId = ''
  #knownOffsetNs = -1
  #known = { channel: '', afterNs: -1, maxBytes: 0, lastOffsetNs: -1, replay: NOTHING_MISSED }
  /** Newest loss among channels that are no longer remembered. */
  #forgottenNs = 0
  /** The id of the newest event, or of the log's beginning. */
  lastEventId: string

  constructor(capacity: number, clock: Clock = nowNs, maxDataBytes = MAX_DATA_BYTES) {
    this.capacity = capacity
    this.#maxDataBytes = maxDataBytes
    this.#clock = clock
    this.#epochUs = Math.floor(clock() / 1000)
    this.#ring = new Array<LoggedEvent | undefined>(capacity)
    this.lastEventId = formatEventId(this.#epochUs, 0)
  }

  get size(): number {
    return this.#size
  }

  append(publication: Publication): PublishedEvent {
    const sinceEpochNs = Math.floor(this.#clock() - this.#epochUs * 1000)
    const offsetNs = Math.max(this.#lastOffsetNs + 1, sinceEpochNs)
    this.#lastOffsetNs = offsetNs
    this.lastEventId = formatEventId(this.#epochUs, offsetNs)
    const { channel, type, data } = publication
    const dataBytes = Buffer.byteLength(data)
    const event: LoggedEvent = { id: this.lastEventId, channel, type, data, offsetNs, dataBytes }
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
    const afterNs = this.#offsetOf(afterId)
    const [channel = ''] = channels
    if (channels.length !== 1) return this.#replay(channels, afterNs, maxBytes)
    const known = this.#known
    const isKnown =
      known.channel === channel &&
      known.afterNs === afterNs &&
      known.maxBytes === maxBytes &&
      known.lastOffsetNs === this.#lastOffsetNs
    if (isKnown) return known.replay
    const replay = this.#replay(channels, afterNs, maxBytes)
    this.#known = { channel, afterNs, maxBytes, lastOffsetNs: this.#lastOffsetNs, replay }
    return replay
  }

  #replay(channels: readonly string[], afterNs: number, maxBytes: number): Replay {
    // Of another epoch nothing can be said, but that all that is here is new to the client.
    let gap = afterNs < 0
    let isWhole = true
    let events: LoggedEvent[] = []
    for (const channel of channels) {
      const log = this.#channels.get(channel)
      if ((log?.evictedNs ?? this.#forgottenNs) > afterNs) gap = true
      // What is cut off of a channel comes after so many bytes of it, and so after all that is kept
      // of the others.
      if (log !== undefined && !appendAfter(events, log, afterNs, maxBytes)) isWhole = false
    }
    if (channels.length > 1) {
      events.sort((a, b) => a.offsetNs - b.offsetNs)
      const count = within(events, 0, maxBytes)
      if (count < events.length) {
        events = events.slice(0, count)
        isWhole = false
      }
    }
    return { events, gap, isWhole }
  }

  /** The offset of an id in this log; -1 for any other. */
  #offsetOf(id: string): number {
    if (id !== this.#knownId) {
      const parts = parseEventId(id)
      this.#knownId = id
      this.#knownOffsetNs = parts !== null && parts.epochUs === this.#epochUs ? parts.offsetNs : -1
    }
    return this.#knownOffsetNs <= this.#lastOffsetNs ? this.#knownOffsetNs : -1
  }

  #channelLog(channel: string): ChannelLog {
    const known = this.#channels.get(channel)
    if (known !== undefined) return known
    if (this.#channels.size >= this.capacity + MAX_QUIET_CHANNELS) this.#forgetQuietChannel()
    const log = { events: [], first: 0, evictedNs: this.#forgottenNs }
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
    const log = this.#channelLog(event.channel)
    log.evictedNs = event.offsetNs
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
      this.#forgottenNs = Math.max(this.#forgottenNs, log.evictedNs)
      this.#channels.delete(channel)
      return
    }
  }
}

/** Appends a channel's events after an offset, so many bytes of them; false when there are more. */
function appendAfter(
  into: LoggedEvent[],
  { events, first }: ChannelLog,
  afterNs: number,
  maxBytes: number,
): boolean {
  // The usual resume wants the last few or none: the search begins there, in steps that double.
  let past = events.length
  let step = 1
  while (past - step >= first && offsetAt(events, past - step) > afterNs) {
    past -= step
    step *= 2
  }
  let from = Math.max(first, past - step)
  while (from < past) {
    const middle = (from + past) >> 1
    if (offsetAt(events, middle) > afterNs) past = middle
    else from = middle + 1
  }
  const end = within(events as readonly LoggedEvent[], from, maxBytes)
  for (let at = from; at < end; at++) into.push(events[at] as LoggedEvent)
  return end === events.length
}

function offsetAt(events: ChannelLog['events'], at: number): number {
  return (events[at] as LoggedEvent).offsetNs
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
