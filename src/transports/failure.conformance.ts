/** What a transport's client does when its server does not do its part. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { marked, PACE, type RecordingSession, until } from './session.conformance.ts'
import { reached, Stage, type StartServer, subscribed } from './stage.conformance.ts'
import type { Reception } from './tcp-proxy.conformance.ts'
import type { Transport } from './transport.ts'

const SERVER_ERROR = 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: '

const FAILURES: readonly (readonly [name: string, reception: Reception, cause: RegExp])[] = [
  ['answers 500', { answer: `${SERVER_ERROR}4\r\n\r\noops` }, /^http-500$/],
  ['answers 500 without a body', { answer: `${SERVER_ERROR}0\r\n\r\n` }, /^http-500$/],
  [
    'switches protocols unasked',
    { answer: 'HTTP/1.1 101 Switching Protocols\r\n\r\n' },
    /^(http-101|ws-handshake)$/,
  ],
  ['speaks another protocol', { answer: 'SSH-2.0-OpenSSH_9.2\r\n' }, /^http-syntax$/],
  ['closes when asked', 'close', /^(closed|ECONNRESET)$/],
  ['closes within the head', { answer: 'HTTP/1.1 200 O' }, /^(http-closed-early|closed)$/],
  ['is silent', 'silence', /^timeout$/],
]

/** What an answer in HTTP/1.1 is to a client of HTTP/2. */
const NO_HTTP2 = /^(closed|timeout|ECONNRESET|ERR_HTTP2_\w+|h2-[\w-]+)$/

export function failureConformance(
  transport: Transport,
  start: StartServer,
  version: 1 | 2 = 1,
): void {
  for (const [name, reception, cause] of FAILURES) {
    test(`goes on when the server ${name}`, async (context) => {
      const stage = await Stage.open(context, transport, start)
      stage.proxy.reception = reception
      const pace = reception === 'silence' ? { timeoutMs: 250 } : {}
      const [session] = stage.join('news', { pace })
      await until(() => session.cuts.length >= 2, 'two cuts')
      for (const cut of session.cuts) assert.match(cut, version === 1 ? cause : NO_HTTP2)
      assert.equal(session.subscriptions, 0)
      await recovers(stage, session)
    })
  }

  test('goes on when nobody listens', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const { port } = stage.server
    await stage.server.drain()
    const [session] = stage.join('news', { port })
    await until(() => session.cuts.length >= 2, 'two cuts')
    assert.deepEqual(new Set(session.cuts), new Set(['ECONNREFUSED']))
    assert.equal(session.reader.openSockets, 0)
    await stage.restart()
    await recovers(stage, session)
  })

  test('gives up on an answer that is owed, and on nothing else', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const pace = { timeoutMs: 400, holdMs: PACE.holdMs }
    const session = await stage.joined('news', { pace })
    stage.proxy.withhold()
    await stage.server.publish('news', marked(1))
    if (transport.hasExchanges) await until(() => session.cuts.includes('timeout'), 'the cut')
    else await sleep(3 * (pace.timeoutMs + pace.holdMs))
    assert.equal(session.cuts.length > 0, transport.hasExchanges)
    stage.proxy.release()
    await reached(session, 1)
    assert.deepEqual(session.sequences, [1])
  })

  test('waits longer from attempt to attempt', async (context) => {
    const stage = await Stage.open(context, transport, start)
    stage.proxy.reception = 'close'
    const [session] = stage.join()
    // Drawn anew at the ceiling: 100, 200, 400 ms.
    session.random = () => 0.999
    await until(() => session.cuts.length === 1, 'the first cut')
    const began = performance.now()
    await until(() => session.cuts.length === 3, 'the third cut')
    assert(performance.now() - began > 250)
  })

  // What answers here speaks HTTP/1.1.
  if (version === 1) {
    test('comes back no sooner than a refusal asks for', async (context) => {
      const stage = await Stage.open(context, transport, start)
      const refusal =
        'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n'
      stage.proxy.reception = { answer: refusal }
      const [session] = stage.join()
      await until(() => session.cuts.length === 1, 'the refusal')
      const refused = performance.now()
      await until(() => session.cuts.length === 2, 'another one')
      assert(performance.now() - refused > 900)
      assert.deepEqual(session.cuts, ['http-503', 'http-503'])
      await recovers(stage, session)
    })
  }

  test('needs the token', async (context) => {
    const stage = await Stage.open(context, transport, start, { token: 's3cret~+/=' })
    const [stranger] = stage.join()
    const [liar] = stage.join('news', { token: 's3cret~+/' })
    const session = await stage.joined('news', { token: 's3cret~+/=' })
    for (const refused of [stranger, liar]) {
      await until(() => refused.cuts.length > 0, 'the refusal')
      assert.equal(refused.cuts[0], 'http-401')
    }
    await stage.server.publish('news', marked(1))
    await reached(session, 1)
    assert.deepEqual([stranger.sequences, liar.sequences], [[], []])
  })

  test('is let go of when the server drains', async (context) => {
    const stage = await Stage.open(context, transport, start, { limits: { holdMs: 20_000 } })
    const session = await stage.joined()
    await stage.server.publish('news', marked(1))
    await reached(session, 1)
    const began = performance.now()
    await stage.server.drain()
    assert(performance.now() - began < 1_900, 'connections were closed by force')
    await until(() => session.cuts.length > 0, 'the cut')
    assert.match(session.cuts[0] ?? '', /^(closed|ws-close-1001|http-503|ECONNRESET|ECONNREFUSED)$/)
  })
}

/** The server does its part again: the client finds out by itself. */
async function recovers(stage: Stage, session: RecordingSession): Promise<void> {
  stage.proxy.reception = 'forward'
  await subscribed(session)
  const { length } = session.cuts
  await stage.server.publish('news', marked(1))
  await reached(session, 1)
  assert.deepEqual(session.sequences, [1])
  assert.equal(session.cuts.length, length)
}
