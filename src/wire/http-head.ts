import { contentCoding } from './content-coding.ts'
import {
  equalsToken,
  listEndsWithToken,
  listHasToken,
  readContentLength,
  syntaxError,
} from './http-syntax.ts'
import { WireError } from './wire-error.ts'

const ZERO = 0x30

const CONNECTION = Buffer.from('connection')
const CONTENT_LENGTH = Buffer.from('content-length')
const CONTENT_ENCODING = Buffer.from('content-encoding')
const TRANSFER_ENCODING = Buffer.from('transfer-encoding')
const IDENTITY = Buffer.from('identity')
const CHUNKED = Buffer.from('chunked')
const CLOSE = Buffer.from('close')
const KEEP_ALIVE = Buffer.from('keep-alive')

const SAYS_HTTP_1_0 = 1
const SAYS_TRANSFER_ENCODING = 2
const SAYS_CLOSE = 4
const SAYS_KEEP_ALIVE = 8
/** Not said by the head: the request was a HEAD. */
const ANSWERS_HEAD = 16

// How the end of a body is told; otherwise by the end of the connection.
export const BODY_NONE = 0
export const BODY_COUNTED = 1
export const BODY_CHUNKED = 2
const BODY_UNTIL_CLOSE = 3

/** The most that a peer may send; a response beyond it is refused. */
export interface HttpLimits {
  /**
   * Bytes of a head together with the interim ones before it; also of the line before a chunk, and
   * of the trailers.
   */
  readonly maxHeadBytes: number
  /** Bytes of a body, chunked coding removed; Infinity for a stream that is meant not to end. */
  readonly maxBodyBytes: number
}

const MAX_HEAD_BYTES = 16 * 1024
const MAX_BODY_BYTES = 16 * 1024 * 1024

/**
 * The head of a response: what it says of its framing and its connection. It is held against limits
 * while it comes, and so is the body after it.
 */
export class HttpHead {
  /** The status code, 0…999; 0 before any. */
  status = 0
  /** The Content-Length; -1 when none was sent. */
  contentLength = -1
  /** The body is in chunked coding. */
  chunked = false
  /** The body's coding, as {@link contentCoding} names it; '' where it is as it is, or none. */
  coding = ''
  /** The connection may carry another request once this response is complete. */
  keepAlive = false
  #flags = 0
  readonly #limits: Partial<HttpLimits> | null
  /** Bytes so far of the head, the chunk's line or the trailers; pending ones excluded. */
  protected headBytes = 0
  protected bodyBytes = 0

  /** @param limits kept by reference: let heads share one object */
  constructor(limits: Partial<HttpLimits> | null = null) {
    this.#limits = limits
  }

  /** The next response answers a HEAD request: it has no body whatever its fields say. */
  expectHead(): void {
    this.#flags |= ANSWERS_HEAD
  }

  /** Takes over all that another head says. */
  copy(head: HttpHead): void {
    this.status = head.status
    this.contentLength = head.contentLength
    this.chunked = head.chunked
    this.coding = head.coding
    this.keepAlive = head.keepAlive
    this.#flags = head.#flags
  }

