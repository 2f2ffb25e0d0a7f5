import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { request } from 'undici'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'

interface Polled {
  readonly events: readonly { readonly id: string; readonly type?: string; readonly data: string }[]
  readonly lastEventId: string
}

interface Scene {
  readonly server: TestServer
  post(body: string | Buffer): Promise<{ readonly status: number; readonly body: unknown }>
  /** What came on a channel since the beginning. */
  events(channel: string): Promise<Polled['events']>
}

async function scene(context: TestContext, maxMessageBytes = 64 * 1024): Promise<Scene> {
  const server = await startTestServer({ limits: { maxMessageBytes } })
  context.after(() => server.drain())
  const poll = async (query: string): Promise<Polled> => {
    const answer = await request(`${server.origin}/poll?${query}`)
    return (await answer.body.json()) as Polled
  }
  const { lastEventId: beginning } = await poll('channel=a')
  return {
    server,
    async post(body) {
      const answer = await request(`${server.origin}/publish`, { method: 'POST', body })
      return { status: answer.statusCode, body: await answer.body.json() }
    },
    async events(channel) {
      return (await poll(`channel=${channel}&lastEventId=${beginning}`)).events
    },
  }
}

test('takes one event', async (context) => {
  const { post, events } = await scene(context)
  const answer = await post('{"channel":"a","type":"note","data":"hello"}')
  const [event] = await events('a')
  assert.deepEqual(answer, { status: 202, body: { accepted: 1, lastEventId: event?.id } })
  assert.deepEqual(event, { id: event?.id, type: 'note', data: 'hello' })
})

test('takes a batch in order', async (context) => {
  const { post, events, server } = await scene(context)
  const batch = Array.from({ length: 300 }, (_, index) => ({
    channel: index % 3 === 0 ? 'b' : 'a',
    data: `${index}`,
  }))
  const { status, body } = await post(JSON.stringify(batch))
  assert.equal(status, 202)
  assert.equal((body as { accepted: number }).accepted, 300)
  for (const channel of ['a', 'b']) {
    assert.deepEqual(
      (await events(channel)).map(({ data }) => data),
      batch.filter((one) => one.channel === channel).map(({ data }) => data),
    )
  }
  assert.equal((await server.statistics()).published, 300)
})

test('sends what is no string as its JSON', async (context) => {
  const { post, events } = await scene(context)
  const values = [0, null, false, [1, 'é'], { a: { b: '\n' } }, '']
  await post(JSON.stringify(values.map((data) => ({ channel: 'a', type: null, data }))))
  assert.deepEqual(
    (await events('a')).map(({ data }) => data),
    ['0', 'null', 'false', '[1,"é"]', '{"a":{"b":"\\n"}}', ''],
  )
})

test('takes an empty batch', async (context) => {
  const { post } = await scene(context)
  assert.equal((await post('[]')).status, 202)
})

for (const [name, body, problem] of [
  ['nothing', '', /not JSON/],
  ['text', 'hello', /not JSON/],
  ['half of it', '{"channel":"a","data":"x"', /not JSON/],
  ['null', 'null', /event 0 is not an object/],
  ['a string', '"a"', /event 0 is not an object/],
  ['no channel', '{"data":"x"}', /event 0: channel/],
  ['a channel with a space', '{"channel":"a b","data":"x"}', /event 0: channel/],
  ['a channel that is a number', '{"channel":1,"data":"x"}', /event 0: channel/],
  ['a long channel', `{"channel":"${'x'.repeat(129)}","data":"x"}`, /event 0: channel/],
  ['no data', '{"channel":"a"}', /event 0 has no data/],
  ['an empty type', '{"channel":"a","type":"","data":"x"}', /event 0: type/],
  ['a type of two lines', '{"channel":"a","type":"a\\nid: 1","data":"x"}', /event 0: type/],
  ['a type that is a number', '{"channel":"a","type":1,"data":"x"}', /event 0: type/],
  ['the type of a gap', '{"channel":"a","type":"gap","data":"x"}', /event 0: type gap/],
  ['data over the limit', `{"channel":"a","data":"${'é'.repeat(33)}"}`, /event 0: data is over 64/],
  ['one bad event', '[{"channel":"a","data":"x"},{"channel":"a"}]', /event 1 has no data/],
] as const) {
  test(`refuses ${name}, and publishes nothing of it`, async (context) => {
    const { post, events, server } = await scene(context, 64)
    const answer = await post(body)
    assert.equal(answer.status, 400)
    assert.match((answer.body as { error: string }).error, problem)
    assert.deepEqual(await events('a'), [])
    assert.equal((await server.statistics()).published, 0)
  })
}

test('takes data up to the limit', async (context) => {
  const { post } = await scene(context, 64)
  assert.equal((await post(`{"channel":"a","data":"${'é'.repeat(32)}"}`)).status, 202)
})

test('413 for a body over 4 MiB', async (context) => {
  const { post, server } = await scene(context)
  for (const mebibytes of [4.001, 12]) {
    const answer = await post(Buffer.alloc(mebibytes * 1024 * 1024, 'x'))
    assert.equal(answer.status, 413)
    assert.match((answer.body as { error: string }).error, /4194304/)
  }
  assert.equal((await server.statistics()).published, 0)
})

test('a sender that reads late still gets its 413, and goes on', async (context) => {
  const { server } = await scene(context)
  const socket = connect(server.port, '127.0.0.1')
  context.after(() => socket.destroy())
  const bytes = 12 * 1024 * 1024
  socket.write(`POST /publish HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytes}\r\n\r\n`)
  await new Promise((resolve) => socket.write(Buffer.alloc(bytes, 'x'), resolve))
  socket.write('GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  const answers = await text(socket)
  assert.deepEqual(answers.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 413', 'HTTP/1.1 200'])
})
