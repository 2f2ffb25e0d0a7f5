import {
  CHUNK_DATA_CR,
  CHUNK_READY,
  CHUNK_SIZE,
  CHUNK_START,
  nextChunkState,
  withSizeDigit,
} from './http-chunk.ts'
import type { ResponseHandler } from './http-handler.ts'
import { BODY_CHUNKED, BODY_COUNTED, BODY_NONE } from './http-head.ts'
import { checkHead, type HttpLimits, maxHeadBytes } from './http-limits.ts'
import {
  FieldRange,
  PendingLine,
  scanEmptyLine,
  scanField,
  scanStatusLine,
  syntaxError,
  unfold,
} from './http-line.ts'
import { RecallingHead } from './http-recalling-head.ts'
import {
  AWAITING,
  CHUNK_DATA,
  COUNTED_DATA,
  DATA_UNTIL_CLOSE,
  DUE,
  ENDED,
  FIELDS,
  IDLE,
  REFUSED,
  STATUS_LINE,
  TRAILERS,
  UPGRADED,
} from './http-response-state.ts'
import { WireError } from './wire-error.ts'

export type { ResponseHandler } from './http-handler.ts'
export type { HttpLimits } from './http-limits.ts'

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
export class HttpResponseParser extends RecallingHead {
  /** Whether to offer header fields to the handler. */
  wantsHeaders = false
  readonly #handler: ResponseHandler
  #state = IDLE
  #stopped = false
  /** Bytes left of a counted body or of a chunk; within a chunk's line its size so far. */
  #remaining = 0
  #pending: PendingLine | null = null

  /** Keeps `limits` by reference: let parsers share one object. */
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
    this.forgetStart()
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

  /** At the first byte of a head; returns the offset after it where it is known. */
  #beginHead(bytes: Buffer, start: number, end: number): number {
    if (this.#state !== IDLE || this.wantsHeaders) this.forgetStart()
    else if (this.recall(bytes, start, end)) {
      const next = start + this.headBytes
      this.#beginBody(this.recalledFraming)
      return next
    }
    this.#state = STATUS_LINE
    return start
  }

  /** Reads a line of the head or the trailers; what `end` cuts becomes pending. */
  #takeLine(bytes: Buffer, start: number, end: number): number {
    if (this.#pending !== null) return this.#takePending(this.#pending, bytes, start, end)
    const next = this.#readLine(bytes, start, end)
    if (next >= 0) return next
    checkHead(this.limits, this.headBytes + end - start)
    this.#pending = new PendingLine(bytes, start, end)
    return end
  }

  /**
   * Goes on with a line that was cut. It is scanned anew each time, to be refused as early as in
   * one piece; for a peer that sends single bytes that is quadratic, up to `maxHeadBytes`.
   */
  #takePending(pending: PendingLine, bytes: Buffer, start: number, end: number): number {
    const room = maxHeadBytes(this.limits) - this.headBytes
    const at = pending.append(bytes, start, end, room, this.#state !== STATUS_LINE)
    this.#pending = null
    const peeked = at < end ? 1 : 0
    if (this.#readLine(pending.bytes, 0, pending.length + peeked) >= 0) return at
    this.#pending = pending
    checkHead(this.limits, this.headBytes + pending.length + peeked)
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
    if (!this.wantsHeaders) this.keep(bytes, end, framing)
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
