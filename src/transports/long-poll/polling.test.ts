import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { NS_PER_MS, nowNs } from '../../measure/clock.ts'
import type { EndpointDescription } from '../../scenario/target.ts'
import { marked, type RecordingSession, until } from '../session.conformance.ts'
import type { Open, Pace } from '../transport.ts'
import { listen, visit } from '../visit.conformance.ts'
import { longPoll } from './index.ts'

const HELD: EndpointDescription = {
  path: '/{channel}',
  first: 'held',
  cursor: [{ from: 'header Etag', to: 'header If-None-Match' }],
}

async function wait(
  context: TestContext,
  pace: Partial<Pace>,
  answer: (response: ServerResponse, number: number) => void,
  endpoint = HELD,
): Promise<RecordingSession> {
  let number = 0
  const server = await listen(context, (_, response) => answer(response, ++number))
  return visit(context, server, longPoll.open, pace, endpoint)
}

test('is subscribed while its first request is held, and goes on waiting for it', async (context) => {
  let answer = (): void => {}
  const session = await wait(context, { timeoutMs: 400, holdMs: 5_000 }, (response, number) => {
    if (number === 1) answer = () => response.setHeader('Etag', '1').end(marked(1))
  })
  await until(() => session.subscriptions === 1, 'the subscription')
  await sleep(1_200)
  assert.deepEqual([session.cuts, session.requests, session.answers], [[], 1, []])
  answer()
  await until(() => session.requests === 2, 'the second request')
  assert.deepEqual([session.sequences, session.subscriptions, session.cuts], [[1], 1, []])
})

/** What each request asks, of which no answer has an event. */
const ASKED = { ...HELD, path: '/{channel}?hold={hold}' }

test('asks for a part of its hold while events have not begun, and for all of it after that', async (context) => {
  const holds: number[] = []
  const server = await listen(context, ({ url }, response) => {
    const holdMs = Number(/hold=(\d+)$/.exec(url ?? '')?.[1])
    holds.push(holdMs)
    // The first brings the cursor, and is not held.
    const delayMs = holds.length === 1 ? 0 : holdMs
    setTimeout(() => response.setHeader('Etag', '1').end(''), delayMs)
  })
  const began = nowNs()
  const open: Open = (target, session) =>
    longPoll.open(target, Object.assign(session, { eventsFromNs: began + 50 * NS_PER_MS }))
  visit(context, server, open, { holdMs: 400 }, { ...ASKED, first: 'answered' })
  await until(() => holds.length === 4, 'the fourth request')
  // The test's draw is 0: nothing would be left of the hold as events begin.
  const [first = 0, second = 0, ...later] = holds
  assert.ok(first > 0 && first <= 50 && second <= first, `${holds}`)
  assert.deepEqual(later, [400, 400])
})

test('is subscribed by a first answer that comes at once', async (context) => {
  const session = await wait(context, { holdMs: 5_000 }, (response, number) => {
    if (number === 1) response.setHeader('Etag', '1').end(marked(1))
  })
  await until(() => session.requests === 2, 'the second request')
  assert.deepEqual([session.subscriptions, session.sequences], [1, [1]])
})

test('gives a held request up when the hold is over', async (context) => {
  const session = await wait(context, { timeoutMs: 400, holdMs: 100 }, () => {})
  await until(() => session.cuts.length >= 2, 'two cuts')
  assert.deepEqual(session.cuts.slice(0, 2), ['timeout', 'timeout'])
  // It was there each time.
  assert.ok(session.subscriptions >= 2)
})

test('a server that should answer at once and does not is a cut', async (context) => {
  const { first: _, ...answered } = HELD
  const session = await wait(context, { timeoutMs: 400, holdMs: 5_000 }, () => {}, answered)
  await until(() => session.cuts.length > 0, 'the cut')
  assert.deepEqual([session.cuts[0], session.subscriptions], ['timeout', 0])
})
