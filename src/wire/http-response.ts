import { headCache } from './broadcast-cache.ts'
import {
  CHUNK_DATA_CR,
  CHUNK_READY,
  CHUNK_SIZE,
  CHUNK_START,
  nextChunkState,
  withSizeDigit,
} from './http-chunk.ts'
import { BODY_CHUNKED, BODY_COUNTED, BODY_NONE, HttpHead, type HttpLimits } from './http-head.ts'
import {
  FieldRange,
  PendingLine,
  scanEmptyLine,
  scanField,
  scanStatusLine,
  syntaxError,
  unfold,
} from './http-syntax.ts'
import { WireError } from './wire-error.ts'

/**
 * The callbacks of a parser. Ranges are `[start, end)` of a buffer that is valid during the call only.
 * A callback may call `parser.stop()` or `parser.reset()`; then no other one is called before the
 * next `execute`.
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
  /** The head is complete: the parser's public fields tell it. Not called for 1xx, except 101. */
  onHead(parser: HttpResponseParser): void
  /** A piece of the body, chunked coding removed; never empty. */
  onBody(bytes: Buffer, start: number, end: number): void
  /** The response is complete; the parser is ready for the next one. Not called after a 101. */
  onComplete(parser: HttpResponseParser): void
}

// The parser's states; those of a chunk's line are in http-chunk.ts. Up to REFUSED, no response is
// under way.
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
const CHUNK_DATA = 9
const DATA_UNTIL_CLOSE = 10
/** All is read, `onComplete` is owed. */
const DUE = 11

const LF = 0x0a
const CR = 0x0d

/** Scratch of all parsers: never in use across a callback. */
const field = new FieldRange()

/**
 * Parses the HTTP/1.1 responses of one connection, incrementally (RFC 9112). A line that lies
 * within one read is parsed in place; one that straddles reads is copied meanwhile, and nothing
 * keeps a reference to the caller's buffer after `execute`.
 *
 * It refuses what llhttp does by default: bare line feeds, a blank before a colon, Content-Length
 * beside Transfer-Encoding. Where it differs from llhttp, its test says so.
 */
export class HttpResponseParser extends HttpHead {
  /** Whether to offer header fields to the handler. */
  wantsHeaders = false
  readonly #handler: ResponseHandler
  #state = IDLE
  #stopped = false
  /** Bytes left of a counted body or of a chunk; within a chunk's line its size so far. */
  #remaining = 0
  #pending: PendingLine | null = null

  /** @param limits kept by reference: let parsers share one object */
  constructor(handler: ResponseHandler, limits: Partial<HttpLimits> | null = null) {
    super(limits)
    this.#handler = handler
  }

