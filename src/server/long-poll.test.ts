/** Rules of RFC 6202 on long polls, and the times that the server keeps by default. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { request } from 'undici'
import { span, until } from '../transports/session.conformance.ts'
import type { ServerSetting } from '../transports/stage.conformance.ts'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'
import { DEFAULT_LIMITS, DEFAULT_SERVER_OPTIONS } from './reference-server.ts'

interface Poll {
  readonly cacheControl: unknown
  readonly text: string
  readonly data: readonly string[]
  readonly cursor: string
}

async function started(context: TestContext, setting?: ServerSetting): Promise<TestServer> {
  const server = await startTestServer(setting)
  context.after(() => server.drain())
  return server
}

async function poll({ origin }: TestServer, cursor = '', more = ''): Promise<Poll> {
  const url = `${origin}/long-poll?channel=a&lastEventId=${cursor}${more}`
  const { body, headers } = await request(url)
  const text = await body.text()
  const { events, lastEventId } = JSON.parse(text) as {
    events: readonly { data: string }[]
    lastEventId: string
  }
  const data = events.map((event) => event.data)
  return { cacheControl: headers['cache-control'], text, data, cursor: lastEventId }
}

test('holds a poll for 30 s, beats after 15 s and pings after 25 s by default', () => {
  const { holdMs, heartbeatMs, pingMs } = DEFAULT_SERVER_OPTIONS.limits
  assert.deepEqual([holdMs, heartbeatMs, pingMs], [30_000, 15_000, 25_000])
  assert.equal(DEFAULT_LIMITS, DEFAULT_SERVER_OPTIONS.limits)
})

test('no answer to a poll may be stored, be it empty or full, at once or held', async (context) => {
  const server = await started(context, { limits: { holdMs: 50 } })
  const first = await poll(server)
  const empty = await poll(server, first.cursor)
  await server.publish('a', '1')
  const full = await poll(server, first.cursor)
  const held = poll(server, full.cursor)
  await server.publish('a', '2')
  for (const { cacheControl } of [first, empty, full, await held]) {
    assert.equal(cacheControl, 'no-store')
  }
})

test('what accumulated between two polls is delivered at once, in one answer', async (context) => {
  const server = await started(context)
  const { cursor } = await poll(server)
  for (const number of span(1, 20)) await server.publish('a', `${number}`)
  const began = performance.now()
  const { data } = await poll(server, cursor)
  // Not held: the hold is 30 s.
  assert(performance.now() - began < 10_000)
  assert.deepEqual(data, span(1, 20).map(String))
})

test('nothing is lost when a publish falls between two polls, or into an answer', async (context) => {
  const server = await started(context)
  let { cursor } = await poll(server)
  const seen: string[] = []
  for (const number of span(1, 30)) {
    let answered = false
    const held = poll(server, cursor).finally(() => {
      answered = true
    })
    if (number % 3 === 0) {
      // Unless the last publish of the round before is its answer.
      const parked = async () => answered || (await server.account('long-poll')).held === 1
      await until(parked, 'it is held')
    }
    // The first ends the hold, the second comes while its answer is on its way.
    await Promise.all([server.publish('a', `${number}a`), server.publish('a', `${number}b`)])
    const answer = await held
    seen.push(...answer.data)
    cursor = answer.cursor
  }
  while (seen.length < 60) {
    const answer = await poll(server, cursor)
    seen.push(...answer.data)
    cursor = answer.cursor
  }
  const expected = span(1, 30).flatMap((number) => [`${number}a`, `${number}b`])
  assert.deepEqual(seen.toSorted(), expected.toSorted())
  assert.deepEqual(seen, [...new Set(seen)])
})

test('a hold that is over is answered by an empty list and the cursor to go on with', async (context) => {
  const server = await started(context, { limits: { holdMs: 50 } })
  const { cursor } = await poll(server)
  const { text } = await poll(server, cursor)
  assert.equal(text, `{"events":[],"lastEventId":"${cursor}"}`)
})

test('a poll is held for as long as it asks, and never for longer than the server holds', async (context) => {
  const server = await started(context, { limits: { holdMs: 300 } })
  const { cursor } = await poll(server)
  const heldMs = async (hold: string): Promise<number> => {
    const began = performance.now()
    const { data } = await poll(server, cursor, `&hold=${hold}`)
    assert.deepEqual(data, [])
    return performance.now() - began
  }
  const [none, short, own, long] = [
    await heldMs('0'),
    await heldMs('100'),
    await heldMs('300'),
    await heldMs('999999999'),
  ]
  // Timers are up to a millisecond early, and a busy machine is late.
  assert.ok(short > 98 && own > 298 && long > 298, `${[none, short, own, long]}`)
  assert.ok(none < short && long < 10_000, `${[none, short, own, long]}`)
})

test('a hold is a whole number of milliseconds', async (context) => {
  const server = await started(context)
  for (const hold of ['', '-1', '1.5', '1e3', '30s', '1234567890', '%20']) {
    const url = `${server.origin}/long-poll?channel=a&hold=${hold}`
    const { statusCode, body } = await request(url)
    assert.match(await body.text(), /hold is a whole number of milliseconds/)
    assert.equal(statusCode, 400, hold)
  }
})
