/** An instance on several ports is one server. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { request } from 'undici'
import { WebSocket } from 'ws'
import { until } from '../transports/session.conformance.ts'
import { DEFAULT_SERVER_OPTIONS, startServer } from './reference-server.ts'

test('serves every port from one log, and drains all of them', async (context) => {
  const server = await startServer({ ...DEFAULT_SERVER_OPTIONS, morePorts: 2 })
  context.after(() => server.drain())
  assert.equal(new Set(server.ports).size, 3)
  assert.equal(server.ports[0], server.port)
  const heard = await Promise.all(
    server.ports.map(async (port) => {
      const webSocket = new WebSocket(`ws://127.0.0.1:${port}/ws`)
      await once(webSocket, 'open')
      webSocket.send(JSON.stringify({ type: 'subscribe', channel: 'a' }))
      await once(webSocket, 'message')
      return webSocket
    }),
  )
  const events = heard.map((webSocket) => once(webSocket, 'message'))
  const [, , last] = server.ports
  const body = JSON.stringify({ channel: 'a', data: 'one' })
  const published = await request(`http://127.0.0.1:${last}/publish`, { method: 'POST', body })
  assert.equal(published.statusCode, 202)
  await published.body.dump()
  for (const [message] of await Promise.all(events)) assert.match(String(message), /"one"/)
  const statistics = await request(`http://127.0.0.1:${last}/stats`)
  const { openSockets } = (await statistics.body.json()) as { openSockets: number }
  assert(openSockets >= 3)

  const closes = heard.map((webSocket) => once(webSocket, 'close'))
  await server.drain()
  for (const [code] of await Promise.all(closes)) assert.equal(code, 1001)
  for (const port of server.ports) {
    const [error] = await once(connect(port, '127.0.0.1'), 'error').then(
      ([first]: NodeJS.ErrnoException[]) => [first?.code],
    )
    assert.equal(error, 'ECONNREFUSED')
  }
})

test('drains a further port of those who do not answer a close', async (context) => {
  const server = await startServer({ ...DEFAULT_SERVER_OPTIONS, morePorts: 1 })
  context.after(() => server.drain())
  const socket = connect(server.ports[1] ?? 0, '127.0.0.1')
  context.after(() => socket.destroy())
  socket.write(
    'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  socket.on('error', () => {})
  await once(socket, 'data')
  let gone = false
  socket.once('close', () => {
    gone = true
  })
  socket.resume()
  await server.drain()
  await until(() => gone, 'the connection is gone')
})
