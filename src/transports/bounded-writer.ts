import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { CatchUp, type SliceWriter } from './catch-up.ts'
import { RoundRobinTimer } from './round-robin-timer.ts'
import { spread } from './spread.ts'
import type { Front, Hub, Meter, PublishedEvent, Replay, Subscriber } from './transport.ts'

/**
 * Takes care of a technique's connections until they close: each is kept alive once a period, and
 * ended when the server drains. Returns what takes a new one.
 */
export function keeper(
  front: Front,
  periodMs: number,
): (writer: BoundedWriter, connection: EventEmitter) => void {
  const writers = new RoundRobinTimer<BoundedWriter>(periodMs, (writer) => writer.keepAlive())
  front.onDrain(() => {
    for (const writer of writers.stop()) writer.end()
  })
  front.onLeave((withinMs) => {
    const all = writers.members
    spread(all, withinMs, (writer) => writer.leave())
    return all.length
  })
  return (writer, connection) => {
    const slice = writers.add(writer)
    connection.once('close', () => {
      writers.delete(writer, slice)
      writer.close()
    })
  }
}

/**
 * A held connection that is written to past its protocol's library, which would frame an event anew
 * for every receiver. One that leaves too much unread is cut.
 */
export abstract class BoundedWriter implements Subscriber, SliceWriter {
  // What each event of a broadcast looks at comes first, on one line of the processor's cache.
  protected readonly socket: Duplex
  /**
   * Not every live event is for it: the last word is said, or channels may be behind. Kept here: to ask
   * others costs each receiver of a broadcast a look into memory that no cache holds.
   */
  #holdsBack = false
  protected readonly meter: Meter
  protected readonly hub: Hub
  /** Unsent bytes beyond which the client is too slow just now: a slice of a replay is none of them. */
  #boundBytes: number
  #catchUp: CatchUp | null = null
  /** By channel, where a client has been on an instance that was further than this one is. */
  #ahead: Map<string, string> | null = null
  #isClosing = false

  constructor(socket: Duplex, hub: Hub, meter: Meter) {
    this.socket = socket
    this.hub = hub
    this.meter = meter
    this.#boundBytes = hub.limits.maxBufferedBytes
    meter.held++
  }

