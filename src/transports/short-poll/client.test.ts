import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RecordingSession, until } from '../session.conformance.ts'
import type { Pace } from '../transport.ts'
import { listen, visit } from '../visit.conformance.ts'
import { ShortPollClient } from './client.ts'

const ANSWER = '{"events":[],"lastEventId":"c"}'

async function poll(
  context: TestContext,
  pace: Partial<Pace>,
  answer: (response: ServerResponse, number: number) => void,
): Promise<RecordingSession> {
  let number = 0
  const server = await listen(context, (_, response) => answer(response, ++number))
  return visit(context, server, (target, session) => new ShortPollClient(target, session), pace)
}

test('asks once an interval', async (context) => {
  const session = await poll(context, { intervalMs: 50 }, (response) => response.end(ANSWER))
  await until(() => session.subscriptions === 1, 'the subscription')
  const { requests } = session
  await sleep(500)
  const more = session.requests - requests
  // A machine that is busy may be late, and never early.
  assert(more >= 3 && more <= 11, `${more} requests in ten intervals`)
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
  const pace = { intervalMs: 5, holdMs: 3_600_000, timeoutMs: 60 }
  const session = await poll(context, pace, (response, number) => {
    if (number === 1) response.end(ANSWER)
  })
  // Silent on the first connection, and on the one after it, where it asks with its cursor.
  await until(() => session.cuts.length === 2, 'two cuts')
  assert.deepEqual(session.cuts, ['timeout', 'timeout'])
  assert.equal(session.subscriptions, 1)
})
