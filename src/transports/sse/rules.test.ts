/** Rules of the HTML standard, 9.2.3, on the answer that a stream begins with. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { marked, type RecordingSession, until } from '../session.conformance.ts'
import { listen, visit } from '../visit.conformance.ts'
import { SseClient } from './client.ts'

const TYPE = { 'Content-Type': 'text/event-stream' }
const EVENT = `id: a\ndata: ${marked(1)}\n\n`

/** A client, and the ids that its requests bring. */
async function source(
  context: TestContext,
  answer: (response: ServerResponse, number: number) => void,
): Promise<[RecordingSession, readonly unknown[]]> {
  const ids: unknown[] = []
  const server = await listen(context, ({ headers }, response) => {
    ids.push(headers['last-event-id'])
    answer(response, ids.length)
  })
  return [visit(context, server, (target, session) => new SseClient(target, session)), ids]
}

for (const status of [201, 206, 301, 307, 403, 404, 500, 503]) {
  test(`no stream is read from a ${status}, whatever its type`, async (context) => {
    const [session] = await source(context, (response) => {
      response.writeHead(status, { ...TYPE, Location: '/' }).end(EVENT)
    })
    await until(() => session.cuts.length > 0, 'the cut')
    assert.equal(session.cuts[0], `http-${status}`)
    assert.deepEqual([session.sequences, session.subscriptions], [[], 0])
  })
}

test('no stream is read without a type', async (context) => {
  const [session] = await source(context, (response) => response.writeHead(200).end(EVENT))
  await until(() => session.cuts.length > 0, 'the cut')
  assert.equal(session.cuts[0], 'sse-media-type')
  assert.deepEqual([session.sequences, session.subscriptions], [[], 0])
})

test('a 204 ends reconnecting, after a stream as well', async (context) => {
  const [session, ids] = await source(context, (response, number) => {
    if (number === 1) response.writeHead(200, TYPE).end(EVENT)
    else response.writeHead(204).end()
  })
  await until(() => session.cuts.length === 2, 'both cuts')
  await sleep(100)
  assert.deepEqual(session.cuts, ['closed', 'http-204'])
  assert.deepEqual(ids, [undefined, 'a'])
  assert.equal(session.reader.openSockets, 0)
})

test('the last id is sent again and again until another one comes', async (context) => {
  const [, ids] = await source(context, (response, number) => {
    if (number === 1) response.writeHead(200, TYPE).end(EVENT)
    else if (number === 3) response.writeHead(200, TYPE).end('data: no id\n\n')
    else if (number === 4) response.writeHead(200, TYPE).end('id: b\ndata: x\n\n')
    else response.writeHead(503).end()
  })
  await until(() => ids.length >= 5, 'five requests')
  assert.deepEqual(ids.slice(0, 5), [undefined, 'a', 'a', 'a', 'b'])
})

test('an id with NULL is not sent', async (context) => {
  const [, ids] = await source(context, (response, number) => {
    response.writeHead(200, TYPE)
    if (number > 1) response.write(':\n')
    else response.end(`${EVENT}id: b\0c\ndata: x\n\n`)
  })
  await until(() => ids.length === 2, 'the second request')
  assert.deepEqual(ids, [undefined, 'a'])
})
