import type { PublishedEvent } from './server-side.ts'

/** Frames of replayed events that are kept for the next one who missed the same. */
const MAX_RECENT_BYTES = 2 * 1024 * 1024

/**
 * The frames of events in a protocol. A broadcast writes one and the same frame to every receiver,
 * and so do replays to those who resume from about the same place at about the same time.
 */
export class Frames {
  readonly #encode: (event: PublishedEvent) => Buffer
  /** In the order of their making. */
  readonly #recent = new Map<PublishedEvent, Buffer>()
  #recentBytes = 0
  #liveEvent: PublishedEvent | null = null
  #liveFrame: Buffer = Buffer.alloc(0)

  constructor(encode: (event: PublishedEvent) => Buffer) {
    this.#encode = encode
  }

  /** Of an event that is fanned out. */
  live(event: PublishedEvent): Buffer {
    if (event !== this.#liveEvent) {
      this.#liveEvent = event
      this.#liveFrame = this.#encode(event)
    }
    return this.#liveFrame
  }

  /** Of an event of the log. */
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
