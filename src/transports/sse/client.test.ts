import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { marked, type RecordingSession, span, until } from '../session.conformance.ts'
import { listen, visit } from '../visit.conformance.ts'
import { SseClient } from './client.ts'

interface Asked {
  readonly url: string
  readonly accept: string | undefined
  /** As the bytes of the header say in UTF-8. */
  readonly lastEventId: string | null
}

/** A client at an event source that answers the first request by the first function, and so on. */
async function source(
  context: TestContext,
  ...answers: readonly ((response: ServerResponse) => void)[]
): Promise<[RecordingSession, readonly Asked[]]> {
  const asked: Asked[] = []
  const server = await listen(context, ({ url = '', headers }, response) => {
    const id = headers['last-event-id']
    asked.push({
      url,
      accept: headers.accept,
      lastEventId: typeof id === 'string' ? Buffer.from(id, 'latin1').toString() : null,
    })
    answers[Math.min(asked.length, answers.length) - 1]?.(response)
  })
  return [visit(context, server, (target, session) => new SseClient(target, session)), asked]
}

/** Answers with events, and ends the stream if told so. */
function stream(text: string, ends = true, type = 'text/event-stream') {
  return (response: ServerResponse): void => {
    response.writeHead(200, { 'Content-Type': type })
    response.write(text)
    if (ends) response.end()
  }
}

const quiet = stream(':\n\n', false)

test('reads a stream of somebody else', async (context) => {
  const text = `\ufeff:hello\r\nevent: note\r\ndata: first\r\ndata:${marked(1)}\r\n\r\ndata: ${marked(2)}\n\n`
  const [session, asked] = await source(
    context,
    stream(text, false, 'Text/Event-Stream ; charset=utf-8'),
  )
  await until(() => session.sequences.length === 2, 'two events')
  assert.deepEqual(session.payloads, [`first\n${marked(1)}`, marked(2)])
  assert.deepEqual(asked, [
    { url: '/base/sse?channel=news', accept: 'text/event-stream', lastEventId: null },
  ])
  assert.deepEqual([session.cuts, session.gaps, session.subscriptions], [[], 0, 1])
})

test('reads a stream that ends with its connection', async (context) => {
  const [session] = await source(context, (response) => {
    response.useChunkedEncodingByDefault = false
    stream(`data: ${marked(1)}\n\ndata: ${marked(2)}`)(response)
  })
  await until(() => session.cuts.length > 0, 'the end')
  // An event without its blank line is none.
  assert.deepEqual(new Set(session.sequences), new Set([1]))
  assert.equal(session.cuts[0], 'closed')
})

test('asks again when the stream ends though the connection is kept', async (context) => {
  const [session, asked] = await source(
    context,
    stream(`retry: 10\nid: a\ndata: ${marked(1)}\n\n`),
    stream(`data: ${marked(2)}\n\n`, false),
  )
  await until(() => session.sequences.length === 2, 'the second stream')
  assert.deepEqual(session.cuts, ['closed'])
  assert.deepEqual(
    asked.map(({ lastEventId }) => lastEventId),
    [null, 'a'],
  )
})

for (const id of ['plain', 'žluťoučký 東京 👩‍🚀', 'a: b, c', '\u00ff', 'rtbi_1_2_']) {
  test(`gives the id back: ${id}`, async (context) => {
    const [session, asked] = await source(context, stream(`id: ${id}\ndata: x\n\n`), quiet)
    await until(() => asked.length === 2, 'the second request')
    assert.equal(asked[1]?.lastEventId, id)
    await until(() => session.subscriptions === 2, 'the second subscription')
    assert.deepEqual(session.cuts, ['closed'])
  })
}

test('an empty id is an id taken back', async (context) => {
  const [, asked] = await source(context, stream('id: a\ndata: x\n\nid\ndata: y\n\n'), quiet)
  await until(() => asked.length === 2, 'the second request')
  assert.equal(asked[1]?.lastEventId, null)
})

test('an incomplete event moves nothing', async (context) => {
  const [, asked] = await source(context, stream('id: a\ndata: x\n\nid: b\ndata: y\n'), quiet)
  await until(() => asked.length === 2, 'the second request')
  assert.equal(asked[1]?.lastEventId, 'a')
})

test('a retry of 0 is no tight loop', async (context) => {
  const [session] = await source(context, stream('retry: 0\n\n'))
  await until(() => session.cuts.length >= 3, 'three cuts')
  const { length } = session.cuts
  await sleep(200)
  assert(session.cuts.length - length <= 20, `${session.cuts.length - length} streams in 200 ms`)
})

test('a retry of 1e15 ms is not believed', async (context) => {
  const [session, asked] = await source(context, stream('retry: 1000000000000000\n\n'), quiet)
  session.random = () => 0.01
  await until(() => asked.length === 2, 'the second request')
})

