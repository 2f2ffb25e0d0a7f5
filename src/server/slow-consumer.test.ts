/** A client that does not read, beside one that does. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { transports } from '../transports/registry.ts'
import {
  marked,
  PACE,
  RecordingSession,
  span,
  TimerAlarms,
  until,
} from '../transports/session.conformance.ts'
import { encodeFrame, Opcode } from '../wire/websocket-encode.ts'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'

const LIMITS = { maxBufferedBytes: 256 * 1024 }
const DATA = 'x'.repeat(60 * 1024)

const UPGRADE =
  'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
const SUBSCRIBE = encodeFrame(Opcode.text, '{"type":"subscribe","channel":"news"}')

const STREAMS = [
  { name: 'sse', hello: ['GET /sse?channel=news HTTP/1.1\r\nHost: localhost\r\n\r\n'] },
  { name: 'websocket', hello: [UPGRADE, SUBSCRIBE] },
]

/** A connection that is greeted and then not read. */
async function deaf(
  context: TestContext,
  { port }: TestServer,
  hello: readonly (string | Buffer)[],
): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  context.after(() => socket.destroy())
  socket.on('error', () => {})
  for (const bytes of hello) {
    socket.write(bytes)
    await once(socket, 'data')
  }
  socket.pause()
  return socket
}

for (const { name, hello } of STREAMS) {
  test(`${name}: is closed and counted once, while others keep receiving`, async (context) => {
    const server = await startTestServer({ limits: LIMITS })
    context.after(() => server.drain())
    const alarms = new TimerAlarms()
    const session = new RecordingSession('news', PACE, alarms)
    const target = {
      host: '127.0.0.1',
      port: server.port,
      secure: false,
      authority: 'localhost',
      basePath: '',
      token: null,
    }
    const reader = transports.find((one) => one.name === name)?.open(target, session)
    assert(reader !== undefined)
    context.after(() => {
      reader.stop()
      alarms.stop()
    })
    reader.start()
    await until(() => session.subscriptions === 1, 'the reader')
    await deaf(context, server, hello)
    assert.equal((await server.account(name)).held, 2)

    let published = 0
    const closed = async (): Promise<boolean> => {
      // In batches, which find the closed connection still subscribed.
      const batch = span(published + 1, published + 8)
      published += 8
      await server.publish('news', ...batch.map((sequence) => marked(sequence, DATA)))
      return (await server.account(name)).held === 1
    }
    await until(closed, 'the deaf one is closed', 15_000)
    assert.equal((await server.account(name)).slowConsumers, 1)
    await until(() => session.sequences.length >= published, 'all events')
    assert.deepEqual(session.sequences, span(1, published))
    assert.deepEqual(session.cuts, [])
    // What the kernel's two buffers took, and what the server kept: no more.
    assert(published * DATA.length < 64 * 1024 * 1024, `${published} events were kept`)
  })
}

test('who only asks and never reads the answers is closed, too', async (context) => {
  const server = await startTestServer({ limits: LIMITS })
  context.after(() => server.drain())
  const socket = await deaf(context, server, [UPGRADE])
  const question = encodeFrame(Opcode.text, `{"type":"unsubscribe","channel":"${'x'.repeat(100)}"}`)
  const questions = Buffer.concat(span(1, 500).map(() => question))
  const closed = async (): Promise<boolean> => {
    if (!socket.destroyed && socket.writableLength < 1024 * 1024) socket.write(questions)
    return (await server.account('websocket')).held === 0
  }
  await until(closed, 'the end of it', 15_000)
  assert.equal((await server.account('websocket')).slowConsumers, 1)
})
