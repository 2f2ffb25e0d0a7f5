import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { EndpointDescription } from '../../scenario/target.ts'
import { acceptKey } from '../../wire/websocket-encode.ts'
import { marked, type RecordingSession, span, until } from '../session.conformance.ts'
import { listen, visit } from '../visit.conformance.ts'
import { WebSocketClient } from './client.ts'

/** A client at a ws server that treats the first connection by the first function, and so on. */
async function peer(
  context: TestContext,
  ...treatments: readonly ((webSocket: WebSocket) => void)[]
): Promise<[RecordingSession, readonly Record<string, unknown>[]]> {
  const messages: Record<string, unknown>[] = []
  const server = await listen(context, (_, response) => response.writeHead(404).end())
  const upgrader = new WebSocketServer({ server, path: '/base/ws', perMessageDeflate: true })
  let connections = 0
  upgrader.on('connection', (webSocket) => {
    const treat = treatments[Math.min(connections++, treatments.length - 1)]
    webSocket.on('message', (data: RawData) => {
      messages.push(JSON.parse(data.toString()))
      treat?.(webSocket)
    })
  })
  context.after(() => {
    for (const webSocket of upgrader.clients) webSocket.terminate()
  })
  const session = visit(context, server, (target, it) => new WebSocketClient(target, it))
  return [session, messages]
}

function say(webSocket: WebSocket, message: object): void {
  webSocket.send(JSON.stringify(message))
}

function welcome(webSocket: WebSocket): void {
  say(webSocket, { type: 'subscribed', channel: 'news', lastEventId: 'i0' })
}

test('subscribes and takes events, in frames and in fragments', async (context) => {
  const [session, messages] = await peer(context, (webSocket) => {
    welcome(webSocket)
    say(webSocket, { type: 'event', id: 'i1', channel: 'news', data: marked(1) })
    const text = JSON.stringify({ type: 'event', id: 'i2', channel: 'news', data: marked(2, 'é') })
    for (const at of span(0, text.length - 1)) {
      webSocket.send(text.charAt(at), { fin: at === text.length - 1 })
      if (at % 16 === 0) webSocket.ping(`${at}`)
    }
    webSocket.send(Buffer.from([1, 2, 3]))
    webSocket.send('neither JSON')
    webSocket.send('null')
    say(webSocket, { type: 'event', id: 'i3', channel: 'news', data: marked(3) })
  })
  await until(() => session.sequences.length === 3, 'three events')
  assert.deepEqual(session.sequences, span(1, 3))
  assert.deepEqual(session.payloads[1], marked(2, 'é'))
  assert.deepEqual(messages, [{ type: 'subscribe', channel: 'news' }])
  assert.deepEqual([session.subscriptions, session.cuts, session.gaps], [1, [], 0])
  assert.deepEqual(session.strangers, ['\x01\x02\x03', 'neither JSON', 'null'])
})

test('counts one event in a message that has its text twice, as one or as another client’s', async (context) => {
  const [session] = await peer(context, (webSocket) => {
    welcome(webSocket)
    for (const sequence of [1, 2, 2]) {
      const data = marked(sequence)
      say(webSocket, { type: 'event', id: 'i', channel: 'news', data, html: `<p>${data}</p>` })
    }
    say(webSocket, { type: 'event', id: 'i', channel: 'news', data: marked(3) })
  })
  await until(() => session.sequences.at(-1) === 3, 'the last event')
  assert.deepEqual(session.sequences, [1, 2, 2, 3])
})

test('answers a ping with its payload', async (context) => {
  let pong: Promise<unknown[]> | null = null
  const [session] = await peer(context, (webSocket) => {
    welcome(webSocket)
    pong = once(webSocket, 'pong')
    webSocket.ping('payload žž')
  })
  await until(() => pong !== null, 'the ping')
  const [payload] = (await pong) ?? []
  assert.equal(String(payload), 'payload žž')
  assert.deepEqual(session.cuts, [])
})

test('resumes from the newest event, marked or not', async (context) => {
  const [session, messages] = await peer(
    context,
    (webSocket) => {
      welcome(webSocket)
      webSocket.close(1012)
    },
    (webSocket) => {
      welcome(webSocket)
      say(webSocket, { type: 'event', id: 'i1', channel: 'news', data: marked(1) })
      webSocket.terminate()
    },
    (webSocket) => {
      say(webSocket, { type: 'subscribed', channel: 'news', lastEventId: 'i1', gap: true })
      say(webSocket, { type: 'event', id: 'i2', channel: 'news', data: 'no mark' })
      webSocket.close(1000, 'enough')
    },
    welcome,
  )
  await until(() => session.subscriptions === 4, 'four subscriptions')
  assert.deepEqual(
    messages.map(({ lastEventId }) => lastEventId),
    [undefined, 'i0', 'i1', 'i2'],
  )
  assert.equal(session.gaps, 1)
  assert.deepEqual(
    session.strangers.map((text) => (JSON.parse(text) as { data: unknown }).data),
    ['no mark'],
  )
  assert.deepEqual(session.cuts, ['ws-close-1012', 'closed', 'ws-close-1000'])
})

for (const [code, cause] of [
  [undefined, 'ws-close-1005'],
  [1001, 'ws-close-1001'],
  [1011, 'ws-close-1011'],
  [4999, 'ws-close-4999'],
] as const) {
  test(`answers a close with ${code ?? 'no code'}`, async (context) => {
    let answered: Promise<unknown[]> | null = null
    const [session] = await peer(context, (webSocket) => {
      answered ??= once(webSocket, 'close')
      webSocket.close(code)
    })
    await until(() => session.cuts.length > 0, 'the cut')
    assert.equal(session.cuts[0], cause)
    const [seen] = (await answered) ?? []
    assert.equal(seen, code ?? 1000)
  })
}

