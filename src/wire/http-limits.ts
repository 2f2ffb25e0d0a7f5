import { WireError } from './wire-error.ts'

/** How much a peer may send; a response beyond it is refused. */
export interface HttpLimits {
  /**
   * Bytes of a head together with the interim ones before it; also of the line before a chunk, and
   * of the trailers.
   */
  readonly maxHeadBytes: number
  /** Bytes of a body, chunked coding removed; Infinity for a stream that is meant not to end. */
  readonly maxBodyBytes: number
}

/** The limits of a parser that was not given its own. */
const DEFAULT_HTTP_LIMITS: HttpLimits = Object.freeze({
  maxHeadBytes: 16 * 1024,
  maxBodyBytes: 16 * 1024 * 1024,
})

/** The bytes that a head may have. */
export function maxHeadBytes(limits: Partial<HttpLimits> | null): number {
  return limits?.maxHeadBytes ?? DEFAULT_HTTP_LIMITS.maxHeadBytes
}

/** @throws {WireError} `http-head-too-large` if a head of so many bytes is beyond the limits */
export function checkHead(limits: Partial<HttpLimits> | null, bytes: number): void {
  const limit = maxHeadBytes(limits)
  if (bytes > limit) {
    throw new WireError('http-head-too-large', `a head or chunk line of more than ${limit} bytes`)
  }
}

/** @throws {WireError} `http-body-too-large` if a body of so many bytes is beyond the limits */
export function checkBody(limits: Partial<HttpLimits> | null, bytes: number): void {
  const limit = limits?.maxBodyBytes ?? DEFAULT_HTTP_LIMITS.maxBodyBytes
  if (bytes > limit) {
    throw new WireError('http-body-too-large', `a body of more than ${limit} bytes`)
  }
}
