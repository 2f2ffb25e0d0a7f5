/** The server's WebSockets, used by ws. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { type RawData, WebSocket } from 'ws'
import { span, until } from '../transports/session.conformance.ts'
import type { ServerSetting } from '../transports/stage.conformance.ts'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'

type Message = Record<string, unknown>

async function started(context: TestContext, setting?: ServerSetting): Promise<TestServer> {
  const server = await startTestServer(setting)
  context.after(() => server.drain())
  return server
}

interface Peer {
  readonly webSocket: WebSocket
  readonly messages: Message[]
  say(message: unknown): void
  /** Waits for so many messages. */
  got(count: number): Promise<Message[]>
}

async function open(
  context: TestContext,
  { port }: TestServer,
  options: ConstructorParameters<typeof WebSocket>[2] = {},
): Promise<Peer> {
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}/ws`, [], options)
  context.after(() => webSocket.terminate())
  const messages: Message[] = []
  webSocket.on('message', (data: RawData) => messages.push(JSON.parse(data.toString())))
  await once(webSocket, 'open')
  return {
    webSocket,
    messages,
    say: (message) =>
      webSocket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async got(count) {
      await until(() => messages.length >= count, `${count} messages`)
      return messages
    },
  }
}

test('subscribes, resumes, unsubscribes', async (context) => {
  const server = await started(context)
  const { say, got, messages } = await open(context, server)
  say({ type: 'subscribe', channel: 'a' })
  const [welcome] = await got(1)
  assert.deepEqual(welcome, {
    type: 'subscribed',
    channel: 'a',
    lastEventId: welcome?.['lastEventId'],
  })
  await server.publish('a', '1', 'ž"\\\n\u2028')
  await server.publish('b', 'not asked for')
  await server.publish('a', 'x'.repeat(126), 'y'.repeat(65_000))
  await got(5)
  assert.deepEqual(
    messages.slice(1).map(({ type, data }) => [type, data]),
    ['1', 'ž"\\\n\u2028', 'x'.repeat(126), 'y'.repeat(65_000)].map((data) => ['event', data]),
  )

  const second = await open(context, server)
  second.say({ type: 'subscribe', channel: 'a', lastEventId: messages[2]?.['id'] })
  await second.got(3)
  assert.deepEqual(second.messages.slice(1), messages.slice(3))
  assert.equal(second.messages[0]?.['gap'], undefined)

  say({ type: 'unsubscribe', channel: 'a' })
  assert.deepEqual((await got(6))[5], { type: 'unsubscribed', channel: 'a' })
  await server.publish('a', 'last')
  await second.got(4)
  assert.equal(messages.length, 6)
})

test('signals a gap, and tells from where it goes on', async (context) => {
  const server = await started(context)
  const { say, got } = await open(context, server)
  say({ type: 'subscribe', channel: 'a', lastEventId: 'rtbi_1_1_' })
  const [nothing] = await got(1)
  assert.equal(nothing?.['gap'], true)
  const { lastEventId } = nothing ?? {}
  assert.match(String(lastEventId), /^rtbi_\d+_0+_$/)
  await server.publish('a', '1')
  say({ type: 'subscribe', channel: 'a', lastEventId })
  const [, first, again, replayed] = await got(4)
  assert.equal(again?.['gap'], undefined)
  // Whoever is cut before the replayed event asks from here once more.
  assert.equal(again?.['lastEventId'], lastEventId)
  assert.deepEqual(replayed, first)
  say({ type: 'subscribe', channel: 'a', lastEventId: 'else' })
  const [, , , , gap, all] = await got(6)
  assert.equal(gap?.['gap'], true)
  assert.deepEqual(all, first)
  assert.equal((await server.statistics()).transports['websocket']?.gapSignals, 2)
})

test('names the channel to who has several', async (context) => {
  const server = await started(context)
  const [one, two] = [await open(context, server), await open(context, server)]
  for (const { say } of [one, two]) say({ type: 'subscribe', channel: 'a' })
  two.say({ type: 'subscribe', channel: 'b' })
  await Promise.all([one.got(1), two.got(2)])
  await server.publish('a', '1')
  await server.publish('b', '2')
  await two.got(4)
  assert.deepEqual(
    two.messages.slice(2).map(({ channel, data }) => [channel, data]),
    [
      ['a', '1'],
      ['b', '2'],
    ],
  )
  two.say({ type: 'unsubscribe', channel: 'b' })
  await two.got(5)
  await server.publish('a', '3')
  await Promise.all([one.got(3), two.got(6)])
  assert.deepEqual(
    [one.messages[1], one.messages[2], two.messages[5]].map((event) => event?.['channel']),
    [undefined, undefined, undefined],
  )
})

test('an empty cursor is none', async (context) => {
  const server = await started(context)
  await server.publish('a', '1')
  const { say, got } = await open(context, server)
  say({ type: 'subscribe', channel: 'a', lastEventId: '' })
  const [welcome] = await got(1)
  assert.equal(welcome?.['gap'], undefined)
  assert.equal((await server.statistics()).transports['websocket']?.deliveries, 0)
})

test('publishes events with a type', async (context) => {
  const server = await started(context)
  const { say, got } = await open(context, server)
  say({ type: 'subscribe', channel: 'a' })
  say({ type: 'publish', channel: 'a', event: 'note', data: '1' })
  say({ type: 'publish', channel: 'a', event: 'gap', data: '2' })
  say({ type: 'publish', channel: 'a', event: 7, data: '3' })
  const messages = await got(5)
  assert.deepEqual(
    messages
      .slice(1)
      .map(({ type, event }) => [type, event])
      .toSorted(),
    [
      ['error', undefined],
      ['error', undefined],
      ['event', 'note'],
      ['published', undefined],
    ],
  )
})

test('publishes in both directions', async (context) => {
  const server = await started(context)
  const [one, two] = [await open(context, server), await open(context, server)]
  for (const { say } of [one, two]) say({ type: 'subscribe', channel: 'a' })
  await Promise.all([one.got(1), two.got(1)])
  one.say({ type: 'publish', channel: 'a', data: 'hello' })
  await Promise.all([one.got(3), two.got(2)])
  assert.deepEqual(
    new Set(one.messages.map(({ type }) => type)),
    new Set(['subscribed', 'event', 'published']),
  )
  assert.equal(two.messages[1]?.['data'], 'hello')
  assert.equal((await server.statistics()).published, 1)
})

test('answers what it cannot take with an error, and goes on', async (context) => {
  const server = await started(context, { limits: { maxChannels: 2 } })
  const { say, got, messages } = await open(context, server)
  const bad = [
    'no JSON',
    'null',
    '[]',
    {},
    { type: 'subscribe' },
    { type: 'subscribe', channel: 'a b' },
    { type: 'subscribe', channel: 7 },
    { type: 'dance', channel: 'a' },
    { type: 'publish', channel: 'a' },
    { type: 'publish', channel: 'a', data: { a: 1 } },
  ]
  for (const message of bad) say(message)
  await got(bad.length)
  assert(messages.every(({ type, message }) => type === 'error' && typeof message === 'string'))
  for (const channel of ['a', 'b', 'c', 'a']) say({ type: 'subscribe', channel })
  await got(bad.length + 4)
  assert.deepEqual(
    messages.slice(bad.length).map(({ type }) => type),
    ['subscribed', 'subscribed', 'error', 'subscribed'],
  )
})

test('closes on binary with 1003, on too much with 1009', async (context) => {
  const server = await started(context, { limits: { maxMessageBytes: 1_000 } })
  for (const [message, code] of [
    [Buffer.from([1]), 1003],
    [Buffer.alloc(1_001, 'x').toString(), 1009],
  ] as const) {
    const { webSocket } = await open(context, server)
    webSocket.send(message)
    const [seen] = await once(webSocket, 'close')
    assert.equal(seen, code)
  }
  await until(async () => (await server.account('websocket')).held === 0, 'nothing is held')
})

test('pings, and keeps who answers', async (context) => {
  const server = await started(context, { limits: { pingMs: 200 } })
  const peers = await Promise.all(span(1, 3).map(() => open(context, server)))
  const pings = peers.map(({ webSocket }) => {
    const times: number[] = []
    webSocket.on('ping', () => times.push(performance.now()))
    return times
  })
  await until(() => pings.every(({ length }) => length >= 4), 'four pings each')
  for (const [first = 0, , , fourth = 0] of pings) {
    // Three periods, seen by timers of a busy machine.
    assert(fourth - first > 450, `three pings of 200 ms in ${fourth - first} ms`)
  }
  assert.equal((await server.account('websocket')).held, 3)
})

test('cuts who does not answer pings', async (context) => {
  const server = await started(context, { limits: { pingMs: 100 } })
  const alive = await open(context, server)
  const dead = await open(context, server, { autoPong: false })
  assert.equal((await server.account('websocket')).held, 2)
  const [code] = await once(dead.webSocket, 'close')
  assert.equal(code, 1006)
  await until(async () => (await server.account('websocket')).held === 1, 'one is held')
  assert.equal(alive.webSocket.readyState, WebSocket.OPEN)
})

test('acknowledges a message by the reference that its sender gave it, and refuses one by it', async (context) => {
  const server = await started(context)
  const { say, got } = await open(context, server)
  say({ type: 'publish', channel: 'a', data: 'x', ref: 7 })
  say({ type: 'publish', channel: 'a', data: 1, ref: 8 })
  say({ type: 'publish', channel: 'a', data: 'y', ref: 'no number' })
  const answers = await got(3)
  const byRef = (ref: unknown) => answers.find((answer) => answer['ref'] === ref)
  assert.deepEqual(byRef(7), { type: 'published', channel: 'a', ref: 7 })
  assert.deepEqual(byRef(8), {
    type: 'error',
    channel: 'a',
    ref: 8,
    message: 'publish takes a string as data',
  })
  assert.deepEqual(byRef(undefined), { type: 'published', channel: 'a' })
})
