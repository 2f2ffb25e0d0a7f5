/** Streams that resume from far behind: slice by slice, in order, and in little memory. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { span, until } from '../transports/session.conformance.ts'
import { encodeFrame, Opcode } from '../wire/websocket-encode.ts'
import { startInstances } from './instances.ts'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'
import { DEFAULT_SERVER_OPTIONS } from './reference-server.ts'
import type { ServerStatistics } from './statistics.ts'

const DATA = 'x'.repeat(60 * 1024)
const MIB = 1024 * 1024

const UPGRADE =
  'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

function subscription(channel: string): Buffer {
  return encodeFrame(
    Opcode.text,
    `{"type":"subscribe","channel":"${channel}","lastEventId":"foreign"}`,
  )
}

/** How each kind of stream resumes on channel a from before the log, and how it tells of a gap. */
const STREAMS = [
  {
    name: 'sse',
    hello: Buffer.from(
      'GET /sse?channel=a&lastEventId=foreign HTTP/1.1\r\nHost: localhost\r\n\r\n',
    ),
    gap: /event: gap\n/g,
  },
  {
    name: 'websocket',
    hello: Buffer.concat([Buffer.from(UPGRADE), subscription('a')]),
    gap: /"gap":true/g,
  },
]

interface Reader {
  readonly socket: Socket
  /** Of the events, their data's first words. */
  readonly numbers: () => readonly number[]
  readonly text: () => string
}

