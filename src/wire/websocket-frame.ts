import { isUtf8 } from 'node:buffer'
import { wordsOf } from './broadcast-cache.ts'
import { KeptBytes } from './kept-bytes.ts'
import { isCloseCode, MAX_CONTROL_BYTES, Opcode } from './websocket-encode.ts'
import { WireError, type WireErrorCode } from './wire-error.ts'

/** Receives what a {@link WebSocketParser} reads. Ranges are valid during the call only. */
export interface WebSocketHandler {
  /** A whole message, its fragments joined; a text is valid UTF-8. */
  onMessage(bytes: Buffer, start: number, end: number, binary: boolean): void
  onPing(bytes: Buffer, start: number, end: number): void
  onPong(bytes: Buffer, start: number, end: number): void
  /** The server's close frame; 1005 when it gives no code. Nothing follows it. */
  onClose(code: number, reason: string): void
}

const FIN = 0x80
const RSV = 0x70
/** The message is compressed (RFC 7692 section 6), which no client here offers to read. */
const RSV1 = 0x40
const MASKED = 0x80
/** In the second byte: the length is in the next two bytes, or in the next eight (section 5.2). */
const LENGTH_16 = 126
const LENGTH_64 = 127

/** Up to here a loop costs less than a view of the bytes for native code. */
const SHORT_TEXT = 512
/** The highest bit of each of four bytes. */
const HIGH_BITS = 0x80808080 | 0
/** Fragments of one message; empty ones cost no memory, but are no way to hold a client forever. */
const MAX_FRAGMENTS = 16 * 1024

/**
 * An incremental parser of the frames that a server sends on one connection (RFC 6455, 5), without
 * extensions. A whole unfragmented frame in one read, by far the commonest, is handed over where it
 * lies; only what straddles reads or comes in fragments is copied, into a buffer that grows with the
 * bytes received, not with the length announced. Nothing of a read's buffer is kept.
 */
export class WebSocketParser {
  /**
   * Set to true, also inside a callback, it makes `execute` return at once and ignore all input.
   * The parser sets it itself at a close frame and at an error.
   */
  stopped = false
  readonly #handler: WebSocketHandler
  readonly #maxMessageBytes: number
  /** What the last read cut: a frame's head, or a control frame. */
  #cut: KeptBytes | null = null
  /** Of a data frame whose payload is being read: its first byte, and the bytes still to come. */
  #first = 0
  #left = 0
  /** Opcode of the message that is being read in fragments; `continuation` when there is none. */
  #message: number = Opcode.continuation
  #fragments = 0
  /** The message's bytes so far; a control frame may stand between its fragments. */
  #pending: KeptBytes | null = null

  /** @param maxMessageBytes Longest message that is accepted, fragments added up. */
  constructor(handler: WebSocketHandler, maxMessageBytes = 1024 * 1024) {
    this.#handler = handler
    this.#maxMessageBytes = maxMessageBytes
  }

  /**
   * Parses `bytes[start, end)`, the next part of the connection.
   *
   * @throws {WireError} `ws-protocol`, `ws-compressed`, `ws-message-too-large`, `ws-utf8`; the parser is stopped then.
   */
  execute(bytes: Buffer, start: number, end: number): void {
    const cut = this.#cut
    if (cut === null) this.#read(bytes, start, end)
    else {
      this.#cut = null
      cut.add(bytes, start, end)
      this.#read(cut.bytes, 0, cut.length)
    }
    if (this.stopped) this.#release()
  }

  /** Between two messages: equal bytes mean the same to all that are there. */
  get between(): boolean {
    const isFresh = this.#message === Opcode.continuation && this.#cut === null
    return this.#left === 0 && isFresh && !this.stopped
  }

