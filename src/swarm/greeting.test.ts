import assert from 'node:assert/strict'
import { constants } from 'node:crypto'
import { createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type TestContext, test } from 'node:test'
import tls, { type TlsOptions } from 'node:tls'
import { generate } from 'selfsigned'
import { RtbenchError } from '../error.ts'
import { transportNamed } from '../transports/registry.ts'
import type { Target } from '../transports/transport.ts'
import type { Trust } from '../wire/secure.ts'
import { greet } from './greeting.ts'

const SSE = transportNamed('sse')
const WEBSOCKET = transportNamed('websocket')
const DAY_MS = 86_400_000

/** A certificate for some names, its own authority; as long from now as the days say. */
async function certificate(names: readonly string[], untilDays = 1) {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'somebody' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 3 * DAY_MS),
    notAfterDate: new Date(Date.now() + untilDays * DAY_MS),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: names.map((name) =>
          /[:\d]$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name },
        ),
      },
    ],
  })
  return { cert, key }
}

const ITS = await certificate(['127.0.0.1', '::1'])
const EXPIRED = await certificate(['127.0.0.1'], -1)
const ANOTHER = await certificate(['push.example.org'])

async function listens(context: TestContext, server: Server, host = '127.0.0.1'): Promise<number> {
  server.on('tlsClientError', () => {})
  context.after(() => server.close())
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve)
  })
  return (server.address() as AddressInfo).port
}

function secure(context: TestContext, options: TlsOptions, host?: string): Promise<number> {
  const server = tls.createServer(options, (socket) => socket.on('error', () => {}))
  return listens(context, server, host)
}

function targetAt(port: number, trust: Trust = {}, host = '127.0.0.1'): Target {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return { host, port, secure: true, trust, authority, basePath: '', token: null }
}

/** What is said of a server that cannot be spoken to, in one line. */
async function refusalOf(target: Target, transport = SSE): Promise<string> {
  const error = await greet(target, transport).then(
    () => assert.fail('it was greeted'),
    (cause: unknown) => cause,
  )
  assert(error instanceof RtbenchError)
  assert.equal(error.code, 'cannot-run')
  assert.doesNotMatch(error.message, /\n/)
  return error.message
}

test('tells what handshakes take, whole and resumed', async (context) => {
  const port = await secure(context, ITS)
  const greeting = await greet(targetAt(port, { ca: ITS.cert }), SSE)
  assert(greeting !== null)
  assert.equal(greeting.protocol, 'TLSv1.3')
  assert((greeting.fullUs ?? 0) > 0 && (greeting.resumedUs ?? 0) > 0)
  // Without the certificate and what is signed by it.
  assert((greeting.resumedBytes ?? 0) + ITS.cert.length / 2 < (greeting.fullBytes ?? 0))
  assert.equal(await greet({ ...targetAt(port), secure: false }, SSE), null)
})

test('knows nothing of sessions where the server keeps none', async (context) => {
  const secureOptions = constants.SSL_OP_NO_TICKET
  const port = await secure(context, { ...ITS, maxVersion: 'TLSv1.2', secureOptions })
  const greeting = await greet(targetAt(port, { isBlind: true }), SSE)
  assert.equal(greeting?.protocol, 'TLSv1.2')
  assert((greeting?.fullUs ?? 0) > 0)
})

test('tells of a certificate that is not believed', async (context) => {
  const its = await secure(context, ITS)
  assert.match(
    await refusalOf(targetAt(its)),
    /authority that is not known here \(somebody\); trust it by --ca/,
  )
  assert.match(await refusalOf(targetAt(its, { ca: ANOTHER.cert })), /not known here/)
  const expired = await secure(context, EXPIRED)
  assert.match(await refusalOf(targetAt(expired, { ca: EXPIRED.cert })), /expired on .*; renew it/)
  const another = await secure(context, ANOTHER)
  assert.match(
    await refusalOf(targetAt(another, { ca: ANOTHER.cert })),
    /of another name \(DNS:push\.example\.org\); .*--server-name/,
  )
  const named = { ca: ANOTHER.cert, serverName: 'push.example.org' }
  assert(await greet(targetAt(another, named), SSE))
  for (const port of [its, expired, another]) {
    assert(await greet(targetAt(port, { isBlind: true }), SSE))
  }
})

test('holds a certificate to an IPv6 address, which has no brackets there', async (context) => {
  if (networkInterfaces()['lo']?.some(({ family }) => family === 'IPv6') !== true) {
    context.skip('no IPv6 on the loopback device')
    return
  }
  const port = await secure(context, ITS, '::1')
  assert(await greet(targetAt(port, { ca: ITS.cert }, '::1'), SSE))
})

test('tells of a client certificate that is asked for', async (context) => {
  const options = { ...ITS, ca: ANOTHER.cert, requestCert: true }
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const port = await secure(context, { ...options, maxVersion })
    const trust = { ca: ITS.cert }
    assert.match(await refusalOf(targetAt(port, trust)), /--client-cert/)
    assert.match(
      await refusalOf(targetAt(port, { ...trust, certificate: EXPIRED })),
      /does not take the certificate that clients show/,
    )
    assert(await greet(targetAt(port, { ...trust, certificate: ANOTHER }), SSE))
  }
})

test('tells of another protocol, another version and nobody', async (context) => {
  const plain = await listens(
    context,
    createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  )
  assert.match(await refusalOf(targetAt(plain)), /does not speak TLS at this port/)
  const old = { ...ITS, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' } as const
  const older = await secure(context, { ...old, ciphers: 'DEFAULT@SECLEVEL=0' })
  assert.match(await refusalOf(targetAt(older, { isBlind: true })), /no version of TLS/)
  const alpn = await secure(context, { ...ITS, ALPNProtocols: ['h2'] })
  assert.match(await refusalOf(targetAt(alpn, { isBlind: true })), /another protocol .*--http/)
  assert.match(await refusalOf(targetAt(1)), /no server answers at 127\.0\.0\.1:1 \(ECONNREFUSED\)/)
})

test('tells of what HTTP/2 does not carry', async (context) => {
  const server = createHttp2Server({ settings: { maxConcurrentStreams: 8 } })
  const port = await listens(context, server)
  const target = { ...targetAt(port), secure: false }
  assert.equal(await greet({ ...target, streams: 8 }, SSE), null)
  assert.match(
    await refusalOf({ ...target, streams: 9 }),
    /takes 8 streams on a connection; expected --streams-per-connection 8 or less/,
  )
  assert.match(
    await refusalOf({ ...target, streams: 1 }, WEBSOCKET),
    /offers no WebSocket over HTTP\/2 \(RFC 8441\)/,
  )
  const plain = await listens(
    context,
    createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  )
  const http1 = { ...targetAt(plain), secure: false, streams: 1 }
  assert.match(await refusalOf(http1), /does not speak HTTP\/2; expected --http 1/)
})
