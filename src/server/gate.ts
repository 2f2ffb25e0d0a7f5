import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Names that lead to this host only, with any port. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

/**
 * Who may use the server: the holders of the token, where there is one, and, among browsers, pages
 * of the allowed origins. A page of another origin must not read events or open a WebSocket with
 * its visitor's reach (RFC 6455, section 10.2), nor ask by a picture or a link, which say only that
 * they are another site's (Fetch Metadata, section 2.3). Nor may a page whose name leads here since it
 * was loaded (DNS rebinding): on a loopback address only its names and allowed hosts are answered.
 */
export class Gate {
  readonly #tokenHash: Buffer | null
  readonly #origins: ReadonlySet<string>
  /** Hosts that requests may be for, beside this one's; null takes any. */
  readonly #hosts: ReadonlySet<string> | null
  readonly #scheme: 'http' | 'https'

  /**
   * @param origins exact origins, such as `https://app.example`; the server's own is always one
   * @param listensOn the host that the server listens on
   * @param scheme of its own origin
   */
  constructor(
    token: string | null,
    origins: readonly string[],
    listensOn: string,
    scheme: 'http' | 'https' = 'http',
  ) {
    this.#scheme = scheme
    this.#tokenHash = token === null ? null : hash(token)
    this.#origins = new Set(origins)
    const isLoopback = LOOPBACK.test(listensOn) || listensOn === '::1'
    this.#hosts = isLoopback
      ? new Set(origins.map((origin) => origin.replace(/^\w+:\/\//, '').toLowerCase()))
      : null
  }

  /** The request's origin if a page of it may read the answer; null for none, or not a browser. */
  allowedOrigin(request: IncomingMessage): string | null {
    const { origin } = request.headers
    return origin !== undefined && this.#allows(origin, request) ? origin : null
  }

  /** Null lets the request in. */
  check(
    request: IncomingMessage,
    query: URLSearchParams,
  ): { readonly status: 401 | 403; readonly message: string } | null {
    if (!this.#answersTo(request.headers.host)) {
      return { status: 403, message: 'this Host is not served on a loopback address' }
    }
    const { origin } = request.headers
    const isForeign = request.headers['sec-fetch-site'] === 'cross-site'
    if (origin === undefined ? isForeign : !this.#allows(origin, request)) {
      return { status: 403, message: 'this origin is not allowed' }
    }
    const hash = this.#tokenHash
    if (hash === null || holdsToken(hash, request, query)) return null
    return { status: 401, message: 'a token is needed: Authorization: Bearer … or ?token=…' }
  }

  #allows(origin: string, request: IncomingMessage): boolean {
    const { host } = request.headers
    return (
      this.#origins.has(origin) || (origin === `${this.#scheme}://${host}` && this.#answersTo(host))
    )
  }

  // Every browser sends a Host.
  #answersTo(host: string | undefined): boolean {
    if (this.#hosts === null || host === undefined || LOOPBACK.test(host)) return true
    return this.#hosts.has(host.toLowerCase())
  }
}

function holdsToken(tokenHash: Buffer, request: IncomingMessage, query: URLSearchParams): boolean {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  // EventSource and a browser's WebSocket cannot send the header.
  const given = bearer ?? query.get('token')
  return given !== null && timingSafeEqual(hash(given), tokenHash)
}

// Hashes have one length, so that the comparison tells nothing of the token's.
function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
