/**
 * What the memory bus and its members say to each other: frames of a length (32 bits, of what follows),
 * a kind (8 bits) and a body, all little-endian.
 */

/** The kinds of frames, and their bodies. */
export const KIND = {
  /** To the bus, JSON of an {@link Asked}. */
  ask: 1,
  /** A number of its own (32 bits), then {@link pieces}: messages. */
  publish: 2,
  /** Nothing: the member will not come back. */
  bye: 3,
  /** From the bus, the first position (64 bits), then {@link pieces}: what lies between, and a message, in turn. */
  events: 4,
  /** The same: of what `replayed` comes next. */
  retained: 5,
  /** JSON of an {@link Answer} that is an `Extent`. */
  replayed: 6,
  /** The number of what was published. */
  taken: 7,
  /** JSON of an {@link Answer}. */
  answer: 8,
} as const

/** What a member asks; the first is `hello`, which is answered with the store's epoch. */
export type Ask =
  | {
      readonly kind: 'hello'
      readonly namespace: string
      readonly retain: number
      /** It wants the events of channels that it enters, else all. */
      readonly isRouted: boolean
    }
  | { readonly kind: 'enter'; readonly channels: readonly string[] }
  | { readonly kind: 'leave'; readonly channel: string }
  | { readonly kind: 'extent' | 'read' }
  /** Of one channel, or of all that it wants. */
  | { readonly kind: 'replay'; readonly after: number; readonly channel: string | null }

export interface Asked {
  readonly id: number
  readonly value: Ask
}

export interface Answer {
  readonly id: number
  readonly value: unknown
}

const HEAD_BYTES = 5
/** No frame is longer: a publish of 4 MiB is the largest that a server takes, and its events go together. */
const MAX_FRAME_BYTES = 256 * 1024 * 1024

/** A frame of these parts of a body. */
export function frame(kind: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 1)
  const head = Buffer.allocUnsafe(HEAD_BYTES)
  head.writeUInt32LE(length, 0)
  head[4] = kind
  return Buffer.concat([head, ...parts], HEAD_BYTES - 1 + length)
}

export function jsonFrame(kind: number, value: Asked | Answer): Buffer {
  return frame(kind, Buffer.from(JSON.stringify(value)))
}

export function numberBytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32LE(value, 0)
  return bytes
}

/** Reads frames of a stream, wherever it is cut. */
export class FrameReader {
  readonly #onFrame: (kind: number, body: Buffer) => void
  #pending: Buffer[] = []
  #pendingBytes = 0
  #needed = HEAD_BYTES

  /** @param onFrame gets a body that is valid during the call only */
  constructor(onFrame: (kind: number, body: Buffer) => void) {
    this.#onFrame = onFrame
  }

  /** False where the stream is none of frames. */
  read(chunk: Buffer): boolean {
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    if (this.#pendingBytes < this.#needed) return true
    const bytes = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending)
    let at = 0
    for (;;) {
      this.#needed = HEAD_BYTES
      if (bytes.length - at < HEAD_BYTES) break
      const length = bytes.readUInt32LE(at)
      if (length === 0 || length > MAX_FRAME_BYTES) return false
      this.#needed = HEAD_BYTES - 1 + length
      if (bytes.length - at < this.#needed) break
      const end = at + this.#needed
      this.#onFrame(bytes[at + 4] as number, bytes.subarray(at + HEAD_BYTES, end))
      at = end
    }
    this.#pending = at < bytes.length ? [bytes.subarray(at)] : []
    this.#pendingBytes = bytes.length - at
    return true
  }
}

/** An event in the store: its place, and its message as bytes. */
export interface StoredEvent {
  readonly position: number
  readonly channel: string
  readonly bytes: Buffer
}

/** The frame of events, in rising order: of each 32 bits since the one before, and its length. */
export function eventsFrame(events: readonly StoredEvent[], kind: number = KIND.events): Buffer {
  let length = 1 + 8
  for (const { bytes } of events) length += 8 + bytes.length
  const all = Buffer.allocUnsafe(4 + length)
  all.writeUInt32LE(length, 0)
  all[4] = kind
  let position = events[0]?.position ?? 0
  all.writeDoubleLE(position, HEAD_BYTES)
  let at = HEAD_BYTES + 8
  for (const event of events) {
    all.writeUInt32LE(event.position - position, at)
    all.writeUInt32LE(event.bytes.length, at + 4)
    at += 8
    at += event.bytes.copy(all, at)
    position = event.position
  }
  return all
}

/** Calls back with each event of such a frame's body; the bytes are valid during the call only. */
export function eachEvent(body: Buffer, take: (position: number, bytes: Buffer) => void): void {
  let position = body.readDoubleLE(0)
  let at = 8
  while (at < body.length) {
    position += body.readUInt32LE(at)
    const end = at + 8 + body.readUInt32LE(at + 4)
    take(position, body.subarray(at + 8, end))
    at = end
  }
}

/** The frame of messages that are published together. */
export function publishFrame(id: number, messages: readonly Buffer[]): Buffer {
  const parts = [numberBytes(id)]
  for (const message of messages) parts.push(numberBytes(message.length), message)
  return frame(KIND.publish, ...parts)
}

/** Calls back with each message of such a frame's body. */
export function eachMessage(body: Buffer, take: (bytes: Buffer) => void): void {
  let at = 4
  while (at < body.length) {
    const end = at + 4 + body.readUInt32LE(at)
    take(body.subarray(at + 4, end))
    at = end
  }
}
