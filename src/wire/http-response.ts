import { headCache } from './broadcast-cache.ts'
import { BODY_CHUNKED, BODY_COUNTED, BODY_NONE, HttpHead } from './http-head.ts'
import {
  equalsToken,
  FieldRange,
  scanChunkLine,
  scanField,
  scanLineEnd,
  scanStatusLine,
  syntaxError,
  unfold,
} from './http-syntax.ts'
import { KeptBytes } from './kept-bytes.ts'
import { WireError } from './wire-error.ts'

/**
 * The callbacks of a parser. Ranges are `[start, end)` of a buffer that is valid during the call only.
 * A callback may call `parser.reset()`; then no other one is called before the next `execute`.
 */
export interface ResponseHandler {
  /**
   * A header field; offered only while `parser.wantsHeaders`, and neither of interim responses nor
   * of trailers. The name is as sent, not lowercased; the value is trimmed and unfolded.
   */
  onHeader?(
    bytes: Buffer,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
  ): void
  /** The value of a Set-Cookie field, offered whatever `parser.wantsHeaders` says. */
  onCookie?(bytes: Buffer, valueStart: number, valueEnd: number): void
  /** The head is complete: the parser's public fields tell it. Not called for 1xx, except 101. */
  onHead(parser: HttpResponseParser): void
  /** A piece of the body, chunked coding removed; never empty. */
  onBody(bytes: Buffer, start: number, end: number): void
  /** The response is complete; the parser is ready for the next one. Not called after a 101. */
  onComplete(parser: HttpResponseParser): void
}

// The parser's states. Up to REFUSED, no response is under way.
const IDLE = 0
const UPGRADED = 1
/** The last response of a connection is complete. */
const ENDED = 2
const REFUSED = 3
/** After an interim response. */
const AWAITING = 4
const STATUS_LINE = 5
const FIELDS = 6
const TRAILERS = 7
const COUNTED_DATA = 8
const CHUNK_LINE = 9
const CHUNK_DATA = 10
const CHUNK_END = 11
const DATA_UNTIL_CLOSE = 12
/** All is read, `onComplete` is owed. */
const DUE = 13

const LF = 0x0a
const CR = 0x0d
const SET_COOKIE = Buffer.from('set-cookie')

/** Bytes of a head with the interim ones before it, of the line before a chunk, or of the trailers. */
export const MAX_HEAD_BYTES = 16 * 1024
const MAX_BODY_BYTES = 16 * 1024 * 1024

/** Scratch of all parsers: never in use across a callback. */
const field = new FieldRange()
const chunk = { size: 0 }

/**
 * Parses the HTTP/1.1 responses of one connection, incrementally (RFC 9112). What lies within one
 * read is parsed in place; only a line that straddles reads is copied. It refuses what llhttp does by
 * default; where it differs from llhttp, its test says so.
 */
export class HttpResponseParser extends HttpHead {
  /** Whether to offer header fields to the handler. */
  wantsHeaders = false
  readonly #handler: ResponseHandler
  readonly #maxBodyBytes: number
  #state = IDLE
  #stopped = false
  /** The head is for this client alone. */
  #setsCookie = false
  /** Bytes left of a counted body or of a chunk. */
  #remaining = 0
  /** Bytes so far of the head or the trailers, of whole lines. */
  #headBytes = 0
  #bodyBytes = 0
  /** The line that the last read cut, as far as it has come. */
  #cut: KeptBytes | null = null

  /** @param maxBodyBytes chunked coding removed; Infinity for a stream that is meant not to end */
  constructor(handler: ResponseHandler, maxBodyBytes = MAX_BODY_BYTES) {
    super()
    this.#handler = handler
    this.#maxBodyBytes = maxBodyBytes
  }