test('204 says that nobody is wanted', async (context) => {
  const [session, asked] = await source(context, (response) => response.writeHead(204).end())
  await until(() => session.cuts.length === 1, 'the cut')
  await sleep(100)
  assert.deepEqual(session.cuts, ['http-204'])
  assert.equal(asked.length, 1)
  assert.equal(session.reader.openSockets, 0)
})

for (const type of ['text/html', 'text/event-streams', 'application/json, text/event-stream']) {
  test(`refuses ${type}`, async (context) => {
    const [session] = await source(context, stream(`data: ${marked(1)}\n\n`, true, type))
    await until(() => session.cuts.length > 0, 'the cut')
    assert.equal(session.cuts[0], 'sse-media-type')
    assert.deepEqual([session.sequences, session.subscriptions], [[], 0])
  })
}

for (const [name, headers, first] of [
  ['a head that says so', { 'Content-Encoding': 'gzip' }, gzipSync('data: x\n\n')],
  ['nothing said', {}, gzipSync('data: x\n\n')],
  ['a head alone', { 'Content-Encoding': 'identity, GZIP' }, ''],
] as const) {
  test(`refuses a stream in gzip, with ${name}`, async (context) => {
    const [session] = await source(context, (response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', ...headers }).flushHeaders()
      response.write(first)
    })
    await until(() => session.cuts.length > 0, 'the cut')
    assert.equal(session.cuts[0], 'content-encoding-gzip')
    assert.deepEqual([session.subscriptions, session.strangers], [0, []])
  })
}

test('asks for a stream as it is', async (context) => {
  const codings: (string | undefined)[] = []
  const [session] = await source(context, (response) => {
    codings.push(response.req.headersDistinct['accept-encoding']?.join())
    stream(`data: ${marked(1)}\n\n`, false)(response)
  })
  await until(() => session.sequences.length === 1, 'the event')
  assert.deepEqual([codings, session.cuts], [['identity'], []])
})

test('tells of events without a mark, and counts a text twice once', async (context) => {
  const both = JSON.stringify({ text: marked(1), html: `<p>${marked(1)}</p>` })
  const events = `: x\n\nid: 1\n\ndata\n\nevent: gap\ndata: {}\n\ndata: a stranger\n\ndata: ${both}\n\n`
  const [session] = await source(context, stream(`${events}data: ${marked(2)}\n\n`, false))
  await until(() => session.sequences.length >= 2, 'two events')
  assert.deepEqual([session.strangers, session.sequences], [['a stranger'], [1, 2]])
})

test('a gap is an event of that type without a mark', async (context) => {
  const events = `event: gap\ndata: {}\n\nevent: gap\ndata: ${marked(1)}\n\ndata: {}\n\n`
  const [session] = await source(context, stream(`${events}data: ${marked(2)}\n\n`, false))
  await until(() => session.sequences.length === 2, 'two events')
  assert.equal(session.gaps, 1)
})

test('leaves a server that never ends a line', async (context) => {
  const [session] = await source(context, (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    for (const _ of span(1, 40)) response.write('x'.repeat(64 * 1024))
  })
  await until(() => session.cuts.length > 0, 'the cut')
  assert.equal(session.cuts[0], 'sse-line-too-long')
})

test('is subscribed by the first bytes of the stream, not by its head', async (context) => {
  let say = (): void => {}
  const [session] = await source(context, (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
    say = () => response.write('id: a\n\n')
  })
  await until(() => session.answers.length === 1, 'the head')
  await sleep(30)
  assert.equal(session.subscriptions, 0)
  say()
  await until(() => session.subscriptions === 1, 'the subscription')
})

test('is subscribed to a server that has nothing to say at first', async (context) => {
  const [session] = await source(context, (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
  })
  await until(() => session.subscriptions === 1, 'the subscription')
  await sleep(300)
  assert.deepEqual([session.subscriptions, session.cuts], [1, []])
})

test('asks as a scenario describes, and hears of a gap by its word', async (context) => {
  const asked: (string | undefined)[] = []
  const server = await listen(context, ({ url, headers }, response) => {
    asked.push(url, headers.accept, String(headers['x-of']))
    stream(`event: gap\ndata: x\n\nevent: lost\ndata: x\n\ndata: ${marked(1)}\n\n`, false)(response)
  })
  const session = visit(
    context,
    server,
    (target, it) => new SseClient(target, it),
    {},
    {
      path: '/streams/{channel}?x=1',
      headers: { 'X-Of': '{channel}', accept: '*/*' },
      gap: 'lost',
    },
  )
  await until(() => session.sequences.length === 1, 'the event')
  assert.deepEqual(asked, ['/base/streams/news?x=1', '*/*', 'news'])
  assert.equal(session.gaps, 1)
})