  protected abstract readonly frames: FrameCache
  /** Those that it is subscribed to. */
  protected abstract readonly channels: Iterable<string>
  abstract keepAlive(): void
  /** Says its last word and closes. */
  abstract end(): void
  /** Asks its client to connect anew. */
  leave(): void {
    if (!this.#isClosing) this.end()
  }

  protected abstract gapFrame(channels: readonly string[], afterId: string): Buffer

  /** Sends an event that is fanned out, unless it comes later, with what was missed. */
  deliver(event: PublishedEvent): void {
    if (this.#holdsBack && this.#isNotFor(event)) return
    if (this.socket.write(this.frames.live(event)) || this.#isInBounds()) this.meter.deliveries++
  }

  /** False when the connection is over, if only by this frame, which was one too many. */
  protected send(frame: Buffer): boolean {
    return !this.#isClosing && (this.socket.write(frame) || this.#isInBounds())
  }

  /**
   * Sends what was missed after an id, slice by slice as the client reads; what is published there
   * meanwhile comes after it. The gap of the `first` replay is told already.
   */
  protected catchUp(channels: readonly string[], afterId: string, first: Replay): void {
    if (this.#isClosing) return
    if (first.events.length === 0) {
      const { lastEventId } = this.hub
      const isAhead = afterId !== lastEventId && this.hub.cursorFrom(afterId) === afterId
      if (isAhead) this.#await(channels, afterId)
      return
    }
    this.#catchUp ??= new CatchUp(this.hub, this)
    this.#holdsBack = true
    this.#catchUp.follow(channels, afterId, first)
  }

  protected stopCatchingUp(channel: string): void {
    this.#catchUp?.forget(channel)
    this.#ahead?.delete(channel)
  }

  missed(afterId: string): void {
    this.miss([...this.channels], afterId)
  }

  /** Tells that events of some channels are missing, unless they are behind: then their replay will. */
  protected miss(channels: readonly string[], afterId: string): void {
    if (channels.some((channel) => this.#catchUp?.isBehindOn(channel))) return
    this.writeGap(channels, afterId)
  }

  /** No frame may follow any more. */
  protected get isOver(): boolean {
    return this.#isClosing
  }

  /** No frame may follow, of whatever kind. */
  protected finish(): void {
    this.#isClosing = true
    this.#holdsBack = true
    this.#catchUp?.stop()
  }

  /** The connection is closed. */
  close(): void {
    this.finish()
    this.meter.held--
    for (const channel of this.channels) this.hub.unsubscribe(channel, this)
  }

  writeSlice(
    events: readonly PublishedEvent[],
    onWritten: (error?: Error | null) => void,
  ): boolean {
    this.#boundBytes = this.hub.limits.maxBufferedBytes
    this.socket.cork()
    const last = events.length - 1
    for (const [index, event] of events.entries()) {
      const frame = this.frames.replayed(event)
      this.#boundBytes += frame.length
      if (index < last) this.socket.write(frame)
      else this.socket.write(frame, onWritten)
    }
    this.socket.uncork()
    this.meter.deliveries += events.length
    return this.socket.writableLength === 0
  }

  writeGap(channels: readonly string[], afterId: string): void {
    this.meter.gapSignals++
    this.send(this.gapFrame(channels, afterId))
  }

  cutSlow(): void {
    if (this.socket.destroyed) return
    this.meter.slowConsumers++
    this.socket.destroy()
  }

  caughtUp(): void {
    this.#catchUp = null
    this.#holdsBack = this.#isClosing || this.#ahead !== null
  }

  /** What comes up to an id is not for it: it has had that. */
  #await(channels: readonly string[], id: string): void {
    this.#ahead ??= new Map()
    for (const channel of channels) this.#ahead.set(channel, id)
    this.#holdsBack = true
  }

  #isNotFor(event: PublishedEvent): boolean {
    const { channel } = event
    if (this.#isClosing || this.#catchUp?.isBehindOn(channel) === true) return true
    const cursor = this.#ahead?.get(channel)
    if (cursor === undefined) return false
    if (this.hub.precedes(event, cursor)) return true
    this.#ahead?.delete(channel)
    if (this.#ahead?.size === 0) {
      this.#ahead = null
      this.#holdsBack = this.#catchUp !== null
    }
    return false
  }

  #isInBounds(): boolean {
    if (this.socket.destroyed) return false
    const unsent = this.socket.writableLength
    const { maxBufferedBytes } = this.hub.limits
    if (unsent <= maxBufferedBytes) this.#boundBytes = maxBufferedBytes
    else if (unsent > this.#boundBytes) {
      this.cutSlow()
      return false
    }
    return true
  }
}

/** Frames of replayed events that are kept for the next one who missed the same. */
const MAX_RECENT_BYTES = 2 * 1024 * 1024

/**
 * The frames of events in a protocol: a broadcast writes one and the same to every receiver, and so do
 * replays to those who resume from about the same place.
 */
export class FrameCache {
  readonly #encode: (event: PublishedEvent) => Buffer
  /** In the order of their making. */
  readonly #recent = new Map<PublishedEvent, Buffer>()
  #recentBytes = 0
  #liveEvent: PublishedEvent | null = null
  #liveFrame: Buffer = Buffer.alloc(0)

  constructor(encode: (event: PublishedEvent) => Buffer) {
    this.#encode = encode
  }

  live(event: PublishedEvent): Buffer {
    if (event !== this.#liveEvent) {
      this.#liveEvent = event
      this.#liveFrame = this.#encode(event)
    }
    return this.#liveFrame
  }

  replayed(event: PublishedEvent): Buffer {
    const known = this.#recent.get(event)
    if (known !== undefined) return known
    const frame = this.#encode(event)
    this.#recent.set(event, frame)
    this.#recentBytes += frame.length
    for (const [oldest, { length }] of this.#recent) {
      if (this.#recentBytes <= MAX_RECENT_BYTES) break
      this.#recent.delete(oldest)
      this.#recentBytes -= length
    }
    return frame
  }
}
