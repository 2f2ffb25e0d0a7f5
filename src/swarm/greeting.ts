/**
 * The first connections of a run, where it is not plain HTTP/1.1: whether the server is trusted and speaks what is asked
 * for, and what a handshake takes.
 */
import type { Settings } from 'node:http2'
import tls, { type PeerCertificate } from 'node:tls'
import { RtbenchError } from '../error.ts'
import { NS_PER_US, nowNs } from '../measure/clock.ts'
import { oneLine } from '../result/cause.ts'
import type { Run } from '../result/document.ts'
import { writeDuration } from '../scenario/units.ts'
import type { Target, Transport } from '../transports/transport.ts'
import { secureOptions, trafficOf } from '../wire/secure.ts'
import { originOf } from '../wire/socket.ts'
import { unanswered } from './server-presence.ts'

/** What handshakes take one after the other, with nothing else under way. */
export type Greeting = Omit<NonNullable<Run['connect']['tls']>, 'full' | 'resumed'>

/** Of each kind: enough for a median. */
const ROUNDS = 9
const PATIENCE_MS = 3_000
/** How long after its handshake a server may still say that it wants a client's certificate (RFC 8446, section 4.4.2.4). */
const SECOND_THOUGHTS_MS = 250

interface Handshake {
  readonly us: number
  /** Both ways, up to the ticket. */
  readonly bytes: number
  readonly protocol: string
  readonly cipher: string
  readonly isResumed: boolean
  /** What the next one goes on with; null where the server gives nothing. */
  readonly ticket: Buffer | null
}

/**
 * Finds out whether a server can be spoken to, before any client connects.
 * @returns what handshakes take; null without TLS
 * @throws RtbenchError `cannot-run`: why it cannot, in a line
 */
export async function greet(target: Target, transport: Transport): Promise<Greeting | null> {
  const greeting = target.secure ? await greetSecure(target) : null
  if (target.streams !== undefined) await greetHttp2(target, target.streams, transport)
  return greeting
}

/** What a server offers on a connection of HTTP/2 must carry as many clients as are to share one. */
async function greetHttp2(target: Target, streams: number, transport: Transport): Promise<void> {
  const { connect } = await import('node:http2')
  const settings = await new Promise<Settings>((resolve, reject) => {
    const session = connect(originOf(target), target.secure ? secureOptions(target) : {})
    const patience = setTimeout(() => session.destroy(new Error('silent')), PATIENCE_MS)
    session.once('remoteSettings', (offered) => {
      clearTimeout(patience)
      session.destroy()
      resolve(offered)
    })
    session.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(patience)
      if (error.syscall === 'connect')
        reject(unanswered(addressOf(target), error.code ?? '', error))
      else
        reject(refusal(target, 'does not speak HTTP/2; expected --http 1, or another port', error))
    })
  })
  const { maxConcurrentStreams = Number.POSITIVE_INFINITY, enableConnectProtocol } = settings
  if (maxConcurrentStreams < streams) {
    const why = `takes ${maxConcurrentStreams} streams on a connection; expected --streams-per-connection ${maxConcurrentStreams} or less`
    throw refusal(target, why)
  }
  if (transport.traits.needsUpgrade && enableConnectProtocol !== true) {
    const why = `offers no ${transport.label} over HTTP/2 (RFC 8441); expected --http 1, or another --transport`
    throw refusal(target, why)
  }
}

/**
 * Shakes hands with a server, one connection after the other: whole handshakes, and such that go on with the session
 * of the one before, as the server allows.
 */
async function greetSecure(target: Target): Promise<Greeting> {
  const full: Handshake[] = []
  const resumed: Handshake[] = []
  const first = await shakeHands(target, null)
  for (let round = 0; round < ROUNDS; round++) {
    const whole = await shakeHands(target, null)
    full.push(whole)
    if (whole.ticket === null) continue
    const next = await shakeHands(target, whole.ticket)
    if (next.isResumed) resumed.push(next)
  }
  return {
    protocol: first.protocol,
    cipher: first.cipher,
    fullUs: median(full.map(({ us }) => us)),
    fullBytes: median(full.map(({ bytes }) => bytes)),
    resumedUs: median(resumed.map(({ us }) => us)),
    resumedBytes: median(resumed.map(({ bytes }) => bytes)),
  }
}

function median(values: readonly number[]): number | null {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? null
}

