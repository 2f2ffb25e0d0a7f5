/** The client's side of the opening handshake and of the closing one (RFC 6455, 4.1 and 7). */
import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { acceptKey } from '../../wire/websocket-encode.ts'
import { marked, type RecordingSession, until } from '../session.conformance.ts'
import { listen, visit } from '../visit.conformance.ts'
import { WebSocketClient } from './client.ts'

/** A client at a server that does this with its upgrade requests. */
async function upgrading(
  context: TestContext,
  take: (socket: Duplex, headers: IncomingHttpHeaders) => void,
): Promise<RecordingSession> {
  const server = await listen(context, () => {})
  server.on('upgrade', ({ headers }, socket) => {
    context.after(() => socket.destroy())
    take(
      socket.on('error', () => {}),
      headers,
    )
  })
  return visit(context, server, (target, session) => new WebSocketClient(target, session))
}

function accepted(headers: IncomingHttpHeaders): string {
  const accept = acceptKey(headers['sec-websocket-key'] ?? '')
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
}

function textFrame(text: string): Buffer {
  return Buffer.concat([Buffer.of(0x81, text.length), Buffer.from(text)])
}

test('asks for version 13 with a key of 16 bytes, another one each time', async (context) => {
  const asked: IncomingHttpHeaders[] = []
  await upgrading(context, (socket, headers) => {
    asked.push(headers)
    socket.end('HTTP/1.1 503 Not Now\r\nContent-Length: 0\r\n\r\n')
  })
  await until(() => asked.length >= 4, 'four requests')
  const keys = asked.map((headers) => headers['sec-websocket-key'] ?? '')
  assert.equal(new Set(keys).size, keys.length)
  for (const [index, headers] of asked.entries()) {
    assert.equal(headers['sec-websocket-version'], '13')
    assert.equal(headers.upgrade, 'websocket')
    assert.equal(headers.connection, 'Upgrade')
    assert.match(headers.host ?? '', /^127\.0\.0\.1:\d+$/)
    assert.match(keys[index] ?? '', /^[A-Za-z0-9+/]{22}==$/)
    // What is not asked for may not be in the answer.
    assert.equal(headers['sec-websocket-extensions'], undefined)
    assert.equal(headers['sec-websocket-protocol'], undefined)
  }
})

test('reads frames that come in one packet with the handshake, cut anywhere', async (context) => {
  const frames = Buffer.concat([
    textFrame('{"type":"subscribed","lastEventId":"i0"}'),
    textFrame(`{"type":"event","id":"i1","data":"${marked(1)}"}`),
  ])
  let length = 1
  let number = 0
  const session = await upgrading(context, (socket, headers) => {
    const stream = Buffer.concat([Buffer.from(accepted(headers)), frames])
    length = stream.length
    const at = Math.min(length, 7 * number++)
    if (at > 0) socket.write(stream.subarray(0, at))
    setImmediate(() => socket.end(stream.subarray(at)))
  })
  await until(() => 7 * number > length + 14, 'every cut')
  assert.deepEqual(new Set(session.sequences), new Set([1]))
  assert(session.sequences.length > length / 7)
  assert.deepEqual(new Set(session.cuts), new Set(['closed']))
})

test('answers a close with its code, masked, then hangs up and says no more', async (context) => {
  const said: Buffer[] = []
  let ended = false
  const session = await upgrading(context, (socket, headers) => {
    if (said.length > 0) return
    socket.on('data', (bytes: Buffer) => said.push(bytes))
    socket.on('end', () => {
      ended = true
    })
    socket.write(accepted(headers))
    // Code 4000, then an event that nobody may take, and a ping that nobody may answer.
    socket.write(Buffer.from('88020fa0', 'hex'))
    socket.write(Buffer.concat([textFrame(marked(1)), Buffer.of(0x89, 0)]))
  })
  await until(() => ended, 'the end')
  assert.equal(session.cuts[0], 'ws-close-4000')
  assert.deepEqual(session.sequences, [])
  const frames = Buffer.concat(said)
  const close = frames.subarray(6 + ((frames[1] ?? 0) & 0x7f))
  assert.equal(close.length, 8)
  assert.equal(close.toString('hex', 0, 2), '8882')
  const code = close.readUInt16BE(6) ^ close.readUInt16BE(2)
  assert.equal(code, 4000)
})
