/** Frames that mean harm; what any HTTP server can do is in hostile.conformance.ts. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { acceptKey } from '../../wire/websocket-encode.ts'
import { endless } from '../hostile.conformance.ts'
import { type RecordingSession, until } from '../session.conformance.ts'
import { listen, visit } from '../visit.conformance.ts'
import { WebSocketClient } from './client.ts'

const MIB = 1024 * 1024
const SUBSCRIBED = '{"type":"subscribed"}'

function hex(bytes: string): Buffer {
  return Buffer.from(bytes, 'hex')
}

/** A client at a server that takes its handshake, and then does this. */
async function upgraded(
  context: TestContext,
  harm: (socket: Socket) => void,
): Promise<RecordingSession> {
  const server = await listen(context, () => {})
  server.on('upgrade', ({ headers }, stream) => {
    const socket = (stream as Socket).on('error', () => {})
    context.after(() => socket.destroy())
    const key = acceptKey(headers['sec-websocket-key'] ?? '')
    socket.write(
      `HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
    )
    harm(socket)
  })
  return visit(context, server, (target, session) => new WebSocketClient(target, session))
}

for (const [name, harm, cause] of [
  ['a masked frame', (socket) => socket.write(hex('81810000000061')), 'ws-protocol'],
  ['a length of 2^63', (socket) => socket.write(hex('827f8000000000000000')), 'ws-protocol'],
  [
    'a length of 2^53',
    (socket) => socket.write(hex('827f0020000000000000')),
    'ws-message-too-large',
  ],
  ['10 GB', endless(hex('827f0000000280000000'), 'x'), 'ws-message-too-large'],
  ['fragments without end', endless(hex('010161'), hex('000161')), 'ws-message-too-large'],
  ['empty fragments without end', endless(hex('0100'), hex('0000')), 'ws-message-too-large'],
  ['a compressed frame', (socket) => socket.write(hex('c10161')), 'ws-compressed'],
  ['a reserved bit', (socket) => socket.write(hex('a10161')), 'ws-protocol'],
  ['text that is no UTF-8', (socket) => socket.write(hex('8101ff')), 'ws-utf8'],
  ['a close with 1006', (socket) => socket.write(hex('880203ee')), 'ws-protocol'],
] as const satisfies [string, (socket: Socket) => unknown, string][]) {
  test(`leaves a server that sends ${name}`, async (context) => {
    const before = process.memoryUsage().arrayBuffers
    const session = await upgraded(context, harm)
    await until(() => session.cuts.length > 0, 'the cut')
    assert.equal(session.cuts[0], cause)
    assert.equal(session.subscriptions, 0)
    assert(session.reader.bytesReceived < 16 * MIB, `${session.reader.bytesReceived} bytes read`)
    const held = process.memoryUsage().arrayBuffers - before
    assert(held < 32 * MIB, `${held} bytes held`)
  })
}

test('leaves a server that floods it with pings and reads no pong', async (context) => {
  const text = Buffer.concat([Buffer.of(0x81, SUBSCRIBED.length), Buffer.from(SUBSCRIBED)])
  const ping = Buffer.concat([Buffer.of(0x89, 125), Buffer.alloc(125, 'p')])
  const session = await upgraded(context, (socket) => {
    endless(text, ping)(socket)
    socket.pause()
  })
  await until(() => session.cuts.length > 0, 'the cut')
  assert.equal(session.subscriptions, 1)
  assert.equal(session.cuts[0], 'send-buffer-full')
  // What the kernel's buffers took of the pongs, and little more.
  assert(session.reader.bytesSent < 64 * MIB, `${session.reader.bytesSent} bytes sent`)
})
