import type { HttpResponseParser } from './http-response.ts'

/**
 * What a parser calls. Ranges are `[start, end)` of a buffer that is valid during the call only.
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
