/** The server's event streams, read by clients that others wrote. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { span, until } from '../transports/session.conformance.ts'
import type { ServerSetting } from '../transports/stage.conformance.ts'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'

interface Stream {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  /** All that came, as it came. */
  readonly raw: () => string
  readonly events: EventSourceMessage[]
  readonly comments: number[]
  readonly retries: number[]
  readonly ended: () => boolean
  close(): void
}

async function started(context: TestContext, setting?: ServerSetting): Promise<TestServer> {
  const server = await startTestServer(setting)
  context.after(() => server.drain())
  return server
}

/** By node's HTTP client and eventsource-parser. */
async function open(context: TestContext, url: string, lastEventId?: string): Promise<Stream> {
  const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on('error', reject)
  })
  context.after(() => response.destroy())
  let raw = ''
  let ended = false
  const events: EventSourceMessage[] = []
  const comments: number[] = []
  const retries: number[] = []
  const parser = createParser({
    onEvent: (event) => events.push(event),
    onComment: () => comments.push(performance.now()),
    onRetry: (milliseconds) => retries.push(milliseconds),
  })
  response.setEncoding('utf8').on('error', () => {})
  response.on('data', (text: string) => {
    raw += text
    parser.feed(text)
  })
  response.on('end', () => {
    ended = true
  })
  return {
    status: response.statusCode,
    headers: response.headers,
    raw: () => raw,
    events,
    comments,
    retries,
    ended: () => ended,
    close: () => response.destroy(),
  }
}

const dataOf = (stream: Stream): string[] => stream.events.map(({ data }) => data)

test('opens with the headers that a stream needs', async (context) => {
  const { origin } = await started(context, { limits: { retryMs: 1_234, heartbeatMs: 3_600_000 } })
  const stream = await open(context, `${origin}/sse?channel=a`)
  assert.equal(stream.status, 200)
  assert.equal(stream.headers['content-type'], 'text/event-stream')
  assert.equal(stream.headers['cache-control'], 'no-store')
  assert.equal(stream.headers['x-accel-buffering'], 'no')
  assert.equal(stream.headers['content-length'], undefined)
  await until(() => stream.retries.length > 0, 'the reconnection time')
  assert.deepEqual(stream.retries, [1_234])
  // An id without data moves the cursor and is no event.
  assert.match(stream.raw(), /^retry: 1234\nid: rtbi_\d+_\d+_\n\n$/)
  assert.deepEqual(stream.events, [])
})

test('sends events with id, type and lines', async (context) => {
  const { origin, publish } = await started(context)
  const stream = await open(context, `${origin}/sse?channel=a`)
  await fetch(`${origin}/publish`, {
    method: 'POST',
    body: JSON.stringify({ channel: 'a', type: ' spaced type', data: 'typed' }),
  })
  await publish('a', 'one\ntwo\r\nthree\rfour\n', '', ' leading: blank', 'id: 1\nevent: x\n\n:')
  await until(() => stream.events.length === 5, 'five events')
  assert.deepEqual(dataOf(stream), [
    'typed',
    'one\ntwo\nthree\nfour\n',
    '',
    ' leading: blank',
    'id: 1\nevent: x\n\n:',
  ])
  assert.deepEqual(
    stream.events.map(({ event }) => event),
    [' spaced type', undefined, undefined, undefined, undefined],
  )
  assert.equal(new Set(stream.events.map(({ id }) => id)).size, 5)
})

for (const way of ['header', 'query'] as const) {
  test(`resumes by ${way}`, async (context) => {
    const { origin, publish } = await started(context)
    const first = await open(context, `${origin}/sse?channel=a`)
    await publish('a', '1', '2')
    await until(() => first.events.length === 2, 'two events')
    first.close()
    await publish('a', '3')
    await publish('b', 'not asked for')
    const id = first.events[0]?.id ?? ''
    const url = `${origin}/sse?channel=a`
    const second =
      way === 'header'
        ? await open(context, url, id)
        : await open(context, `${url}&lastEventId=${encodeURIComponent(id)}`)
    await publish('a', '4')
    await until(() => second.events.length === 3, 'three events')
    assert.deepEqual(dataOf(second), ['2', '3', '4'])
  })
}

test('the header goes before the query, an empty one does not', async (context) => {
  const { origin, publish } = await started(context)
  const first = await open(context, `${origin}/sse?channel=a`)
  await publish('a', '1', '2', '3')
  await until(() => first.events.length === 3, 'three events')
  const [one, two] = first.events.map(({ id }) => id ?? '')
  const url = `${origin}/sse?channel=a&lastEventId=${one}`
  const byHeader = await open(context, url, two)
  await until(() => byHeader.events.length === 1, 'an event')
  assert.deepEqual(dataOf(byHeader), ['3'])
  const byQuery = await open(context, url, '')
  await until(() => byQuery.events.length === 2, 'two events')
  assert.deepEqual(dataOf(byQuery), ['2', '3'])
})

