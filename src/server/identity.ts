/** As whom a server speaks TLS: texts in PEM. */
import { randomBytes } from 'node:crypto'
import type { TlsOptions } from 'node:tls'

export interface Identity {
  /** With those of authorities in between, if any. */
  readonly cert: string
  readonly key: string
  /** What instances share, in base64, so that a client goes on at another one with the session of the first. */
  readonly ticketKeys: string
}

/** Tickets are sealed by three keys, 48 bytes in all. */
const TICKET_KEY_BYTES = 48

export function identityOf(cert: string, key: string): Identity {
  return { cert, key, ticketKeys: randomBytes(TICKET_KEY_BYTES).toString('base64') }
}

const DAY_MS = 86_400_000
/** Clocks differ. */
const BEFORE_MS = 3_600_000

/**
 * An identity of a day for this host's loopback names and addresses, and others that are given. Whoever takes the
 * certificate itself for an authority trusts it.
 */
export async function ownIdentity(host = 'localhost'): Promise<Identity> {
  const { generate } = await import('selfsigned')
  const { isIP } = await import('node:net')
  const now = Date.now()
  const names = new Set(['localhost', '127.0.0.1', '::1', host])
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'rtbench' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - BEFORE_MS),
    notAfterDate: new Date(now + DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [...names].map((name) =>
          isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name },
        ),
      },
    ],
  })
  return identityOf(cert, key)
}

/** @throws the error of OpenSSL, where a text is no certificate or key, or the key another one's */
export function identityOptions(
  { cert, key, ticketKeys }: Identity,
  speaksHttp2: boolean,
): TlsOptions {
  return {
    ...{ cert, key },
    ticketKeys: Buffer.from(ticketKeys, 'base64'),
    ALPNProtocols: [...(speaksHttp2 ? ['h2'] : []), 'http/1.1'],
  }
}