  /**
   * Parses `[start, end)` and returns the offset where it stopped: `end`, except after a 101,
   * where the rest belongs to another protocol, and after a `reset()`.
   *
   * @throws {WireError} `http-syntax`, `http-head-too-large` or `http-body-too-large`; from then
   * on, as after a callback has thrown, everything is refused until `reset()`.
   */
  execute(bytes: Buffer, start: number, end: number): number {
    this.#stopped = false
    try {
      const cut = this.#cut
      if (cut === null) return this.#read(bytes, start, end)
      // Scanned anew each time, to be refused as early as in one piece; for a peer that sends single
      // bytes that is quadratic, up to the limit.
      this.#cut = null
      const cutLength = cut.length
      cut.add(bytes, start, end)
      return start + this.#read(cut.bytes, 0, cut.length) - cutLength
    } catch (error) {
      this.#state = REFUSED
      throw error
    }
  }

  /**
   * The peer closed the connection. Completes a body that ends there (RFC 9112 section 6.3);
   * quiet when no response was under way.
   *
   * @throws {WireError} `http-closed-early`
   */
  finish(): void {
    if (this.#state <= REFUSED) return
    if (this.#state === DATA_UNTIL_CLOSE) this.#complete()
    else {
      this.#state = REFUSED
      throw new WireError('http-closed-early', 'the connection was closed within a response')
    }
  }

  /** Between two parts of a body of any length: the state, which is all there is of one; else -1. */
  get between(): number {
    const state = this.#state
    return (state === CHUNK_LINE && this.#cut === null) || state === DATA_UNTIL_CLOSE ? state : -1
  }

  /** Forgets everything, for use on a new connection. From a callback, `execute` returns after it. */
  reset(): void {
    this.clearHead()
    this.#state = IDLE
    this.#stopped = true
    this.#setsCookie = false
    this.#headBytes = 0
    this.#cut = null
  }

  #read(bytes: Buffer, start: number, end: number): number {
    let at = start
    headCache.startAt = -1
    while (!this.#stopped && (at < end || this.#state === DUE)) {
      const next = this.#readOne(bytes, at, end)
      if (next < 0) {
        this.#checkHead(this.#headBytes + end - at)
        this.#cut = new KeptBytes(bytes, at, end)
        return end
      }
      if (this.#state === UPGRADED) return next
      at = next
    }
    return at
  }

  /** Reads a line, or a piece of the body; the offset after it, or -1 of a line that `end` cuts. */
  #readOne(bytes: Buffer, start: number, end: number): number {
    switch (this.#state) {
      case IDLE:
      case AWAITING:
      case ENDED:
        return this.#beginHead(bytes, start, end)
      case STATUS_LINE:
        return this.#readStatusLine(bytes, start, end)
      case FIELDS:
      case TRAILERS:
        return this.#readField(bytes, start, end)
      case COUNTED_DATA:
      case CHUNK_DATA:
        return this.#readCounted(bytes, start, end)
      case CHUNK_END:
        return this.#readChunkEnd(bytes, start, end)
      case CHUNK_LINE:
        return this.#readChunkLine(bytes, start, end)
      case DATA_UNTIL_CLOSE:
        this.#countBody(end - start)
        this.#handler.onBody(bytes, start, end)
        return end
      case DUE:
        this.#complete()
        return start
      case UPGRADED:
        return start
      default:
        throw syntaxError('data after a refused response')
    }
  }

  /** At the first byte of a head; returns the offset after it where it is the one read last. */
  #beginHead(bytes: Buffer, start: number, end: number): number {
    // Some servers add an empty line to a body; llhttp passes over it, too.
    if (bytes[start] === CR || bytes[start] === LF) {
      this.#countHead(1)
      return start + 1
    }
    if (this.#state === ENDED) throw syntaxError('data after the last response')
    headCache.startAt = -1
    // Not a head after others of the same response, nor one that is offered field by field.
    if (this.#state === IDLE && this.#headBytes === 0 && !this.wantsHeaders) {
      if (headCache.isAt(bytes, start, end)) {
        const { length, head, framing } = headCache
        this.#countHead(length)
        this.copy(head)
        this.#beginBody(framing)
        return start + length
      }
      headCache.startAt = start
    }
    this.#state = STATUS_LINE
    return start
  }

  #readStatusLine(bytes: Buffer, start: number, end: number): number {
    const next = scanStatusLine(bytes, start, end)
    if (next < 0) return -1
    this.#countHead(next - start)
    this.noteStatusLine(bytes, start)
    this.#state = FIELDS
    return next
  }

  /** Reads a field, or the empty line after the last one. */
  #readField(bytes: Buffer, start: number, end: number): number {
    const isLast = bytes[start] === CR
    const next = isLast
      ? scanLineEnd(bytes, start, end, 'carriage return within a head')
      : scanField(bytes, start, end, field)
    if (next < 0) return -1
    if (!isLast && field.folded) {
      this.#readField(unfold(bytes, start, next), 0, next - start + 1)
      return next
    }
    this.#countHead(next - start)
    if (this.#state === TRAILERS) {
      if (isLast) this.#complete()
    } else if (isLast) this.#completeHead(bytes, next)
    else this.#takeField(bytes, start)
    return next
  }