for (const id of ['1', 'rtbi_1_1_', 'rtbi_99999_', 'žluťoučký', 'a"b\\']) {
  test(`signals a gap to who resumes from ${id}`, async (context) => {
    const { origin, publish, statistics } = await started(context)
    await publish('a', '1')
    const stream = await open(
      context,
      `${origin}/sse?channel=a&lastEventId=${encodeURIComponent(id)}`,
    )
    await until(() => stream.events.length === 2, 'the gap and the event')
    assert.equal(stream.events[0]?.event, 'gap')
    assert.deepEqual(JSON.parse(stream.events[0]?.data ?? ''), { lastEventId: id })
    assert.equal(stream.events[1]?.data, '1')
    const bytes = Buffer.from(id).toString('latin1')
    const again = await open(context, `${origin}/sse?channel=a`, bytes)
    await until(() => again.events.length === 2, 'the gap and the event')
    assert.deepEqual(JSON.parse(again.events[0]?.data ?? ''), { lastEventId: id })
    assert.equal((await statistics()).transports['sse']?.gapSignals, 2)
  })
}

test('streams several channels in one order, each event once', async (context) => {
  const { origin, publish } = await started(context)
  const first = await open(context, `${origin}/sse?channel=a&channel=b&channel=a`)
  await until(() => first.raw().endsWith('\n\n'), 'the opening')
  const [, id] = /id: (\S+)/.exec(first.raw()) ?? []
  for (const number of span(1, 20)) await publish(number % 2 === 0 ? 'a' : 'b', `${number}`)
  const expected = span(1, 20).map(String)
  await until(() => first.events.length >= 20, 'live events')
  assert.deepEqual(dataOf(first), expected)
  const second = await open(context, `${origin}/sse?channel=a&channel=b&channel=a`, id)
  await until(() => second.events.length >= 20, 'replayed events')
  await publish('a', 'last')
  await until(() => dataOf(second).includes('last'), 'the last one')
  assert.deepEqual(dataOf(second), [...expected, 'last'])
})

test('a comment a heartbeat, whatever the number of streams', async (context) => {
  const { origin } = await started(context, { limits: { heartbeatMs: 200 } })
  const streams = await Promise.all(span(1, 5).map(() => open(context, `${origin}/sse?channel=a`)))
  await until(() => streams.every(({ comments }) => comments.length >= 4), 'four heartbeats each')
  for (const { comments, events } of streams) {
    const [first = 0] = comments
    const fourth = comments[3] ?? 0
    // Three periods, seen by timers of a busy machine.
    assert(fourth - first > 450, `three heartbeats of 200 ms in ${fourth - first} ms`)
    assert.deepEqual(events, [])
  }
})

test('a fetch reads it as well, and its end is the end of the subscription', async (context) => {
  const { origin, publish, account } = await started(context)
  const controller = new AbortController()
  const answer = await fetch(`${origin}/sse?channel=a`, { signal: controller.signal })
  const events: string[] = []
  const parser = createParser({ onEvent: ({ data }) => events.push(data) })
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const bytes of answer.body ?? [])
      parser.feed(decoder.decode(bytes, { stream: true }))
  })().catch(() => {})
  await publish('a', 'hello', 'world')
  await until(() => events.length === 2, 'two events')
  assert.deepEqual(events, ['hello', 'world'])
  assert.equal((await account('sse')).held, 1)
  controller.abort()
  await reading
  await until(async () => (await account('sse')).held === 0, 'nothing is held')
})

test('nobody is subscribed without a cursor: both come in one packet', async (context) => {
  const { port } = await started(context)
  for (const _ of span(1, 20)) {
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /sse?channel=a HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const [first] = await once(socket, 'data')
    socket.destroy()
    assert.match(String(first), /^HTTP.*\r\n\r\n.*\nid: rtbi_\d+_0+_\n\n/s)
  }
})

test('HTTP/1.0 has no chunks: what is streamed ends with the connection', async () => {
  const server = await startTestServer({ limits: { heartbeatMs: 100 } })
  const socket = connect(server.port, '127.0.0.1')
  socket.write('GET /sse?channel=a HTTP/1.0\r\n\r\n')
  let raw = ''
  socket.on('data', (bytes) => {
    raw += bytes
  })
  await until(() => raw.includes('retry:'), 'the first block')
  await server.publish('a', 'one')
  await until(() => raw.includes('data: one') && raw.includes('\n\n:\n\n'), 'an event, a heartbeat')
  const ended = once(socket, 'close')
  await server.drain()
  await ended
  const [head = '', body = ''] = raw.split(/\r\n\r\n(.*)/s)
  assert.match(head, /^HTTP\/1\.1 200 /)
  assert.match(head, /\r\nConnection: close/i)
  assert.doesNotMatch(head, /chunked/i)
  assert.match(body.replaceAll(':\n\n', ''), /^retry: \d+\nid: \S+\n\nid: \S+\ndata: one\n\n$/)
})

test('who asks for a stream without a hint to proxies gets none', async (context) => {
  const { origin } = await started(context)
  const hinted = await open(context, `${origin}/sse?channel=a`)
  assert.equal(hinted.headers['x-accel-buffering'], 'no')
  const plain = await open(context, `${origin}/sse?channel=a&unhinted`)
  assert.equal(plain.headers['x-accel-buffering'], undefined)
})
