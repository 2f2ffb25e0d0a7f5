import { Client } from 'undici'
import type { Target } from '../transports/transport.ts'
import { originOf } from '../wire/socket.ts'

/** Requests under way at once on the one connection. */
const PIPELINING = 1024
const KEEP_ALIVE_MS = 600_000

/**
 * A connection to the server's control plane. Requests keep their order, and none waits for the
 * answer to the one before.
 */
export function controlClient(target: Target): Client {
  return new Client(originOf(target), {
    pipelining: PIPELINING,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
  })
}

/** Headers of every control request. */
export function controlHeaders(target: Target): Record<string, string> {
  const token = target.token === null ? {} : { authorization: `Bearer ${target.token}` }
  return { host: target.authority, ...token }
}