  #takeField(bytes: Buffer, start: number): void {
    const { nameEnd, valueStart, valueEnd } = field
    this.noteField(bytes, start, nameEnd, valueStart, valueEnd)
    if (this.isInterim()) return
    if (equalsToken(bytes, start, nameEnd, SET_COOKIE)) {
      this.#setsCookie = true
      this.#handler.onCookie?.(bytes, valueStart, valueEnd)
    }
    if (this.wantsHeaders) this.#handler.onHeader?.(bytes, start, nameEnd, valueStart, valueEnd)
  }

  #completeHead(bytes: Buffer, end: number): void {
    this.checkFraming()
    if (this.isInterim()) {
      this.#state = AWAITING
      return
    }
    const framing = this.settleFraming()
    if (!this.wantsHeaders && !this.#setsCookie) headCache.keep(bytes, end, this, framing)
    this.#setsCookie = false
    this.#beginBody(framing)
  }

  /** The head is complete: how its body ends is known. */
  #beginBody(framing: number): void {
    this.#headBytes = 0
    this.#bodyBytes = 0
    if (this.status === 101) this.#state = UPGRADED
    else if (framing === BODY_NONE) this.#state = DUE
    else if (framing === BODY_CHUNKED) this.#state = CHUNK_LINE
    else if (framing === BODY_COUNTED) {
      this.#countBody(this.contentLength)
      this.#remaining = this.contentLength
      this.#state = COUNTED_DATA
    } else this.#state = DATA_UNTIL_CLOSE
    this.#handler.onHead(this)
  }

  #readCounted(bytes: Buffer, start: number, end: number): number {
    const at = Math.min(end, start + this.#remaining)
    this.#remaining -= at - start
    if (this.#remaining === 0) this.#state = this.#state === CHUNK_DATA ? CHUNK_END : DUE
    this.#handler.onBody(bytes, start, at)
    return at
  }

  #readChunkEnd(bytes: Buffer, start: number, end: number): number {
    const next = scanLineEnd(bytes, start, end, 'chunk longer than its size')
    if (next >= 0) this.#state = CHUNK_LINE
    return next
  }

  #readChunkLine(bytes: Buffer, start: number, end: number): number {
    const next = scanChunkLine(bytes, start, end, chunk)
    if (next < 0) return -1
    this.#checkHead(next - start)
    this.#countBody(chunk.size)
    this.#remaining = chunk.size
    this.#state = chunk.size > 0 ? CHUNK_DATA : TRAILERS
    return next
  }

  #complete(): void {
    this.#headBytes = 0
    this.#state = this.keepAlive ? IDLE : ENDED
    this.#handler.onComplete(this)
  }

  #countHead(length: number): void {
    this.#headBytes += length
    this.#checkHead(this.#headBytes)
  }

  #checkHead(length: number): void {
    if (length > MAX_HEAD_BYTES) {
      throw new WireError(
        'http-head-too-large',
        `a head or chunk line of more than ${MAX_HEAD_BYTES} bytes`,
      )
    }
  }

  #countBody(length: number): void {
    this.#bodyBytes += length
    if (this.#bodyBytes > this.#maxBodyBytes) {
      throw new WireError('http-body-too-large', `a body of more than ${this.#maxBodyBytes} bytes`)
    }
  }
}