  protected get answersHead(): boolean {
    return (this.#flags & ANSWERS_HEAD) !== 0
  }

  /** The head is of a 1xx response, which comes before the final one; a 101 is final itself. */
  protected isInterim(): boolean {
    return this.status >= 100 && this.status < 200 && this.status !== 101
  }

  protected clearHead(): void {
    this.status = 0
    this.contentLength = -1
    this.chunked = false
    this.coding = ''
    this.keepAlive = false
    this.#flags = 0
  }

  /** Begins a head with its status line, as `scanStatusLine` found it. */
  protected noteStatusLine(bytes: Uint8Array, start: number): void {
    this.status =
      ((bytes[start + 9] as number) - ZERO) * 100 +
      ((bytes[start + 10] as number) - ZERO) * 10 +
      ((bytes[start + 11] as number) - ZERO)
    this.contentLength = -1
    this.chunked = false
    this.coding = ''
    this.keepAlive = false
    this.#flags &= ANSWERS_HEAD
    // A minor version above 1 is taken for 1 (RFC 9110 section 2.5).
    if (bytes[start + 7] === ZERO) this.#flags |= SAYS_HTTP_1_0
  }

  /** Takes in a field: its name is `[start, nameEnd)`, its value `[from, to)`. */
  protected noteField(
    bytes: Uint8Array,
    start: number,
    nameEnd: number,
    from: number,
    to: number,
  ): void {
    switch (nameEnd - start) {
      case CONNECTION.length:
        if (!equalsToken(bytes, start, nameEnd, CONNECTION)) return
        if (listHasToken(bytes, from, to, CLOSE)) this.#flags |= SAYS_CLOSE
        if (listHasToken(bytes, from, to, KEEP_ALIVE)) this.#flags |= SAYS_KEEP_ALIVE
        return
      case CONTENT_LENGTH.length: {
        if (!equalsToken(bytes, start, nameEnd, CONTENT_LENGTH)) return
        const length = readContentLength(bytes, from, to)
        if (length < 0) throw syntaxError('malformed Content-Length')
        if (this.contentLength >= 0 && this.contentLength !== length) {
          throw syntaxError('conflicting Content-Length')
        }
        this.contentLength = length
        return
      }
      case CONTENT_ENCODING.length:
        if (!equalsToken(bytes, start, nameEnd, CONTENT_ENCODING)) return
        // Said in so many words by some servers, with each answer.
        if (!equalsToken(bytes, from, to, IDENTITY)) this.#noteCoding(bytes, from, to)
        return
      case TRANSFER_ENCODING.length:
        if (!equalsToken(bytes, start, nameEnd, TRANSFER_ENCODING)) return
        this.#flags |= SAYS_TRANSFER_ENCODING
        // Fields of one name make one list: the last one has the last coding.
        if (from < to) this.chunked = listEndsWithToken(bytes, from, to, CHUNKED)
    }
  }

  /**
   * At the end of a final head: decides how the body ends (RFC 9112 section 6.3) and whether the
   * connection lasts (section 9.3).
   */
  protected settleFraming(): number {
    const { status, contentLength } = this
    const flags = this.#flags
    const bodiless =
      (flags & ANSWERS_HEAD) !== 0 || status === 101 || status === 204 || status === 304
    this.#flags = flags & ~ANSWERS_HEAD

    let framing = BODY_UNTIL_CLOSE
    if (bodiless || contentLength === 0) framing = BODY_NONE
    else if (this.chunked) framing = BODY_CHUNKED
    else if (contentLength > 0) framing = BODY_COUNTED

    // Nothing was coded: a 304 tells how its body would have been.
    if (framing === BODY_NONE) this.coding = ''

    // HTTP/1.0 has no Transfer-Encoding: such framing is not to be trusted (RFC 9112 section 6.1).
    const lasting =
      (flags & SAYS_HTTP_1_0) === 0 ||
      (flags & (SAYS_KEEP_ALIVE | SAYS_TRANSFER_ENCODING)) === SAYS_KEEP_ALIVE
    this.keepAlive = lasting && (flags & SAYS_CLOSE) === 0 && framing !== BODY_UNTIL_CLOSE
    return framing
  }

  /** Two framings that contradict each other (RFC 9112 section 6.3): refused, as llhttp does. */
  protected checkFraming(): void {
    if ((this.#flags & SAYS_TRANSFER_ENCODING) !== 0 && this.contentLength >= 0) {
      throw syntaxError('Content-Length beside Transfer-Encoding')
    }
  }

  /** Fields of one name make one list. */
  #noteCoding(bytes: Uint8Array, from: number, to: number): void {
    const value = Buffer.from(bytes.subarray(from, to)).toString('latin1')
    this.coding = contentCoding(this.coding === '' ? value : `${this.coding},${value}`)
  }

  protected get maxHeadBytes(): number {
    return this.#limits?.maxHeadBytes ?? MAX_HEAD_BYTES
  }

  /** @throws {WireError} `http-head-too-large` */
  protected countHead(length: number): void {
    this.headBytes += length
    this.checkHead(this.headBytes)
  }

  /** @throws {WireError} `http-head-too-large` if a head of so many bytes is beyond the limits */
  protected checkHead(bytes: number): void {
    const limit = this.maxHeadBytes
    if (bytes > limit) {
      throw new WireError('http-head-too-large', `a head or chunk line of more than ${limit} bytes`)
    }
  }

  /** @throws {WireError} `http-body-too-large` */
  protected countBody(length: number): void {
    this.bodyBytes += length
    const limit = this.#limits?.maxBodyBytes ?? MAX_BODY_BYTES
    if (this.bodyBytes > limit) {
      throw new WireError('http-body-too-large', `a body of more than ${limit} bytes`)
    }
  }
}
