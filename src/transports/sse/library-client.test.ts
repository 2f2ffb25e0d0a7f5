import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { marked, type RecordingSession, until } from '../session.conformance.ts'
import { listen, visit } from '../visit.conformance.ts'
import { SseLibraryClient } from './library-client.ts'

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
  return [visit(context, server, (target, session) => new SseLibraryClient(target, session)), asked]
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
  const type = 'Text/Event-Stream ; charset=utf-8'
  const [session, asked] = await source(context, stream(text, false, type))
  await until(() => session.sequences.length === 2, 'two events')
  assert.deepEqual(session.payloads, [`first\n${marked(1)}`, marked(2)])
  assert.deepEqual(asked, [
    { url: '/base/sse?channel=news', accept: 'text/event-stream', lastEventId: null },
  ])
  assert.deepEqual([session.cuts, session.gaps, session.subscriptions], [[], 0, 1])
})

test('asks again with the id of the last event when the stream ends', async (context) => {
  const [session, asked] = await source(
    context,
    stream(`retry: 10\nid: žluťoučký 東京\ndata: ${marked(1)}\n\ndata: ${marked(2)}\n`),
    stream(`data: ${marked(3)}\n\n`, false),
  )
  await until(() => session.sequences.length === 2, 'the second stream')
  // An event without its blank line is none.
  assert.deepEqual(session.sequences, [1, 3])
  assert.deepEqual(session.cuts, ['closed'])
  assert.deepEqual(
    asked.map(({ lastEventId }) => lastEventId),
    [null, 'žluťoučký 東京'],
  )
})

for (const [name, block] of [
  ['alone', 'id: a\n\n'],
  ['after a retry', 'retry: 10\nid:a\n\n'],
  ['with other line ends', 'retry: 10\r\nid: a\r\n\r\n'],
] as const) {
  test(`resumes from an id that came without data, ${name}`, async (context) => {
    const pieces = (response: ServerResponse): void => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      for (const character of block) response.write(character)
      response.end()
    }
    const [, asked] = await source(context, pieces, quiet)
    await until(() => asked.length === 2, 'the second request')
    assert.equal(asked[1]?.lastEventId, 'a')
  })
}

test('an empty id is an id taken back', async (context) => {
  const [, asked] = await source(context, stream('id: a\ndata: x\n\nid\ndata: y\n\n'), quiet)
  await until(() => asked.length === 2, 'the second request')
  assert.equal(asked[1]?.lastEventId, null)
})

test('204 says that nobody is wanted', async (context) => {
  const [session, asked] = await source(context, (response) => response.writeHead(204).end())
  await until(() => session.cuts.length === 1, 'the cut')
  await sleep(100)
  assert.deepEqual(session.cuts, ['http-204'])
  assert.equal(asked.length, 1)
  assert.equal(session.reader.openSockets, 0)
})

test('refuses another media type', async (context) => {
  const [session] = await source(context, stream(`data: ${marked(1)}\n\n`, true, 'text/html'))
  await until(() => session.cuts.length > 0, 'the cut')
  assert.equal(session.cuts[0], 'sse-media-type')
  assert.deepEqual([session.sequences, session.subscriptions], [[], 0])
})

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
    for (let block = 0; block < 40; block++) response.write('x'.repeat(64 * 1024))
  })
  await until(() => session.cuts.length > 0, 'the cut')
  assert.equal(session.cuts[0], 'sse-event-too-large')
})

test('is subscribed by the first bytes of the stream, or soon after its head', async (context) => {
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

  const [silent] = await source(context, (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
  })
  await until(() => silent.subscriptions === 1, 'the subscription to a silent server')
  assert.deepEqual(silent.cuts, [])
})
