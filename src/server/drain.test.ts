/** What clients see of a server that goes down in order. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { WebSocket } from 'ws'
import { span, until } from '../transports/session.conformance.ts'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'

/** Connections are cut by force after 2 s. */
const ORDERLY_MS = 1_900

async function drained(server: TestServer): Promise<number> {
  const began = performance.now()
  await server.drain()
  return performance.now() - began
}

/** A request on a connection of its own, and what comes back. */
function ask(context: TestContext, { port }: TestServer, text: string): [Socket, () => string] {
  const socket = connect(port, '127.0.0.1')
  context.after(() => socket.destroy())
  let answer = ''
  socket.setEncoding('latin1').on('error', () => {})
  socket.on('data', (data: string) => {
    answer += data
  })
  socket.write(text)
  return [socket, () => answer]
}

async function cursor(server: TestServer): Promise<string> {
  const answer = await fetch(`${server.origin}/poll?channel=a`, {
    headers: { connection: 'close' },
  })
  return ((await answer.json()) as { lastEventId: string }).lastEventId
}

test('answers held polls', async (context) => {
  const server = await startTestServer()
  const id = await cursor(server)
  const polls = span(1, 5).map(() =>
    ask(
      context,
      server,
      `GET /long-poll?channel=a&lastEventId=${id} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    ),
  )
  await until(async () => (await server.account('long-poll')).held === 5, 'five are held')
  assert((await drained(server)) < ORDERLY_MS)
  for (const [socket, answer] of polls) {
    await until(() => socket.readableEnded, 'the end')
    assert.match(answer(), /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(answer(), /\r\nConnection: close\r\n/)
    assert(answer().endsWith(`{"events":[],"lastEventId":"${id}"}`))
  }
})

test('ends streams by a last chunk', async (context) => {
  const server = await startTestServer()
  const [socket, answer] = ask(
    context,
    server,
    'GET /sse?channel=a HTTP/1.1\r\nHost: localhost\r\n\r\n',
  )
  await until(() => answer().includes('retry'), 'the opening')
  assert((await drained(server)) < ORDERLY_MS)
  await until(() => socket.readableEnded, 'the end')
  assert(answer().endsWith('\r\n0\r\n\r\n'))
})

test('closes WebSockets with 1001', async () => {
  const server = await startTestServer()
  const webSockets = span(1, 3).map(() => new WebSocket(`ws://127.0.0.1:${server.port}/ws`))
  await Promise.all(webSockets.map((webSocket) => once(webSocket, 'open')))
  const closes = webSockets.map((webSocket) => once(webSocket, 'close'))
  assert((await drained(server)) < ORDERLY_MS)
  for (const [code] of await Promise.all(closes)) assert.equal(code, 1001)
})

test('closes idle connections, takes no new ones, and drains once', async (context) => {
  const server = await startTestServer()
  const [idle, answer] = ask(context, server, 'GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await until(() => answer().includes('{"ready":true}'), 'the answer')
  const [silent] = ask(context, server, '')
  await until(async () => (await server.statistics()).openSockets === 3, 'three sockets')
  assert((await drained(server)) < ORDERLY_MS)
  await until(() => idle.destroyed && silent.destroyed, 'the close')
  const [late] = await once(connect(server.port, '127.0.0.1'), 'error').then(
    ([error]: NodeJS.ErrnoException[]) => [error?.code],
  )
  assert.equal(late, 'ECONNREFUSED')
  assert((await drained(server)) < ORDERLY_MS)
})

test('holds nothing that is asked while it drains', async (context) => {
  const server = await startTestServer()
  const id = await cursor(server)
  const asked = ['/sse?channel=a', `/long-poll?channel=a&lastEventId=${id}`].map((path) =>
    ask(context, server, `GET ${path} HTTP/1.1\r\n`),
  )
  const before = (await server.statistics()).openSockets
  assert(before >= 3)
  const draining = drained(server)
  for (const [socket] of asked) socket.write('Host: localhost\r\n\r\n')
  assert((await draining) < ORDERLY_MS)
  for (const [socket, answer] of asked) {
    await until(() => socket.destroyed, 'the end')
    assert.match(answer(), /^HTTP\/1\.1 503 /)
  }
})

test('cuts who does not hang up', async (context) => {
  const server = await startTestServer()
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
  context.after(() => socket.destroy())
  socket.on('error', () => {})
  socket.write('GET /sse?channel=a HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'data')
  // Reads no more, and answers no close.
  socket.pause()
  const took = await drained(server)
  assert(took > 1_500 && took < 4_000, `${took} ms`)
})
