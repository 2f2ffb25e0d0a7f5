import net from 'node:net'
import tls from 'node:tls'

/** How a client speaks TLS, where that is not as the system has it. */
export interface Trust {
  /** Authorities in PEM, in place of the usual ones. */
  readonly ca?: string
  /** Whoever answers is believed. */
  readonly isBlind?: boolean
  /** What the client shows when it is asked who it is, in PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string }
  /** What the server is asked for (SNI), and its certificate held to, in place of the URL's host. */
  readonly serverName?: string
}

const USUAL: Trust = {}

/** One for all connections of a process: to make one takes longer than a handshake. */
const contexts = new WeakMap<Trust, tls.SecureContext>()

/** The peer, as far as TLS asks for it. */
export interface SecurePeer {
  readonly authority: string
  readonly trust?: Trust
}

/**
 * The options of a client's TLS, beside where it connects. An IP address is no name to ask for (RFC 6066,
 * section 3): the certificate is held to the address then, which `host` has without brackets.
 *
 * @throws the error of OpenSSL, where a text is no certificate or key
 */
export function secureOptions({ authority, trust = USUAL }: SecurePeer) {
  const host = authority.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  const name = trust.serverName ?? host
  const secureContext = contexts.get(trust) ?? tls.createSecureContext(contextOptions(trust))
  contexts.set(trust, secureContext)
  return {
    secureContext,
    rejectUnauthorized: trust.isBlind !== true,
    ...(net.isIP(name) === 0 ? { servername: name } : {}),
  }
}

function contextOptions({ ca, certificate }: Trust): tls.SecureContextOptions {
  return { ...(ca === undefined ? {} : { ca }), ...certificate }
}

/** What a socket has read and written on the wire; it grows. */
export interface Traffic {
  readonly bytesRead: number
  readonly bytesWritten: number
}

/**
 * The bytes of a socket with TLS's own among them: handshakes, and what is around each record. A TLS socket
 * that has connected itself tells of the plain text, and Node keeps the connection below it out of sight.
 */
export function trafficOf(socket: net.Socket): Traffic {
  if (!(socket instanceof tls.TLSSocket)) return socket
  const { _handle: wrap } = socket as { readonly _handle?: { readonly _parent?: Traffic } | null }
  const below = wrap?._parent
  if (below?.bytesRead !== undefined) return below
  throw new Error('this version of Node does not tell how many bytes TLS puts on the wire')
}
