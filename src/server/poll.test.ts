/** The server's two kinds of polls, asked by undici. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { request } from 'undici'
import { span, until } from '../transports/session.conformance.ts'
import type { ServerSetting } from '../transports/stage.conformance.ts'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'

interface Poll {
  readonly gap?: boolean
  readonly events: readonly { readonly id: string; readonly type?: string; readonly data: string }[]
  readonly lastEventId: string
}

const PATHS = ['/poll', '/long-poll']

async function started(context: TestContext, setting?: ServerSetting): Promise<TestServer> {
  const server = await startTestServer(setting)
  context.after(() => server.drain())
  return server
}

async function poll(url: string, headers: Record<string, string> = {}): Promise<Poll> {
  const answer = await request(url, { headers })
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.equal(answer.headers['cache-control'], 'no-store')
  const text = await answer.body.text()
  assert.equal(answer.headers['content-length'], `${Buffer.byteLength(text)}`)
  return JSON.parse(text) as Poll
}

function dataOf({ events }: Poll): string[] {
  return events.map(({ data }) => data)
}

for (const path of PATHS) {
  test(`${path}: begins with a cursor and goes on from it`, async (context) => {
    const { origin, publish } = await started(context)
    await publish('a', 'before')
    const url = `${origin}${path}?channel=a`
    const first = await poll(url)
    assert.deepEqual(first.events, [])
    await publish('a', '1', 'ž"\\\n')
    await publish('b', 'not asked for')
    const second = await poll(`${url}&lastEventId=${first.lastEventId}`)
    assert.deepEqual(dataOf(second), ['1', 'ž"\\\n'])
    assert.notEqual(second.lastEventId, second.events[1]?.id)
    await publish('a', '3')
    assert.deepEqual(dataOf(await poll(`${url}&lastEventId=${second.lastEventId}`)), ['3'])
    // The cursor may be any event's id, and asked from as often as wanted.
    const [one] = second.events
    for (const _ of [1, 2]) {
      assert.deepEqual(dataOf(await poll(`${url}&lastEventId=${one?.id}`)), ['ž"\\\n', '3'])
    }
    const byHeader = await poll(`${url}&lastEventId=${first.lastEventId}`, {
      'last-event-id': second.lastEventId,
    })
    assert.deepEqual(dataOf(byHeader), ['3'])
  })

  test(`${path}: says when there is a gap, and only then`, async (context) => {
    const { origin, publish, statistics } = await started(context, { logSize: 2 })
    const url = `${origin}${path}?channel=a`
    const { lastEventId } = await poll(url)
    await publish('a', '1', '2')
    const whole = await poll(`${url}&lastEventId=${lastEventId}`)
    assert.deepEqual([whole.gap, dataOf(whole)], [undefined, ['1', '2']])
    await publish('a', '3')
    const late = await poll(`${url}&lastEventId=${lastEventId}`)
    assert.deepEqual([late.gap, dataOf(late)], [true, ['2', '3']])
    const foreign = await poll(`${url}&lastEventId=rtbi_1_1_`)
    assert.deepEqual([foreign.gap, dataOf(foreign)], [true, ['2', '3']])
    assert.equal(
      (await statistics()).transports[path.slice(1).replace(/^poll/, 'short-poll')]?.gapSignals,
      2,
    )
  })

  test(`${path}: several channels, each event once and in order`, async (context) => {
    const { origin, publish } = await started(context)
    const url = `${origin}${path}?channel=a&channel=b&channel=a`
    const { lastEventId } = await poll(url)
    for (const number of span(1, 10)) await publish(number % 3 === 0 ? 'a' : 'b', `${number}`)
    const answer = await poll(`${url}&lastEventId=${lastEventId}`)
    assert.deepEqual(dataOf(answer), span(1, 10).map(String))
  })
}

test('a short poll is answered at once, with an empty list if need be', async (context) => {
  const { origin } = await started(context, { limits: { holdMs: 3_600_000 } })
  const { lastEventId } = await poll(`${origin}/poll?channel=a`)
  const answer = await poll(`${origin}/poll?channel=a&lastEventId=${lastEventId}`)
  assert.deepEqual(answer, { events: [], lastEventId })
})

test('a long poll is held until there is an event, a whole batch then', async (context) => {
  const { origin, publish, account } = await started(context)
  const { lastEventId } = await poll(`${origin}/long-poll?channel=a`)
  const polls = span(1, 3).map(() =>
    poll(`${origin}/long-poll?channel=a&channel=c&lastEventId=${lastEventId}`),
  )
  await until(async () => (await account('long-poll')).held === 3, 'three are held')
  await publish('b', 'not asked for')
  assert.equal((await account('long-poll')).held, 3)
  await publish('a', '1', '2', '3')
  for (const answer of await Promise.all(polls)) assert.deepEqual(dataOf(answer), ['1', '2', '3'])
  assert.equal((await account('long-poll')).held, 0)
})

test('a long poll is answered explicitly when the hold is over', async (context) => {
  const { origin, account } = await started(context, { limits: { holdMs: 120 } })
  const { lastEventId } = await poll(`${origin}/long-poll?channel=a`)
  const began = performance.now()
  const answer = await poll(`${origin}/long-poll?channel=a&lastEventId=${lastEventId}`)
  assert(performance.now() - began > 100)
  assert.deepEqual(answer, { events: [], lastEventId })
  assert.equal((await account('long-poll')).held, 0)
})

test('a long poll whose client has gone is held no more', async (context) => {
  const { origin, account } = await started(context)
  const { lastEventId } = await poll(`${origin}/long-poll?channel=a`)
  const controller = new AbortController()
  const url = `${origin}/long-poll?channel=a&lastEventId=${lastEventId}`
  const gone = assert.rejects(request(url, { signal: controller.signal }))
  await until(async () => (await account('long-poll')).held === 1, 'it is held')
  controller.abort()
  await gone
  await until(async () => (await account('long-poll')).held === 0, 'it is not')
})

test('a batch that the log cannot keep is a gap to a held poll', async (context) => {
  const { origin, publish, account, statistics } = await started(context, { logSize: 2 })
  const { lastEventId } = await poll(`${origin}/long-poll?channel=a`)
  const held = poll(`${origin}/long-poll?channel=a&lastEventId=${lastEventId}`)
  await until(async () => (await account('long-poll')).held === 1, 'it is held')
  await publish('a', '1', '2', '3')
  const answer = await held
  assert.deepEqual([answer.gap, dataOf(answer)], [true, ['2', '3']])
  assert.equal((await statistics()).transports['long-poll']?.gapSignals, 1)
})
