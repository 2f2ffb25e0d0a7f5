import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RecordingSession, until } from '../session.conformance.ts'
import type { Pace } from '../transport.ts'
import { listen, visit } from '../visit.conformance.ts'
import { shortPoll } from './index.ts'

const ANSWER = '{"events":[],"lastEventId":"c"}'

async function poll(
  context: TestContext,
  pace: Partial<Pace>,
  answer: (response: ServerResponse, number: number) => void,
): Promise<RecordingSession> {
  let number = 0
  const server = await listen(context, (_, response) => answer(response, ++number))
  return visit(context, server, shortPoll.open, pace)
}

test('asks once an interval', async (context) => {
  const session = await poll(context, { intervalMs: 50 }, (response) => response.end(ANSWER))
  await until(() => session.subscriptions === 1, 'the subscription')
  const { requests } = session
  const since = performance.now()
  await sleep(500)
  const intervals = (performance.now() - since) / 50
  const more = session.requests - requests
  // A machine that is busy may be late, and never early.
  assert(more >= 3 && more <= intervals + 2, `${more} requests in ${intervals} intervals`)
})

test('asks at once with an interval of 0', async (context) => {
  const session = await poll(context, { intervalMs: 0 }, (response) => response.end(ANSWER))
  await until(() => session.answers.length > 100, 'a hundred answers')
  assert(session.requests - session.answers.length <= 1)
})

test('leaves out the slots that find an answer outstanding', async (context) => {
  let outstanding = 0
  let most = 0
  const session = await poll(context, { intervalMs: 5 }, (response) => {
    most = Math.max(most, ++outstanding)
    setTimeout(() => {
      outstanding--
      response.end(ANSWER)
    }, 40)
  })
  await until(() => session.answers.length >= 5, 'five answers')
  assert.equal(most, 1)
  assert.deepEqual(session.cuts, [])
})

test('expects no hold from a server that has given it a cursor', async (context) => {
  const pace = { intervalMs: 5, holdMs: 3_600_000, timeoutMs: 400 }
  const session = await poll(context, pace, (response, number) => {
    if (number === 1) response.end(ANSWER)
  })
  // Silent on the first connection, and on the one after it, where it asks with its cursor.
  await until(() => session.cuts.length === 2, 'two cuts')
  assert.deepEqual(session.cuts, ['timeout', 'timeout'])
  assert.equal(session.subscriptions, 1)
})

test('a connection closed between two requests is no cut, and moves no request', async (context) => {
  const askedAtMs: number[] = []
  let connections = 0
  const server = await listen(context, ({ socket }, response) => {
    askedAtMs.push(performance.now())
    response.end(ANSWER, () => setTimeout(() => socket.end(), 10))
  })
  server.on('connection', () => connections++)
  const pace = { intervalMs: 400 }
  const session = visit(context, server, shortPoll.open, pace)
  await until(() => askedAtMs.length >= 5, 'five requests')
  assert.deepEqual(session.cuts, [])
  // The first slot may come before the server has closed, on the same connection.
  assert.ok(connections === askedAtMs.length || connections === askedAtMs.length - 1)
  // From the second on they are on the schedule; a busy machine may be late.
  const [, second = 0, , , fifth = 0] = askedAtMs
  assert(fifth - second > 1_100, `three intervals of 400 ms in ${fifth - second} ms`)
})

test('an answer that nobody asked for is refused', async (context) => {
  const server = await listen(context, ({ socket }) => {
    const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${ANSWER.length}\r\n\r\n${ANSWER}`
    socket.write(answer + answer)
  })
  const pace = { intervalMs: 10_000 }
  const session = visit(context, server, shortPoll.open, pace)
  await until(() => session.cuts.length > 0, 'the cut')
  assert.equal(session.cuts[0], 'http-syntax')
  assert.equal(session.answers.length, 1)
})
