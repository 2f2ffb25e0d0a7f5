import { Client } from 'undici'
import type { Target } from '../transports/transport.ts'
import { originOf } from '../wire/origin.ts'

/** Requests under way at once on the one connection. */
const PIPELINING = 1024
const KEEP_ALIVE_MS = 600_000
/** The same to somebody else's server: Node closes after five seconds, others later. */
const SHORT_KEEP_ALIVE_MS = 4_000
/** How long it may take to answer a publish. */
const ANSWER_MS = 10_000

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

/**
 * A connection to somebody else's server, for one request after the other. It is given up before
 * most servers would close it, since a request on its way meanwhile would be lost.
 */
export function patientClient(target: Target): Client {
  return new Client(originOf(target), {
    pipelining: 1,
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
    keepAliveTimeout: SHORT_KEEP_ALIVE_MS,
  })
}

/** Headers of every control request. */
export function controlHeaders(target: Target): Record<string, string> {
  const token = target.token === null ? {} : { authorization: `Bearer ${target.token}` }
  return { host: target.authority, ...token }
}