test('a refusal is a cut', async (context) => {
  const [session] = await peer(context, (webSocket) => {
    say(webSocket, { type: 'error', message: 'no such channel' })
  })
  await until(() => session.cuts.length > 0, 'the cut')
  assert.equal(session.cuts[0], 'ws-refused')
  assert.equal(session.subscriptions, 0)
})

test('a subscription that is never confirmed times out', async (context) => {
  const server = await listen(context, (_, response) => response.end())
  const upgrader = new WebSocketServer({ server })
  context.after(() => {
    for (const webSocket of upgrader.clients) webSocket.terminate()
  })
  const pace = { timeoutMs: 60 }
  const session = visit(context, server, (target, it) => new WebSocketClient(target, it), pace)
  await until(() => session.cuts.length > 0, 'the cut')
  assert.equal(session.cuts[0], 'timeout')
})

/** A 101 that is right but for what is put in or left out. */
function accepting(key: string, lines: readonly string[]): string {
  const accept = `Sec-WebSocket-Accept: ${acceptKey(key)}`
  return `${['HTTP/1.1 101 Switching Protocols', accept, ...lines].join('\r\n')}\r\n\r\n`
}

const RIGHT = ['upgrade: WebSocket', 'connection: keep-alive, upgrade']

for (const [name, lines, accepted] of [
  ['all that is needed', RIGHT, true],
  ['no Upgrade', RIGHT.slice(1), false],
  ['no Connection', RIGHT.slice(0, 1), false],
  ['another protocol', ['Upgrade: h2c', 'Connection: Upgrade'], false],
  ['a connection that stays', ['Upgrade: websocket', 'Connection: upgrades'], false],
  ['an extension', [...RIGHT, 'Sec-WebSocket-Extensions: permessage-deflate'], false],
  ['a subprotocol', [...RIGHT, 'Sec-WebSocket-Protocol: chat'], false],
] as const) {
  test(`a handshake answered with ${name} is ${accepted ? 'taken' : 'refused'}`, async (context) => {
    const server = await listen(context, () => {})
    server.on('upgrade', ({ headers }, socket) => {
      context.after(() => socket.destroy())
      socket.write(accepting(headers['sec-websocket-key'] ?? '', lines))
    })
    const session = visit(context, server, (target, it) => new WebSocketClient(target, it))
    await until(() => session.cuts.length + session.answers.length > 0, 'what comes of it')
    assert.equal(session.cuts[0], accepted ? undefined : 'ws-handshake')
  })
}

const ACCEPTED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'

for (const [name, answer, cause] of [
  [
    'a wrong key',
    `${ACCEPTED}Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n`,
    'ws-handshake',
  ],
  ['no key', `${ACCEPTED}\r\n`, 'ws-handshake'],
  ['426', 'HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n', 'http-426'],
  ['200', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK', 'http-200'],
] as const) {
  test(`a handshake answered with ${name} is a cut`, async (context) => {
    const server = await listen(context, () => {})
    server.on('upgrade', (_, socket) => socket.write(answer))
    const session = visit(context, server, (target, it) => new WebSocketClient(target, it))
    await until(() => session.cuts.length > 0, 'the cut')
    assert.equal(session.cuts[0], cause)
    assert.equal(session.subscriptions, 0)
  })
}

/** A client at a ws server that a scenario describes; what it says first, and then each time. */
async function foreign(
  context: TestContext,
  endpoint: EndpointDescription,
  treat: (webSocket: WebSocket, number: number) => void,
): Promise<[RecordingSession, readonly string[]]> {
  const said: string[] = []
  const server = await listen(context, (_, response) => response.writeHead(404).end())
  const upgrader = new WebSocketServer({ server, path: '/base/news' })
  let connections = 0
  upgrader.on('connection', (webSocket) => {
    webSocket.on('message', (data: RawData) => said.push(data.toString()))
    treat(webSocket, ++connections)
  })
  context.after(() => {
    for (const webSocket of upgrader.clients) webSocket.terminate()
  })
  const open = (...of: ConstructorParameters<typeof WebSocketClient>) => new WebSocketClient(...of)
  return [visit(context, server, open, {}, endpoint), said]
}

test('is subscribed by its connection where a scenario says no more', async (context) => {
  const [session, said] = await foreign(context, { path: '/{channel}' }, (webSocket) => {
    webSocket.send(marked(1))
    webSocket.send('"type":"error"')
  })
  await until(() => session.sequences.length === 1, 'the event')
  await sleep(50)
  assert.deepEqual([session.subscriptions, session.cuts, said], [1, [], []])
})

test('subscribes, is confirmed and resumes by the words of a scenario', async (context) => {
  const endpoint: EndpointDescription = {
    path: '/{channel}',
    subscribe: 'SUB {channel}',
    resume: 'SUB {channel} AFTER {id}',
    ids: ['offset'],
    subscribed: 'OK',
    gap: 'LOST',
    refused: 'NO',
  }
  const [session, said] = await foreign(context, endpoint, (webSocket, number) => {
    webSocket.send(number === 1 ? 'OK' : 'OK LOST')
    webSocket.send(`{"offset":"o${number}","text":"${marked(number)}"}`)
    setTimeout(() => (number === 3 ? webSocket.send('NO') : webSocket.close()), 50)
  })
  await until(() => session.cuts.length === 3, 'three cuts')
  assert.deepEqual(said, ['SUB news', 'SUB news AFTER o1', 'SUB news AFTER o2'])
  assert.deepEqual(session.sequences.slice(0, 3), [1, 2, 3])
  assert.deepEqual([session.subscriptions, session.gaps], [3, 2])
  assert.equal(session.cuts[2], 'ws-refused')
})
