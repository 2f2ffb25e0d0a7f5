/** The opening of the server's WebSockets, by bare requests. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { until } from '../transports/session.conformance.ts'
import type { ServerSetting } from '../transports/stage.conformance.ts'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'

async function started(context: TestContext, setting?: ServerSetting): Promise<TestServer> {
  const server = await startTestServer(setting)
  context.after(() => server.drain())
  return server
}

/** The answer to an upgrade request. */
async function upgrade(port: number, headers: Record<string, string>): Promise<[number, unknown]> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path: '/ws', headers })
    asked.on('error', reject)
    asked.on('response', (response) => {
      response.resume()
      resolve([response.statusCode ?? 0, response.headers['sec-websocket-version']])
    })
    asked.on('upgrade', (_, socket) => {
      socket.destroy()
      resolve([101, undefined])
    })
    asked.end()
  })
}

const KEY = { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' }
const UPGRADE = { Connection: 'Upgrade', Upgrade: 'websocket', ...KEY }

test('speaks version 13 and says so', async (context) => {
  const { port } = await started(context)
  for (const version of ['8', '12', '14', '13, 8', '']) {
    const answer = await upgrade(port, { ...UPGRADE, 'Sec-WebSocket-Version': version })
    assert.deepEqual(answer, [426, '13'], version)
  }
  assert.deepEqual(await upgrade(port, UPGRADE), [426, '13'])
  assert.deepEqual(await upgrade(port, { ...UPGRADE, 'Sec-WebSocket-Version': '13' }), [
    101,
    undefined,
  ])
})

test('400 for a handshake with a bad key', async (context) => {
  const { port } = await started(context)
  const headers = { ...UPGRADE, 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'short' }
  assert.deepEqual((await upgrade(port, headers))[0], 400)
})

test('takes its own origin and the allowed ones, refuses others with 403', async (context) => {
  const { port } = await started(context, { origins: ['https://app.example'] })
  for (const [origin, status] of [
    [`http://127.0.0.1:${port}`, 101],
    ['https://app.example', 101],
    ['https://evil.example', 403],
    ['null', 403],
  ] as const) {
    const headers = { ...UPGRADE, 'Sec-WebSocket-Version': '13', Origin: origin }
    assert.equal((await upgrade(port, headers))[0], status, origin)
  }
})

test('survives a peer that breaks the protocol', async (context) => {
  const server = await started(context)
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  const head = Object.entries({ ...UPGRADE, 'Sec-WebSocket-Version': '13' })
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: localhost\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  )
  await once(socket, 'data')
  // A frame that is not masked.
  socket.write(Buffer.from([0x81, 0x01, 0x61]))
  await once(socket.resume(), 'close')
  await until(async () => (await server.account('websocket')).held === 0, 'nothing is held')
})
