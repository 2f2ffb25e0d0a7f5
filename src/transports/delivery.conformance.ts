/** What a transport delivers while nothing fails. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { marked, span, until } from './session.conformance.ts'
import { reached, Stage, type StartServer } from './stage.conformance.ts'
import type { Transport } from './transport.ts'

const PAYLOADS: readonly (readonly [name: string, data: string])[] = [
  ['several lines', marked(1, 'first\n\n\nsecond\n', '\nlast\n')],
  ['all kinds of line ends', marked(1, 'a\r\nb\rc\n\rd', '\r\n')],
  ['blanks and colons', marked(1, '  : data: id: 7\n event: x\n:\n', '  ')],
  [
    'characters beyond ASCII',
    marked(1, '\ufeffžluťoučký 東京 👩‍🚀 \u2028\u2029 e\u0301', '\u{10ffff}'),
  ],
  ['quotes and backslashes', marked(1, '"\\"\\\\"lastEventId":"x","id":"y",{}[]</script>', '\\')],
  ['control characters', marked(1, '\0\x01\x02\x07\b\t\v\f\x1b\x7f\x85', '\0')],
  ['lone surrogates', marked(1, '\ud800x', '\udc00')],
  ['60 KiB', marked(1, '€'.repeat(10 * 1024), 'z'.repeat(30 * 1024))],
]

/** An event stream has one kind of line end, UTF-8 no lone surrogates. */
function asText(data: string): string {
  return Buffer.from(data.replace(/\r\n?/g, '\n')).toString()
}

export function deliveryConformance(transport: Transport, start: StartServer): void {
  test('delivers in order, by ones and in batches', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const session = await stage.joined()
    for (const sequence of span(1, 30)) await stage.server.publish('news', marked(sequence))
    await stage.server.publish('news', ...span(31, 60).map((sequence) => marked(sequence)))
    await reached(session, 60)
    assert.deepEqual(session.sequences, span(1, 60))
    assert.deepEqual(session.cuts, [])
    assert.equal(session.gaps, 0)
    assert.equal(session.subscriptions, 1)
    const answered = session.answers.reduce((sum, events) => sum + events, 0)
    assert.equal(answered, transport.hasExchanges ? 60 : 0)
  })

  test('misses nothing between two of its requests', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const session = await stage.joined()
    for (const round of span(0, 9)) {
      // The answer is on its way, and what comes now finds no request waiting.
      stage.proxy.withhold()
      for (const sequence of span(1, 3)) {
        await stage.server.publish('news', marked(3 * round + sequence))
      }
      stage.proxy.release()
      await reached(session, 3 * round + 1)
    }
    await reached(session, 30)
    assert.deepEqual(session.sequences, span(1, 30))
  })

  for (const [name, data] of PAYLOADS) {
    test(`carries ${name}`, async (context) => {
      const stage = await Stage.open(context, transport, start)
      const session = await stage.joined()
      await stage.server.publish('news', data)
      await reached(session, 1)
      assert.deepEqual(session.payloads.map(asText), [asText(data)])
      await stage.server.publish('news', marked(2), data, marked(3))
      await reached(session, 3)
      assert.deepEqual(session.sequences, [1, 2, 1, 3])
      assert.equal(asText(session.payloads[2] ?? ''), asText(data))
    })
  }

  test('keeps channels apart, whatever their names', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const names = ['a', 'b', '&channel=a', '"\\', '%61', '+?#/']
    const sessions = await Promise.all(names.map((name) => stage.joined(name)))
    for (const sequence of span(1, 10)) {
      for (const [index, name] of names.entries()) {
        await stage.server.publish(name, marked(100 * index + sequence))
      }
    }
    for (const [index, session] of sessions.entries()) {
      await reached(session, 100 * index + 10)
      assert.deepEqual(session.sequences, span(100 * index + 1, 100 * index + 10))
    }
  })

  test('takes what comes byte by byte', async (context) => {
    const stage = await Stage.open(context, transport, start)
    stage.proxy.byteByByte = true
    // On a busy machine a byte at a time takes its time.
    const session = await stage.joined('news', { pace: { timeoutMs: 10_000 } })
    for (const sequence of span(1, 4)) await stage.server.publish('news', marked(sequence, 'é\n'))
    await reached(session, 4)
    assert.deepEqual(session.sequences, span(1, 4))
    assert.deepEqual(new Set(session.payloads.map((data) => data.slice(0, 2))), new Set(['é\n']))
    assert.deepEqual(session.cuts, [])
  })

  test('takes what comes in one piece', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const session = await stage.joined()
    stage.proxy.withhold()
    for (const sequence of span(1, 50)) await stage.server.publish('news', marked(sequence))
    assert.deepEqual(session.sequences, [])
    stage.proxy.release()
    await reached(session, 50)
    assert.deepEqual(session.sequences, span(1, 50))
  })

  test('counts the bytes that go over the wire', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const { proxy } = stage
    const session = await stage.joined('news', { pace: { intervalMs: 60 } })
    for (const sequence of span(1, 20)) await stage.server.publish('news', marked(sequence, 'ž'))
    await reached(session, 20)
    await until(
      () =>
        session.reader.bytesReceived === proxy.bytesToClients &&
        session.reader.bytesSent === proxy.bytesToServer,
      `${session.reader.bytesReceived} = ${proxy.bytesToClients} and ${session.reader.bytesSent} = ${proxy.bytesToServer}`,
    )
    assert(session.reader.bytesReceived > 20 * marked(20).length)
    assert(session.reader.bytesSent > 50)
  })

  test('an answer without events is an answer', async (context) => {
    const stage = await Stage.open(context, transport, start, { limits: { holdMs: 40 } })
    const session = await stage.joined()
    const { account } = stage.server
    const busy = async (): Promise<boolean> =>
      transport.hasExchanges
        ? session.answers.length >= 4
        : (await account(transport.name)).held === 1
    await until(busy, 'four answers, or a connection held')
    assert.deepEqual(new Set(session.answers), new Set([0]))
    assert.deepEqual(session.cuts, [])
    assert.equal(stage.proxy.taken, 1)
    await stage.server.publish('news', marked(1))
    await reached(session, 1)
  })

  test('stops without a word and leaves nothing behind', async (context) => {
    const stage = await Stage.open(context, transport, start)
    const before = await stage.server.account(transport.name)
    assert.equal(before.held, 0)
    const clients = span(1, 10).map(() => stage.join())
    await until(() => clients.every(([session]) => session.subscriptions === 1), 'all subscribed')
    const during = await stage.server.account(transport.name)
    assert.equal(during.openSockets, before.openSockets + 10)
    assert.deepEqual(
      clients.map(([{ reader }]) => reader.openSockets),
      clients.map(() => 1),
    )

    for (const [, client] of clients) client.stop()
    const told = clients.map(([session]) => session.told)
    await stage.server.publish('news', marked(1))
    await until(async () => {
      const { held, openSockets } = await stage.server.account(transport.name)
      return held === 0 && openSockets === before.openSockets
    }, 'no connection is left')
    assert.deepEqual(
      clients.map(([session]) => session.told),
      told,
    )
    assert(clients.every(([{ reader }]) => reader.openSockets === 0))
    assert.equal(stage.proxy.taken, 10)
  })
}
