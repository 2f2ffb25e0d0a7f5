/** The cause for which a peer's bytes were refused; counted in a run's `errors`. */
export type WireErrorCode =
  /** A status that the client cannot go on with. */
  | `http-${number}`
  | 'http-syntax'
  /** The body is in a coding that was not asked for, `content-encoding-gzip`. */
  | `content-encoding-${string}`
  | 'http-head-too-large'
  | 'http-body-too-large'
  | 'http-closed-early'
  /** An id that is too long to be kept and sent back. */
  | 'cursor-too-long'
  /** An id that no request could carry back. */
  | 'cursor-syntax'
  /** The peer does not read what it made us write. */
  | 'send-buffer-full'
  /** Nothing came for too long on a connection on which heartbeats are owed. */
  | 'silent'
  | 'sse-line-too-long'
  | 'sse-event-too-large'
  | 'sse-media-type'
  /** The server closed with this code. */
  | `ws-close-${number}`
  /** The server answered a subscription with an error. */
  | 'ws-refused'
  | 'ws-handshake'
  | 'ws-protocol'
  /** A frame in a compression that was not agreed on (RFC 7692). */
  | 'ws-compressed'
  | 'ws-message-too-large'
  | 'ws-utf8'

/** Thrown by the parsers; the connection it came from is of no more use. */
export class WireError extends Error {
  readonly code: WireErrorCode

  constructor(code: WireErrorCode, message: string) {
    super(message)
    this.name = 'WireError'
    this.code = code
  }
}

/** A server's id is kept for each client and sent back in a request's head. */
export const MAX_CURSOR_BYTES = 1024

/** @throws {WireError} `cursor-too-long` for an id of so many bytes that nobody could resume by it */
export function checkCursor(bytes: number): void {
  if (bytes > MAX_CURSOR_BYTES) {
    throw new WireError('cursor-too-long', `an id of more than ${MAX_CURSOR_BYTES} bytes`)
  }
}
