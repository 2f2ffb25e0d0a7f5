import { contentCoding } from './content-coding.ts'
import { equalsToken, listHasToken, readContentLength, syntaxError } from './http-syntax.ts'
import { retryAfterMs } from './retry-after.ts'

const ZERO = 0x30

const CONNECTION = Buffer.from('connection')
const CONTENT_LENGTH = Buffer.from('content-length')
const CONTENT_ENCODING = Buffer.from('content-encoding')
const RETRY_AFTER = Buffer.from('retry-after')
const TRANSFER_ENCODING = Buffer.from('transfer-encoding')
const IDENTITY = Buffer.from('identity')
const CHUNKED = Buffer.from('chunked')
const CLOSE = Buffer.from('close')
const KEEP_ALIVE = Buffer.from('keep-alive')

const SAYS_HTTP_1_0 = 1
const SAYS_TRANSFER_ENCODING = 2
const SAYS_CLOSE = 4
const SAYS_KEEP_ALIVE = 8

// How the end of a body is told; otherwise by the end of the connection.
export const BODY_NONE = 0
export const BODY_COUNTED = 1
export const BODY_CHUNKED = 2
const BODY_UNTIL_CLOSE = 3

/** The head of a response: what it says of its framing and its connection. */
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
  /** The least that a Retry-After asks to wait, milliseconds; 0 without one. */
  retryAfterMs = 0
  #flags = 0

  /** Takes over all that another head says. */
  copy(head: HttpHead): void {
    this.status = head.status
    this.contentLength = head.contentLength
    this.chunked = head.chunked
    this.coding = head.coding
    this.keepAlive = head.keepAlive
    this.retryAfterMs = head.retryAfterMs
    this.#flags = head.#flags
  }

  protected clearHead(): void {
    this.copy(NO_HEAD)
  }

  /** The head is of a 1xx response, which comes before the final one; a 101 is final itself. */
  protected isInterim(): boolean {
    return this.status >= 100 && this.status < 200 && this.status !== 101
  }

  /** Begins a head with its status line, as `scanStatusLine` found it. */
  protected noteStatusLine(bytes: Uint8Array, start: number): void {
    this.clearHead()
    this.status =
      ((bytes[start + 9] as number) - ZERO) * 100 +
      ((bytes[start + 10] as number) - ZERO) * 10 +
      ((bytes[start + 11] as number) - ZERO)
    // A minor version above 1 is taken for 1 (RFC 9110 section 2.5).
    if (bytes[start + 7] === ZERO) this.#flags = SAYS_HTTP_1_0
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
      case RETRY_AFTER.length:
        if (!equalsToken(bytes, start, nameEnd, RETRY_AFTER)) return
        this.retryAfterMs = retryAfterMs(Buffer.from(bytes.subarray(from, to)).toString('latin1'))
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
        if (from < to) this.chunked = listHasToken(bytes, from, to, CHUNKED, true)
    }
  }

  /** Fields of one name make one list. */
  #noteCoding(bytes: Uint8Array, from: number, to: number): void {
    const value = Buffer.from(bytes.subarray(from, to)).toString('latin1')
    this.coding = contentCoding(this.coding === '' ? value : `${this.coding},${value}`)
  }

  /** Two framings that contradict each other (RFC 9112 section 6.3): refused, as llhttp does. */
  protected checkFraming(): void {
    if ((this.#flags & SAYS_TRANSFER_ENCODING) !== 0 && this.contentLength >= 0) {
      throw syntaxError('Content-Length beside Transfer-Encoding')
    }
  }

  /**
   * At the end of a final head: decides how the body ends (RFC 9112 section 6.3) and whether the
   * connection lasts (section 9.3).
   */
  protected settleFraming(): number {
    const { status, contentLength } = this
    const flags = this.#flags

    let framing = BODY_UNTIL_CLOSE
    if (status === 101 || status === 204 || status === 304 || contentLength === 0) {
      framing = BODY_NONE
    } else if (this.chunked) framing = BODY_CHUNKED
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
}

const NO_HEAD = new HttpHead()