function shakeHands(target: Target, session: Buffer | null): Promise<Handshake> {
  const { host, port } = target
  return new Promise((resolve, reject) => {
    let beganNs: number | null = null
    let tookNs: number | null = null
    let ticket: Buffer | null = null
    const socket = tls.connect({
      ...{ host, port, ALPNProtocols: [target.streams === undefined ? 'http/1.1' : 'h2'] },
      ...secureOptions(target),
      // What is wrong with a certificate can be told as long as the connection stands.
      rejectUnauthorized: false,
      ...(session === null ? {} : { session }),
    })
    const traffic = trafficOf(socket)
    // With TLS 1.3 a certificate is refused after the handshake, as the client sees it.
    const showsOne = target.trust?.certificate !== undefined
    const patience = setTimeout(
      () => socket.destroy(new Error(`nothing came within ${writeDuration(PATIENCE_MS)}`)),
      PATIENCE_MS,
    )
    let isDone = false
    const finish = (): void => {
      if (tookNs === null || isDone) return
      isDone = true
      clearTimeout(patience)
      const told = {
        us: tookNs / NS_PER_US,
        bytes: traffic.bytesRead + traffic.bytesWritten,
        protocol: socket.getProtocol() ?? '',
        cipher: socket.getCipher().name,
        isResumed: socket.isSessionReused(),
        ticket,
      }
      socket.destroy()
      resolve(told)
    }
    const fail = (error: Error): void => {
      isDone = true
      clearTimeout(patience)
      socket.destroy()
      reject(error)
    }
    socket.once('connect', () => {
      beganNs = nowNs()
    })
    socket.once('secureConnect', () => {
      tookNs = nowNs() - (beganNs ?? 0)
      if (!socket.authorized && target.trust?.isBlind !== true && session === null) {
        const why = mistrust(String(socket.authorizationError), socket.getPeerCertificate())
        fail(refusal(target, why))
        return
      }
      // It has said all that it has to say when its ticket is there.
      if (!showsOne && (ticket !== null || socket.isSessionReused())) setImmediate(finish)
      else setTimeout(finish, SECOND_THOUGHTS_MS)
    })
    socket.on('session', (given) => {
      ticket = given
      if (tookNs !== null && !showsOne) setImmediate(finish)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.message
      if (beganNs === null) fail(unanswered(addressOf(target), code, error))
      else fail(refusal(target, refused(code, showsOne), error))
    })
    socket.once('close', () => {
      if (!isDone) fail(refusal(target, refused('ECONNRESET', showsOne)))
    })
    socket.resume()
  })
}

const TRUST_IT = 'trust it by --ca FILE, or take any by --insecure'
const OTHER_VERSION = 'speaks no version of TLS that is spoken here (1.2 and 1.3)'
const NO_TLS = 'does not speak TLS at this port; expected http://, or another port'
const SHOW_ONE =
  'wants a certificate of its clients; show one by --client-cert FILE --client-key FILE'
const NOT_TAKEN =
  'does not take the certificate that clients show; expected another --client-cert and --client-key'
const NO_COMMON =
  'speaks another protocol than asked for inside TLS (ALPN); expected another --http'

function addressOf({ authority, basePath }: Target): string {
  return `${authority}${basePath}`
}

function refusal(target: Target, why: string, cause?: unknown): RtbenchError {
  return new RtbenchError('cannot-run', `${addressOf(target)} ${oneLine(why)}`, cause)
}

/** Why a certificate is not believed: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function mistrust(code: string, { issuer, valid_from, valid_to, subjectaltname }: PeerCertificate) {
  const { CN, O } = issuer
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `shows a certificate that expired on ${valid_to}; renew it, or take any by --insecure`
    case 'CERT_NOT_YET_VALID':
      return `shows a certificate that is valid from ${valid_from} on; look at both clocks, or take any by --insecure`
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `shows a certificate of another name (${subjectaltname ?? 'none'}); expected such a one in the url, or by --server-name`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `shows a certificate of an authority that is not known here (${CN ?? O ?? 'without a name'}); ${TRUST_IT}`
    default:
      return `shows a certificate that is not believed (${code}); ${TRUST_IT}`
  }
}

/** Why there was no handshake, by the codes of OpenSSL and of the system. */
function refused(code: string, showsOne: boolean): string {
  switch (code) {
    case 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION':
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
      return OTHER_VERSION
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return NO_TLS
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED':
      return showsOne ? NOT_TAKEN : SHOW_ONE
    case 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE':
      return `${showsOne ? NOT_TAKEN : SHOW_ONE}, or has no cipher in common with this machine`
    case 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL':
      return NO_COMMON
    case 'ECONNRESET':
    case 'EPIPE':
      return showsOne
        ? `closes the connection in the TLS handshake, and perhaps ${NOT_TAKEN}`
        : 'closes the connection in the TLS handshake; look at its log'
    default:
      return `cannot be spoken to over TLS (${code}); look at its log`
  }
}
