import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { marked, type RecordingSession, until } from '../session.conformance.ts'
import { listen, visit } from '../visit.conformance.ts'
import { WebSocketLibraryClient } from './library-client.ts'

/** What a ws server's sockets stand on. */
const sockets = new WeakMap<WebSocket, Socket>()

/** A client at a ws server that treats the first connection by the first function, and so on. */
async function peer(
  context: TestContext,
  ...treatments: readonly ((webSocket: WebSocket) => void)[]
): Promise<[RecordingSession, readonly Record<string, unknown>[]]> {
  const messages: Record<string, unknown>[] = []
  const server = await listen(context, (_, response) => response.writeHead(404).end())
  const upgrader = new WebSocketServer({ server, path: '/base/ws', perMessageDeflate: true })
  let connections = 0
  upgrader.on('connection', (webSocket, request) => {
    sockets.set(webSocket, request.socket)
    const treat = treatments[Math.min(connections++, treatments.length - 1)]
    webSocket.on('message', (data: RawData) => {
      messages.push(JSON.parse(data.toString()))
      treat?.(webSocket)
    })
  })
  context.after(() => {
    for (const webSocket of upgrader.clients) webSocket.terminate()
  })
  const session = visit(context, server, (target, it) => new WebSocketLibraryClient(target, it))
  return [session, messages]
}

function say(webSocket: WebSocket, message: object): void {
  webSocket.send(JSON.stringify(message))
}

function welcome(webSocket: WebSocket): void {
  say(webSocket, { type: 'subscribed', channel: 'news', lastEventId: 'i0' })
}

test('takes events and passes over what is none', async (context) => {
  const [session, messages] = await peer(context, (webSocket) => {
    welcome(webSocket)
    say(webSocket, { type: 'event', id: 'i1', channel: 'news', data: marked(1, 'é') })
    webSocket.send(Buffer.from([1, 2, 3]))
    webSocket.send('neither JSON')
    webSocket.send('null')
    say(webSocket, { type: 'event', id: 'i2', channel: 'news', data: marked(2) })
  })
  await until(() => session.sequences.length === 2, 'two events')
  assert.deepEqual(session.payloads, [marked(1, 'é'), marked(2)])
  assert.deepEqual(messages, [{ type: 'subscribe', channel: 'news' }])
  assert.deepEqual([session.subscriptions, session.cuts, session.gaps], [1, [], 0])
  assert.deepEqual(session.strangers, ['\x01\x02\x03', 'neither JSON', 'null'])
})

test('answers a ping', async (context) => {
  let pong: Promise<unknown[]> | null = null
  const [session] = await peer(context, (webSocket) => {
    welcome(webSocket)
    pong = once(webSocket, 'pong')
    webSocket.ping('payload')
  })
  await until(() => pong !== null, 'the ping')
  const [payload] = (await pong) ?? []
  assert.equal(String(payload), 'payload')
  assert.deepEqual(session.cuts, [])
})

test('resumes from the newest event after a close, and counts its code', async (context) => {
  const [session, messages] = await peer(
    context,
    (webSocket) => {
      welcome(webSocket)
      say(webSocket, { type: 'event', id: 'i7', channel: 'news', data: 'no mark' })
      webSocket.close(1012)
    },
    welcome,
  )
  await until(() => session.subscriptions === 2, 'the second subscription')
  assert.deepEqual(session.cuts, ['ws-close-1012'])
  assert.equal(messages[1]?.['lastEventId'], 'i7')
})

for (const [name, cause, treat] of [
  [
    'an error message',
    'ws-refused',
    (webSocket) => say(webSocket, { type: 'error', message: 'no' }),
  ],
  [
    'a compressed frame',
    'ws-compressed',
    (webSocket) => sockets.get(webSocket)?.write(Buffer.from('c10161', 'hex')),
  ],
  [
    'a message beyond the limit',
    'ws-message-too-large',
    (webSocket) => webSocket.send('x'.repeat(2 * 1024 * 1024)),
  ],
  [
    'an id that nobody could keep',
    'cursor-too-long',
    (webSocket) => {
      say(webSocket, { type: 'subscribed', lastEventId: 'x'.repeat(2_000) })
    },
  ],
] as readonly (readonly [string, string, (webSocket: WebSocket) => void])[]) {
  test(`leaves a server for ${name}`, async (context) => {
    const [session] = await peer(context, treat)
    await until(() => session.cuts.length > 0, 'the cut')
    assert.equal(session.cuts[0], cause)
  })
}
