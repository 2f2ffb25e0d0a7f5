/** What a client makes of a server that means it harm, and that nobody else feels it. */
import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { marked, span, until } from './session.conformance.ts'
import { reached, Stage, type StartServer } from './stage.conformance.ts'
import type { Transport } from './transport.ts'

/** What a hostile server does with a connection, once it has been asked. */
export type Harm = (socket: Socket) => void

const MIB = 1024 * 1024
/** What a client may have read when it leaves, and what this process may hold; 10 GB are sent. */
const MAX_READ_BYTES = 32 * MIB
const MAX_HELD_BYTES = 64 * MIB

const OK = 'HTTP/1.1 200 OK\r\n'
const STREAM = `${OK}Content-Type: text/event-stream\r\n`
const CHUNKED = `${STREAM}Transfer-Encoding: chunked\r\n\r\n`

/** A body is too large, or a line of an event stream; who wanted an upgrade reads none. */
const BODY = /^(http-body-too-large|sse-line-too-long|http-200)$/

const HARMS: readonly (readonly [name: string, harm: Harm, cause: RegExp])[] = [
  ['sends fields without end', endless(OK, 'A: b\r\n'), /^http-head-too-large$/],
  ['sends a field without end', endless(`${OK}A: `, 'x'), /^http-head-too-large$/],
  ['sends a reason without end', endless('HTTP/1.1 200 ', 'x'), /^http-head-too-large$/],
  [
    'sends interim responses without end',
    endless('', 'HTTP/1.1 100 Continue\r\n\r\n'),
    /^http-head-too-large$/,
  ],
  ['sends empty lines without end', endless('', '\r\n'), /^http-head-too-large$/],
  ['sends 10 GB', endless(`${STREAM}Content-Length: 10737418240\r\n\r\n`, 'x'), BODY],
  ['sends a body without end', endless(`${STREAM}\r\n`, 'x'), BODY],
  ['sends a chunk without end', endless(`${CHUNKED}1fffffffffffff\r\n`, 'x'), BODY],
  ['sends chunks without end', endless(CHUNKED, `400\r\n${'x'.repeat(1024)}\r\n`), BODY],
  [
    'announces a chunk of FFFFFFFFFFFFFFFF bytes',
    endless(`${CHUNKED}FFFFFFFFFFFFFFFF\r\n`, 'x'),
    /^http-(syntax|200)$/,
  ],
  [
    'sends an extension of a chunk without end',
    endless(`${CHUNKED}1;`, 'x'),
    /^http-(head-too-large|200)$/,
  ],
  [
    'redirects to itself',
    (socket) => socket.write('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n'),
    /^http-302$/,
  ],
  ['resets when asked', (socket) => socket.resetAndDestroy(), /^ECONNRESET$/],
]

export function hostileConformance(transport: Transport, start: StartServer): void {
  for (const [name, harm, cause] of HARMS) {
    test(`leaves a server that ${name}, and costs nobody else`, async (context) => {
      const stage = await Stage.open(context, transport, start)
      const neighbour = await stage.joined()
      const port = await hostileServer(context, (socket) => socket.once('data', () => harm(socket)))
      const before = process.memoryUsage().arrayBuffers
      const [session, client] = stage.join('news', { port })
      await until(() => session.cuts.length > 0, 'the cut')
      assert.match(session.cuts[0] ?? '', cause)
      assert(
        session.reader.bytesReceived < MAX_READ_BYTES,
        `${session.reader.bytesReceived} bytes read`,
      )
      const held = process.memoryUsage().arrayBuffers - before
      assert(held < MAX_HELD_BYTES, `${held} bytes held`)
      assert.deepEqual(session.sequences, [])

      for (const sequence of span(1, 3)) await stage.server.publish('news', marked(sequence))
      await reached(neighbour, 3)
      assert.deepEqual([neighbour.sequences, neighbour.cuts], [span(1, 3), []])
      client.stop()
      assert.equal(session.reader.openSockets, 0)
    })
  }

  test('leaves a server that resets in the handshake of TCP', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const port = await hostileServer(context, (socket) => socket.resetAndDestroy())
    const [session] = stage.join('news', { port })
    await until(() => session.cuts.length >= 3, 'three cuts')
    for (const cut of session.cuts) assert.match(cut, /^(ECONNRESET|EPIPE|closed)$/)
    assert.deepEqual([session.subscriptions, session.answers], [0, []])
  })
}

/** A server of bare sockets on a free port, gone after the test. */
async function hostileServer(context: TestContext, take: Harm): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)))
    take(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  context.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  assert(typeof address === 'object' && address !== null)
  return address.port
}

/** Sends what comes first, then the piece again and again for as long as it is read. */
export function endless(first: string | Buffer, piece: string | Buffer): Harm {
  const once = Buffer.from(piece as string)
  const pieces = Buffer.concat(Array(Math.ceil((64 * 1024) / once.length)).fill(once))
  return (socket) => {
    const send = (): void => {
      while (!socket.destroyed && socket.write(pieces)) {}
    }
    socket.on('drain', send).resume().write(first)
    send()
  }
}
