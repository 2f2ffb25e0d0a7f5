import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { longPoll } from './long-poll/index.ts'
import { marked, type RecordingSession, until } from './session.conformance.ts'
import { shortPoll } from './short-poll/index.ts'
import type { Open, Pace } from './transport.ts'
import { listen, visit } from './visit.conformance.ts'

const openShort = await shortPoll.openWithLibrary()
const openLong = await longPoll.openWithLibrary()

const NOTHING = '{"events":[],"lastEventId":"c"}'

interface Visited {
  readonly session: RecordingSession
  readonly urls: readonly string[]
  /** Client ports, one a connection. */
  readonly ports: ReadonlySet<number | undefined>
}

async function poll(
  context: TestContext,
  open: Open,
  pace: Partial<Pace>,
  answer: (response: ServerResponse, number: number) => void,
): Promise<Visited> {
  const urls: string[] = []
  const ports = new Set<number | undefined>()
  const server = await listen(context, (request, response) => {
    ports.add(request.socket.remotePort)
    answer(response, urls.push(request.url ?? ''))
  })
  const session = visit(context, server, open, pace)
  return { session, urls, ports }
}

test('asks once an interval, on one connection', async (context) => {
  const pace = { intervalMs: 50 }
  const visited = await poll(context, openShort, pace, (response) => response.end(NOTHING))
  const { session, ports } = visited
  await until(() => session.subscriptions === 1, 'the subscription')
  const { requests } = session
  await sleep(500)
  const more = session.requests - requests
  // A machine that is busy may be late, and never early.
  assert(more >= 3 && more <= 11, `${more} requests in ten intervals`)
  assert.deepEqual([ports.size, session.cuts], [1, []])
})

test('leaves out the slots that find an answer outstanding', async (context) => {
  const { session } = await poll(context, openShort, { intervalMs: 10 }, (response, number) => {
    if (number < 3) response.end(NOTHING)
  })
  await until(() => session.requests === 3, 'the request that is not answered')
  await sleep(100)
  assert.equal(session.requests, 3)
})

test('asks at once with an interval of 0, and after each long poll', async (context) => {
  for (const open of [openShort, openLong]) {
    const pace = { intervalMs: 0 }
    const { session } = await poll(context, open, pace, (response) => response.end(NOTHING))
    await until(() => session.answers.length > 50, 'fifty answers')
    assert(session.requests - session.answers.length <= 1)
  }
})

test('parses an answer as JSON, in one piece or in many', async (context) => {
  const data = marked(1, 'é"\\\n')
  const events = [{ id: 'a', data }, { id: 'b', data: 7 }, { data: marked(2) }]
  const body = Buffer.from(JSON.stringify({ gap: true, events, lastEventId: 'žluť &' }))
  const { session, urls } = await poll(context, openLong, {}, async (response, number) => {
    if (number > 2) return
    if (number === 2) {
      response.end(body)
      return
    }
    for (const byte of body) {
      response.write(Buffer.of(byte))
      await new Promise(setImmediate)
    }
    response.end()
  })
  await until(() => urls.length === 3, 'the third request')
  assert.deepEqual(session.payloads, [data, marked(2), data, marked(2)])
  assert.deepEqual([session.answers, session.gaps, session.cuts], [[2, 2], 2, []])
  assert.equal(
    urls[2],
    `/base/long-poll?channel=news&hold=150&lastEventId=${encodeURIComponent('žluť &')}`,
  )
})

test('an empty body is an answer without events', async (context) => {
  const { session } = await poll(context, openLong, {}, (response) => response.end())
  await until(() => session.answers.length > 3, 'answers')
  assert.deepEqual([new Set(session.answers), session.cuts], [new Set([0]), []])
})

for (const body of ['no JSON', 'null', '"text"', `{"lastEventId":"${'x'.repeat(2_000)}"}`]) {
  test(`refuses ${body.slice(0, 20)}`, async (context) => {
    const { session } = await poll(context, openLong, {}, (response) => response.end(body))
    await until(() => session.cuts.length > 1, 'two cuts')
    assert.match(session.cuts[0] ?? '', /^(http-syntax|cursor-too-long)$/)
    assert.deepEqual(session.answers, [])
  })
}

test('a connection that is closed between two requests is replaced without a cut', async (context) => {
  const pace = { intervalMs: 500 }
  const { session, ports } = await poll(context, openShort, pace, (response, number) => {
    const { socket } = response
    response.end(NOTHING)
    if (number === 2) setTimeout(() => socket?.end(), 10)
  })
  await until(() => ports.size === 2, 'the second connection')
  await until(() => session.subscriptions === 2, 'the second subscription')
  assert.deepEqual(session.cuts, [])
})

test('refuses an answer in gzip, and tells of one without a mark', async (context) => {
  for (const headers of [{ 'Content-Encoding': 'gzip' }, {}]) {
    const { session } = await poll(context, openLong, {}, (response) => {
      response.writeHead(200, headers).end(gzipSync(NOTHING))
    })
    await until(() => session.cuts.length > 0, 'the cut')
    assert.equal(session.cuts[0], 'content-encoding-gzip')
  }
  const codings = new Set<string | undefined>()
  const stranger = JSON.stringify({ events: [{ data: 'x' }, { data: 'y' }], lastEventId: 'c' })
  const { session } = await poll(context, openLong, {}, (response, number) => {
    codings.add(response.req.headersDistinct['accept-encoding']?.join())
    response.end(number === 2 ? stranger : NOTHING)
  })
  await until(() => session.answers.length > 3, 'four answers')
  assert.deepEqual([session.strangers, session.cuts], [[stranger], []])
  assert.deepEqual([...codings], ['identity'])
})
