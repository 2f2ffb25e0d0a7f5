/** A stream's connection, once HTTP has let go of it. */
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { span, until } from '../transports/session.conformance.ts'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'

const REQUEST = 'GET /sse?channel=a HTTP/1.1\r\nHost: localhost\r\n'

async function open(
  context: TestContext,
  headers = '',
): Promise<{ server: TestServer; socket: Socket; heard: () => string }> {
  const server = await startTestServer()
  context.after(() => server.drain())
  const socket = connect(server.port, '127.0.0.1')
  context.after(() => socket.destroy())
  let heard = ''
  socket
    .on('error', () => {})
    .on('data', (bytes: Buffer) => {
      heard += bytes.toString()
    })
  socket.write(`${REQUEST}${headers}\r\n`)
  await until(() => heard.includes('retry'), 'the opening')
  return { server, socket, heard: () => heard }
}

test('still streams, and counts as held', async (context) => {
  const { server, heard } = await open(context)
  await server.publish('a', 'one')
  await until(() => heard().includes('data: one'), 'the event')
  const { transports, openSockets } = await server.statistics()
  assert.equal(transports['sse']?.held, 1)
  assert(openSockets >= 1)
})

test('streams to a client that wants the connection closed afterwards', async (context) => {
  const { server, heard, socket } = await open(context, 'Connection: close\r\n')
  await server.publish('a', ...span(1, 3).map(String))
  await until(() => heard().includes('data: 3'), 'three events')
  assert.equal(socket.readableEnded, false)
})

for (const [kind, request] of [
  ['request', 'GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  [
    'upgrade',
    'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  ],
] as const) {
  test(`ends with a further ${kind}, whose answer would fall into the stream`, async (context) => {
    const { server, socket, heard } = await open(context)
    socket.write(request)
    await until(() => socket.destroyed, 'the end')
    assert.doesNotMatch(heard(), /ready|Switching/)
    const held = async () => (await server.statistics()).transports['sse']?.held
    await until(async () => (await held()) === 0, 'nothing held')
  })
}