  /**
   * Parses `[start, end)` and returns the offset where it stopped: `end`, except after a 101,
   * where the rest belongs to another protocol, and after `stop()`.
   *
   * @throws {WireError} `http-syntax`, `http-head-too-large` or `http-body-too-large`; from then
   * on, as after a callback has thrown, everything is refused until `reset()`.
   */
  execute(bytes: Buffer, start: number, end: number): number {
    this.#stopped = false
    try {
      return this.#read(bytes, start, end)
    } catch (error) {
      this.#refuse()
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
    if (this.#state === DUE || this.#state === DATA_UNTIL_CLOSE) this.#complete()
    else {
      this.#refuse()
      throw new WireError('http-closed-early', 'the connection was closed within a response')
    }
  }

  /**
   * From a callback: `execute` returns after it, with nothing more read. Another `execute`, even
   * of an empty range, goes on where it stopped.
   */
  stop(): void {
    this.#stopped = true
  }

  /** Between two parts of a body of any length: the state, which is all there is of one; else -1. */
  get between(): number {
    return this.#state === CHUNK_START || this.#state === DATA_UNTIL_CLOSE ? this.#state : -1
  }

  /** Forgets everything, for use on a new connection. From a callback it stops, too. */
  reset(): void {
    this.clearHead()
    this.#state = IDLE
    this.#stopped = true
    this.headBytes = 0
    this.#pending = null
  }

  #read(bytes: Buffer, start: number, end: number): number {
    let at = start
    headCache.startAt = -1
    while (!this.#stopped && (at < end || this.#state === DUE)) {
      switch (this.#state) {
        case IDLE:
        case AWAITING:
        case ENDED:
          // Some servers add an empty line to a body; llhttp passes over it, too.
          if (bytes[at] === CR || bytes[at] === LF) {
            this.countHead(1)
            at++
          } else if (this.#state === ENDED) throw syntaxError('data after the last response')
          else at = this.#beginHead(bytes, at, end)
          break
        case STATUS_LINE:
        case FIELDS:
        case TRAILERS:
          at = this.#takeLine(bytes, at, end)
          break
        case COUNTED_DATA:
        case CHUNK_DATA:
          at = this.#readCounted(bytes, at, end)
          break
        case DATA_UNTIL_CLOSE:
          this.countBody(end - at)
          this.#handler.onBody(bytes, at, end)
          return end
        case DUE:
          this.#complete()
          break
        case UPGRADED:
          return at
        case REFUSED:
          throw syntaxError('data after a refused response')
        default:
          at = this.#readChunkLine(bytes, at, end)
      }
    }
    return at
  }

  /** At the first byte of a head; returns the offset after it where it is the one read last. */
  #beginHead(bytes: Buffer, start: number, end: number): number {
    headCache.startAt = -1
    // Not a head after others of the same response, nor one that is offered field by field.
    if (this.#state === IDLE && this.headBytes === 0 && !this.wantsHeaders && !this.answersHead) {
      if (headCache.isAt(bytes, start, end)) {
        const { length, head, framing } = headCache
        this.countHead(length)
        this.copy(head)
        this.#beginBody(framing)
        return start + length
      }
      headCache.startAt = start
    }
    this.#state = STATUS_LINE
    return start
  }

  /** Reads a line of the head or the trailers; what `end` cuts becomes pending. */
  #takeLine(bytes: Buffer, start: number, end: number): number {
    if (this.#pending !== null) return this.#takePending(this.#pending, bytes, start, end)
    const next = this.#readLine(bytes, start, end)
    if (next >= 0) return next
    this.checkHead(this.headBytes + end - start)
    this.#pending = new PendingLine(bytes, start, end)
    return end
  }

  /**
   * Goes on with a line that was cut. It is scanned anew each time, to be refused as early as in
   * one piece; for a peer that sends single bytes that is quadratic, up to `maxHeadBytes`.
   */
  #takePending(pending: PendingLine, bytes: Buffer, start: number, end: number): number {
    const room = this.maxHeadBytes - this.headBytes
    const at = pending.append(bytes, start, end, room, this.#state !== STATUS_LINE)
    this.#pending = null
    const peeked = at < end ? 1 : 0
    if (this.#readLine(pending.bytes, 0, pending.length + peeked) >= 0) return at
    this.#pending = pending
    this.checkHead(this.headBytes + pending.length + peeked)
    return at
  }

  /** Reads one line; the offset after it, or -1 when the range does not hold all of it. */
  #readLine(bytes: Buffer, start: number, end: number): number {
    if (this.#state !== STATUS_LINE) return this.#readField(bytes, start, end)
    const next = scanStatusLine(bytes, start, end)
    if (next < 0) return -1
    this.countHead(next - start)
    this.noteStatusLine(bytes, start)
    this.#state = FIELDS
    return next
  }

  #readField(bytes: Buffer, start: number, end: number): number {
    if (bytes[start] === CR) {
      const next = scanEmptyLine(bytes, start, end)
      if (next < 0) return -1
      this.countHead(next - start)
      if (this.#state === TRAILERS) this.#complete()
      else this.#completeHead(bytes, next)
      return next
    }
    const next = scanField(bytes, start, end, field)
    if (next < 0) return -1
    if (field.folded) {
      this.#readField(unfold(bytes, start, next), 0, next - start + 1)
      return next
    }
    this.countHead(next - start)
    if (this.#state === TRAILERS) return next
    const { nameEnd, valueStart, valueEnd } = field
    this.noteField(bytes, start, nameEnd, valueStart, valueEnd)
    if (this.wantsHeaders && !this.isInterim()) {
      this.#handler.onHeader?.(bytes, start, nameEnd, valueStart, valueEnd)
    }
    return next
  }

  #completeHead(bytes: Buffer, end: number): void {
    this.checkFraming()
    if (this.isInterim()) {
      this.#state = AWAITING
      return
    }
    const framing = this.settleFraming()
    if (!this.wantsHeaders) headCache.keep(bytes, end, this, framing)
    this.#beginBody(framing)
  }

  /** The head is complete: how its body ends is known. */
  #beginBody(framing: number): void {
    this.headBytes = 0
    this.bodyBytes = 0
    this.#remaining = 0
    if (this.status === 101) this.#state = UPGRADED
    else if (framing === BODY_NONE) this.#state = DUE
    else if (framing === BODY_CHUNKED) this.#state = CHUNK_START
    else if (framing === BODY_COUNTED) {
      this.countBody(this.contentLength)
      this.#remaining = this.contentLength
      this.#state = COUNTED_DATA
    } else this.#state = DATA_UNTIL_CLOSE
    this.#handler.onHead(this)
  }

  #readCounted(bytes: Buffer, start: number, end: number): number {
    const at = Math.min(end, start + this.#remaining)
    this.#remaining -= at - start
    if (this.#remaining === 0) this.#state = this.#state === CHUNK_DATA ? CHUNK_DATA_CR : DUE
    this.#handler.onBody(bytes, start, at)
    return at
  }

  #readChunkLine(bytes: Buffer, start: number, end: number): number {
    let state = this.#state
    let size = this.#remaining
    let at = start
    while (at < end && state !== CHUNK_READY) {
      const byte = bytes[at++] as number
      state = nextChunkState(state, byte)
      if (state === CHUNK_SIZE) size = withSizeDigit(size, byte)
    }
    this.countHead(at - start)
    this.#remaining = size
    this.#state = state
    if (state === CHUNK_READY) {
      this.headBytes = 0
      this.countBody(size)
      this.#state = size > 0 ? CHUNK_DATA : TRAILERS
    }
    return at
  }

  #complete(): void {
    this.headBytes = 0
    this.#state = this.keepAlive ? IDLE : ENDED
    this.#handler.onComplete(this)
  }

  #refuse(): void {
    this.#state = REFUSED
    this.#pending = null
  }
}
