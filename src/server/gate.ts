import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Why a request is not let in. */
export interface Refusal {
  readonly status: 401 | 403
  readonly message: string
}

/**
 * Who may use the server: the holders of the token, where there is one, and, among browsers, pages
 * of the allowed origins. A page of another origin must not read events or open a WebSocket with
 * its visitor's reach (RFC 6455, section 10.2).
 */
export class Gate {
  readonly #tokenHash: Buffer | null
  readonly #origins: ReadonlySet<string>

  /** @param origins exact origins, such as `https://app.example`; the server's own is always one */
  constructor(token: string | null, origins: readonly string[]) {
    this.#tokenHash = token === null ? null : hash(token)
    this.#origins = new Set(origins)
  }

  /** The request's origin if a page of it may read the answer; null for none, or not a browser. */
  allowedOrigin(request: IncomingMessage): string | null {
    const { origin } = request.headers
    return origin !== undefined && this.#allows(origin, request) ? origin : null
  }

  /** Null lets the request in. */
  check(request: IncomingMessage, query: URLSearchParams): Refusal | null {
    const { origin } = request.headers
    if (origin !== undefined && !this.#allows(origin, request)) {
      return { status: 403, message: 'this origin is not allowed' }
    }
    if (this.#tokenHash === null || this.#holdsToken(request, query)) return null
    return { status: 401, message: 'a token is needed: Authorization: Bearer … or ?token=…' }
  }

  #allows(origin: string, request: IncomingMessage): boolean {
    return this.#origins.has(origin) || origin === `http://${request.headers.host}`
  }

  #holdsToken(request: IncomingMessage, query: URLSearchParams): boolean {
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    // EventSource and a browser's WebSocket cannot send the header.
    const given = bearer ?? query.get('token')
    return (
      given !== null && this.#tokenHash !== null && timingSafeEqual(hash(given), this.#tokenHash)
    )
  }
}

// Hashes have one length, so that the comparison tells nothing of the token's.
function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