function resume(context: TestContext, { port }: TestServer, hello: Buffer): Reader {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  context.after(() => socket.destroy())
  let text = ''
  socket.setEncoding('latin1').on('data', (piece: string) => {
    text += piece.replaceAll(/x{2,}/g, '')
  })
  socket.write(hello)
  return {
    socket,
    text: () => text,
    numbers: () => [...text.matchAll(/data"?: ?"?#(\d+) /g)].map(([, number]) => Number(number)),
  }
}

async function started(
  context: TestContext,
  ...[setting]: Parameters<typeof startTestServer>
): Promise<TestServer> {
  const server = await startTestServer(setting)
  context.after(() => server.drain())
  return server
}

/** Publishes events of 60 KiB that are numbered from one number to another. */
async function fill({ publish }: TestServer, from: number, to: number): Promise<void> {
  for (let first = from; first <= to; first += 20) {
    const numbers = span(first, Math.min(to, first + 19))
    await publish('a', ...numbers.map((number) => `#${number} ${DATA}`))
  }
}

/** Waits until the kernel's buffers take no more of a replay that nobody reads. */
async function standstill(server: TestServer, name: string): Promise<void> {
  let before = -1
  const isStill = async (): Promise<boolean> => {
    const { deliveries = 0 } = (await server.statistics()).transports[name] ?? {}
    await sleep(100)
    const was = before
    before = deliveries
    return deliveries === was
  }
  await until(isStill, 'a standstill', 10_000)
}

for (const { name, hello, gap } of STREAMS) {
  test(`${name}: what is published while a replay is under way comes after it, once`, async (context) => {
    const server = await started(context)
    await fill(server, 1, 400)
    const readers = span(1, 5).map(() => resume(context, server, hello))
    for (const [index, { socket }] of readers.entries()) {
      await until(async () => (await server.account(name)).held > index, 'it is held')
      // Some stop reading in the middle, and go on later.
      if (index % 2 === 0) socket.pause()
    }
    await fill(server, 401, 500)
    for (const { socket } of readers) socket.resume()
    for (const number of span(501, 520)) await server.publish('a', `#${number} live`)
    for (const { numbers, text } of readers) {
      await until(() => numbers().length >= 520, 'all of it', 20_000)
      assert.deepEqual(numbers(), span(1, 520))
      assert.equal(text().match(gap)?.length, 1)
    }
    const meter = (await server.statistics()).transports[name]
    assert.deepEqual([meter?.deliveries, meter?.slowConsumers], [5 * 520, 0])
  })

  test(`${name}: what leaves the log before its turn is a gap`, async (context) => {
    const server = await started(context, { logSize: 300 })
    await fill(server, 1, 300)
    const { socket, numbers, text } = resume(context, server, hello)
    await until(() => numbers().length > 0, 'the beginning')
    socket.pause()
    await standstill(server, name)
    await fill(server, 301, 600)
    socket.resume()
    await until(() => numbers().includes(600), 'the end', 20_000)
    const seen = numbers()
    const missed = seen.findIndex((number, index) => number !== index + 1)
    assert(missed > 0 && missed < 300, `${missed} were sent before`)
    // Up to where the kernel's buffers were full, and from where the log began then.
    assert.deepEqual(seen, [...span(1, missed), ...span(301, 600)])
    // The id that it came with was of nobody's log, which is a gap of its own.
    assert.equal(text().match(gap)?.length, 2)
    assert(text().lastIndexOf('gap') > text().indexOf(`#${missed} `))
    assert(text().lastIndexOf('gap') < text().indexOf('#301 '))
    assert.equal((await server.statistics()).transports[name]?.gapSignals, 2)
  })

  test(`${name}: who reads no slice in time is cut and counted`, async (context) => {
    const server = await started(context, { limits: { answerMs: 100 } })
    await fill(server, 1, 400)
    const before = (await server.statistics()).openSockets
    const { socket } = resume(context, server, hello)
    socket.pause()
    await until(async () => (await server.account(name)).slowConsumers === 1, 'it is counted')
    await until(async () => (await server.account(name)).openSockets === before, 'it is closed')
    assert.equal((await server.account(name)).held, 0)
  })

  test(`${name}: a server that goes down ends a replay between two events`, async (context) => {
    const server = await startTestServer()
    await fill(server, 1, 400)
    const { socket, numbers, text } = resume(context, server, hello)
    await until(() => numbers().length > 0, 'the beginning')
    const ended = once(socket, 'close')
    await server.drain()
    await ended
    assert.deepEqual(numbers(), span(1, numbers().length))
    assert(name === 'sse' ? text().endsWith('0\r\n\r\n') : text().includes('going down'))
  })
}

test('a WebSocket catches up on many channels, and others go on meanwhile', async (context) => {
  const server = await started(context, { limits: { maxBufferedBytes: 64 * 1024 } })
  const channels = span(1, 40).map((number) => `c${number}`)
  for (const channel of channels) {
    await server.publish(channel, ...span(1, 5).map((number) => `#${number} ${channel} ${DATA}`))
  }
  const hellos = Buffer.concat([Buffer.from(UPGRADE), ...channels.map(subscription)])
  const { text } = resume(context, server, hellos)
  await until(() => text().includes('"subscribed","channel":"c40"'), 'the last subscription')
  for (const channel of channels) await server.publish(channel, `#6 ${channel}`)
  const seenOf = (channel: string): number[] =>
    [...text().matchAll(new RegExp(`#(\\d) ${channel}\\b`, 'g'))].map(([, number]) =>
      Number(number),
    )
  await until(() => channels.every((channel) => seenOf(channel).length >= 6), 'all', 20_000)
  for (const channel of channels) assert.deepEqual(seenOf(channel), span(1, 6), channel)
  assert.equal((await server.account('websocket')).slowConsumers, 0)
})

test('who unsubscribes, or begins anew, is sent no more of what was missed', async (context) => {
  const server = await started(context)
  await fill(server, 1, 400)
  const { socket, numbers, text } = resume(
    context,
    server,
    Buffer.concat([Buffer.from(UPGRADE), subscription('a')]),
  )
  await until(() => numbers().length > 0, 'the beginning')
  socket.write(encodeFrame(Opcode.text, '{"type":"unsubscribe","channel":"a"}'))
  await until(() => text().includes('"unsubscribed"'), 'the answer')
  socket.write(encodeFrame(Opcode.text, '{"type":"subscribe","channel":"a"}'))
  await until(() => text().match(/"subscribed"/g)?.length === 2, 'the other answer')
  await server.publish('a', '#401 live')
  await until(() => numbers().includes(401), 'a live event')
  assert.deepEqual(numbers(), [...span(1, numbers().length - 1), 401])
  assert(numbers().length < 400, `${numbers().length} events`)
})

test('100 streams that read nothing of a full log take little memory, and are cut', async (context) => {
  // In a process of its own, whose memory is the server's.
  const limits = { ...DEFAULT_SERVER_OPTIONS.limits, answerMs: 3_000 }
  const instances = await startInstances(1, { ...DEFAULT_SERVER_OPTIONS, limits })
  context.after(() => instances.stop())
  const [port = 0] = instances.ports
  const origin = `http://127.0.0.1:${port}`
  const statistics = async (): Promise<ServerStatistics> =>
    (await (await fetch(`${origin}/stats`)).json()) as ServerStatistics
  // 64 MiB of data is what the log holds.
  for (const _ of span(1, 20)) {
    const events = span(1, 55).map(() => ({ channel: 'a', data: DATA }))
    await fetch(`${origin}/publish`, { method: 'POST', body: JSON.stringify(events) })
  }
  let rssBytes = 0
  for (const [index] of span(1, 100).entries()) {
    const { hello } = STREAMS[index % STREAMS.length] ?? assert.fail()
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    context.after(() => socket.destroy())
    socket.pause().write(hello)
  }
  const cutNow = async (): Promise<boolean> => {
    const { memory, transports } = await statistics()
    rssBytes = Math.max(rssBytes, memory.rssBytes)
    const cut = STREAMS.map(({ name }) => transports[name]?.slowConsumers ?? 0)
    return cut.every((count) => count === 50)
  }
  await until(cutNow, 'all are cut', 30_000)
  assert(rssBytes < 350 * MIB, `${Math.round(rssBytes / MIB)} MiB`)
  assert.equal((await statistics()).openSockets <= 2, true)
})
