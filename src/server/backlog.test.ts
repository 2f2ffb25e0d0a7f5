/** Clients that come back to more than one answer should carry, and ones that do not read it. */
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { request } from 'undici'
import { span, until } from '../transports/session.conformance.ts'
import type { ServerSetting } from '../transports/stage.conformance.ts'
import { encodeFrame, Opcode } from '../wire/websocket-encode.ts'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'

interface Poll {
  readonly gap?: boolean
  readonly events: readonly { readonly id: string; readonly data: string }[]
  readonly lastEventId: string
}

const DATA = 'x'.repeat(60 * 1024)
const UPGRADE =
  'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

async function started(context: TestContext, setting?: ServerSetting): Promise<TestServer> {
  const server = await startTestServer(setting)
  context.after(() => server.drain())
  return server
}

/** Publishes so many events of 60 KiB on channel a. */
async function fill({ publish }: TestServer, count: number): Promise<void> {
  for (const first of span(0, count / 20 - 1).map((batch) => 20 * batch)) {
    await publish('a', ...span(first + 1, first + 20).map((number) => `${number} ${DATA}`))
  }
}

function deaf(context: TestContext, { port }: TestServer): Socket {
  const socket = connect(port, '127.0.0.1')
  context.after(() => socket.destroy())
  return socket.on('error', () => {}).pause()
}

for (const path of ['/poll', '/long-poll']) {
  test(`${path}: what does not fit into an answer comes with the next`, async (context) => {
    const server = await started(context)
    await fill(server, 60)
    const seen: string[] = []
    const gaps: (boolean | undefined)[] = []
    let cursor = 'foreign'
    while (seen.length < 60) {
      const answer = await request(`${server.origin}${path}?channel=a&lastEventId=${cursor}`)
      const text = await answer.body.text()
      assert(text.length < 1.2 * 1024 * 1024, `an answer of ${text.length} characters`)
      const { events, lastEventId, gap } = JSON.parse(text) as Poll
      seen.push(...events.map(({ data }) => data.split(' ', 1)[0] ?? ''))
      gaps.push(gap)
      cursor = lastEventId
    }
    assert.deepEqual(seen, span(1, 60).map(String))
    assert.deepEqual(gaps, [true, ...gaps.slice(1).fill(undefined)])
    const meter = (await server.statistics()).transports[
      path === '/poll' ? 'short-poll' : 'long-poll'
    ]
    assert.equal(meter?.deliveries, 60)
  })
}

test('who asks and does not read the answers is closed and counted', async (context) => {
  const server = await started(context, { limits: { answerMs: 50 } })
  await fill(server, 200)
  const before = (await server.statistics()).openSockets
  const socket = deaf(context, server)
  const question = 'GET /poll?channel=a&lastEventId=foreign HTTP/1.1\r\nHost: localhost\r\n\r\n'
  socket.write(question.repeat(20))
  const account = (): ReturnType<TestServer['account']> => server.account('short-poll')
  await until(async () => (await account()).slowConsumers > 0, 'it is counted')
  await until(async () => (await account()).openSockets === before, 'it is closed')
})

test('a bound that was widened for a replay holds again once it is read', async (context) => {
  const maxBufferedBytes = 128 * 1024
  const server = await started(context, { limits: { maxBufferedBytes } })
  await fill(server, 200)
  const socket = connect(server.port, '127.0.0.1').on('error', () => {})
  context.after(() => socket.destroy())
  socket.write(
    'GET /sse?channel=a&lastEventId=foreign HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: foreign\r\n\r\n',
  )
  let received = 0
  socket.on('data', ({ length }: Buffer) => {
    received += length
  })
  await until(() => received > 200 * DATA.length, 'the replay')
  // Each finds the connection read, since the one before it has come.
  for (let more = 1; more <= 3; more++) {
    await server.publish('a', DATA)
    await until(() => received > (200 + more) * DATA.length, 'what came after it')
  }
  socket.pause()
  let published = 0
  const closed = async (): Promise<boolean> => {
    await fill(server, 20)
    published += 20
    return (await server.account('sse')).slowConsumers === 1
  }
  await until(closed, 'the end of it')
  // What the kernel takes, and less than the replay's 12 MiB beyond it.
  assert(published * DATA.length < 12 * 1024 * 1024, `${published} events were kept`)
})

test('a WebSocket that asks for replay after replay and reads none is closed', async (context) => {
  const limits = { maxBufferedBytes: 128 * 1024, answerMs: 200 }
  const server = await started(context, { limits })
  await fill(server, 200)
  const socket = deaf(context, server)
  socket.write(UPGRADE)
  await until(async () => (await server.account('websocket')).held === 1, 'it is held')
  const ask = encodeFrame(Opcode.text, '{"type":"subscribe","channel":"a","lastEventId":"foreign"}')
  socket.write(Buffer.concat(span(1, 30).map(() => ask)))
  await until(async () => (await server.account('websocket')).slowConsumers === 1, 'it is counted')
  const { deliveries = 0 } = (await server.statistics()).transports['websocket'] ?? {}
  assert(deliveries < 200, `${deliveries} deliveries`)
})

test('polls that wait behind another one are asked in their turn', async (context) => {
  const server = await started(context)
  const first = await request(`${server.origin}/long-poll?channel=a`)
  const { lastEventId } = (await first.body.json()) as Poll
  const socket = connect(server.port, '127.0.0.1').on('error', () => {})
  context.after(() => socket.destroy())
  const question = (path: string): string =>
    `GET ${path}?channel=a&lastEventId=${lastEventId} HTTP/1.1\r\nHost: localhost\r\n\r\n`
  const paths = ['/long-poll', '/long-poll', '/poll', '/sse']
  socket.write(paths.map(question).join(''))
  await until(async () => (await server.account('long-poll')).held > 0, 'one is held')
  assert.equal((await server.account('long-poll')).held, 1)
  let answers = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    answers += text
  })
  await server.publish('a', '1')
  // Each of them has missed it by now.
  await until(async () => (await server.account('sse')).held === 1, 'the stream')
  await until(() => answers.endsWith('data: 1\n\n\r\n'), 'its event')
  assert.equal(answers.match(/"data":"1"/g)?.length, 3)
  await server.publish('a', '2')
  await until(() => answers.endsWith('data: 2\n\n\r\n'), 'what comes next')
})

test('polls that wait behind an answer that is not read take no memory for theirs', async (context) => {
  const server = await started(context, { limits: { answerMs: 200 } })
  await fill(server, 200)
  const before = await server.statistics()
  const socket = deaf(context, server)
  // Each has a cursor of its own.
  const questions = span(1, 500).map(
    (number) => `GET /poll?channel=a&lastEventId=${number} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  )
  socket.write(questions.join(''))
  const meter = async () => (await server.statistics()).transports['short-poll']
  await until(async () => ((await meter())?.slowConsumers ?? 0) > 0, 'it is counted')
  // What the kernel's buffers took: some answers of a MiB.
  const { deliveries = 0 } = (await meter()) ?? {}
  assert(deliveries < 500, `${deliveries} deliveries`)
  await until(async () => (await server.statistics()).openSockets === before.openSockets, 'closed')
})