  #read(bytes: Buffer, start: number, end: number): void {
    let at = start
    while (at < end && !this.stopped) {
      const next =
        this.#left > 0 ? this.#readPayload(bytes, at, end) : this.#readFrame(bytes, at, end)
      if (next < 0) {
        this.#cut = new KeptBytes(bytes, at, end)
        return
      }
      at = next
    }
  }

  /** Reads a frame, or the head of a longer one; the offset after it, or -1 where `end` cuts it. */
  #readFrame(bytes: Buffer, start: number, end: number): number {
    if (end - start < 2) return -1
    const first = bytes[start] as number
    const second = bytes[start + 1] as number
    this.#checkHead(first, second)
    const payload = start + headBytes(second)
    if (payload > end) return -1
    const length = payload === start + 2 ? second : readLength(bytes, start + 2, payload)
    this.#checkLength(first, second, length)
    if (length <= end - payload) {
      this.#finish(first, bytes, payload, payload + length)
      return payload + length
    }
    if (isControl(first)) return -1
    this.#first = first
    this.#left = length
    return payload
  }

  #readPayload(bytes: Buffer, start: number, end: number): number {
    const at = Math.min(end, start + this.#left)
    this.#left -= at - start
    if (this.#left === 0) this.#finish(this.#first, bytes, start, at)
    else this.#keep(bytes, start, at)
    return at
  }

  /** A frame is complete: the range is its payload, or what of it is not in `#pending` yet. */
  #finish(first: number, bytes: Buffer, start: number, end: number): void {
    const opcode = first & 0x0f
    if (isControl(first)) {
      if (opcode === Opcode.ping) this.#handler.onPing(bytes, start, end)
      else if (opcode === Opcode.pong) this.#handler.onPong(bytes, start, end)
      else this.#close(bytes, start, end)
      return
    }
    const message = opcode === Opcode.continuation ? this.#message : opcode
    if (first < FIN) {
      this.#message = message
      if (++this.#fragments > MAX_FRAGMENTS) {
        throw this.#refuse(
          'ws-message-too-large',
          `message of more than ${MAX_FRAGMENTS} fragments`,
        )
      }
      if (end > start) this.#keep(bytes, start, end)
      return
    }
    const pending = this.#pending
    // Given up before the callback, which may throw.
    this.#release()
    if (pending === null) this.#tell(message, bytes, start, end)
    else {
      pending.add(bytes, start, end)
      this.#tell(message, pending.bytes, 0, pending.length)
    }
  }

  #tell(opcode: number, bytes: Buffer, start: number, end: number): void {
    const binary = opcode === Opcode.binary
    if (!binary && !isText(bytes, start, end)) {
      throw this.#refuse('ws-utf8', 'text message that is not UTF-8')
    }
    this.#handler.onMessage(bytes, start, end, binary)
  }

  #close(bytes: Buffer, start: number, end: number): void {
    let code = 1005
    if (end - start >= 2) {
      code = bytes.readUInt16BE(start)
      if (!isCloseCode(code)) throw this.#refuse('ws-protocol', `close code ${code}`)
      if (!isText(bytes, start + 2, end)) {
        throw this.#refuse('ws-utf8', 'close reason that is not UTF-8')
      }
    }
    const reason = code === 1005 ? '' : bytes.toString('utf8', start + 2, end)
    this.stopped = true
    this.#handler.onClose(code, reason)
  }

  #checkHead(first: number, second: number): void {
    const reserved = first & RSV
    if (reserved === RSV1) throw this.#refuse('ws-compressed', 'compressed frame')
    if (reserved !== 0) throw this.#refuse('ws-protocol', 'reserved bit set')
    if ((second & MASKED) !== 0) throw this.#refuse('ws-protocol', 'masked frame from the server')
    const opcode = first & 0x0f
    if (isControl(first)) {
      if (opcode > Opcode.pong) throw this.#refuse('ws-protocol', `reserved opcode ${opcode}`)
      if (first < FIN) throw this.#refuse('ws-protocol', 'fragmented control frame')
      if (second > MAX_CONTROL_BYTES) {
        throw this.#refuse('ws-protocol', `control frame longer than ${MAX_CONTROL_BYTES} bytes`)
      }
      if (opcode === Opcode.close && second === 1) {
        throw this.#refuse('ws-protocol', 'close frame with half a code')
      }
      return
    }
    if (opcode > Opcode.binary) throw this.#refuse('ws-protocol', `reserved opcode ${opcode}`)
    if ((opcode === Opcode.continuation) !== (this.#message !== Opcode.continuation)) {
      // A continuation of nothing, or a new message inside a fragmented one.
      throw this.#refuse('ws-protocol', `opcode ${opcode} out of place`)
    }
  }

  #checkLength(first: number, form: number, length: number): void {
    if (form === LENGTH_16 ? length <= MAX_CONTROL_BYTES : form === LENGTH_64 && length <= 0xffff) {
      throw this.#refuse('ws-protocol', `length ${length} not in its shortest form`)
    }
    if (length >= 2 ** 63) throw this.#refuse('ws-protocol', 'length of 2^63 or more')
    // A control frame is no part of the message it stands in.
    const before = this.#pending?.length ?? 0
    if (!isControl(first) && before + length > this.#maxMessageBytes) {
      throw this.#refuse(
        'ws-message-too-large',
        `message of more than ${this.#maxMessageBytes} bytes`,
      )
    }
  }

  /** Appends to the message. */
  #keep(bytes: Buffer, start: number, end: number): void {
    if (this.#pending === null) this.#pending = new KeptBytes(bytes, start, end)
    else this.#pending.add(bytes, start, end)
  }

  #release(): void {
    this.#message = Opcode.continuation
    this.#fragments = 0
    this.#pending = null
  }

  #refuse(code: WireErrorCode, message: string): WireError {
    this.stopped = true
    this.#release()
    return new WireError(code, `WebSocket: ${message}`)
  }
}

/** The highest bit of the opcode. */
function isControl(first: number): boolean {
  return (first & Opcode.close) !== 0
}

/** Bytes of an unmasked frame before its payload, told by its second byte. */
function headBytes(second: number): number {
  return second < LENGTH_16 ? 2 : second === LENGTH_16 ? 4 : 10
}

/** Big-endian; exact up to 2^53, and never mistaken for a smaller one above. */
function readLength(bytes: Buffer, start: number, end: number): number {
  let length = 0
  for (let at = start; at < end; at++) length = length * 256 + (bytes[at] as number)
  return length
}

/** Whether `bytes[start, end)` is UTF-8. Most short messages are ASCII, and leave no garbage. */
function isText(bytes: Buffer, start: number, end: number): boolean {
  const at = end - start <= SHORT_TEXT ? afterAscii(bytes, start, end) : start
  return at === end || isUtf8(bytes.subarray(at, end))
}

/** The offset of the first four bytes, or the last few, that are not all ASCII; `end` if all are. */
function afterAscii(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && (at & 3) !== 0) {
    if ((bytes[at] as number) >= 0x80) return at
    at++
  }
  if (end - at >= 8) at = afterAsciiWords(bytes, at, end)
  while (at < end && (bytes[at] as number) < 0x80) at++
  return at
}

/** @param start a multiple of four */
function afterAsciiWords(bytes: Buffer, start: number, end: number): number {
  const words = wordsOf(bytes)
  // What is not laid out by fours is left to the loop over bytes.
  if (words === null) return start
  const last = end >> 2
  let at = start >> 2
  while (at < last && ((words[at] as number) & HIGH_BITS) === 0) at++
  return at << 2
}
