import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { request } from 'undici'
import { until } from '../transports/session.conformance.ts'
import type { ServerSetting } from '../transports/stage.conformance.ts'
import { HttpFront } from './front.ts'
import { Gate } from './gate.ts'
import { startTestServer, type TestServer } from './reference-server.conformance.ts'

const ALLOWED = 'https://app.example'

async function started(context: TestContext, setting?: ServerSetting): Promise<TestServer> {
  const server = await startTestServer(setting)
  context.after(() => server.drain())
  return server
}

const GET = ['/poll?channel=a', '/long-poll?channel=a', '/sse?channel=a', '/stats', '/ready']
const CHANNELS = [
  '',
  '?channel=',
  '?channel=a%20b',
  `?channel=${'x'.repeat(129)}`,
  '?channel=%C3%A9',
]

test('404, 405 and 426', async (context) => {
  const { origin } = await started(context)
  for (const [method, path, status, header, value] of [
    ['GET', '/', 404],
    ['GET', '/pol', 404],
    ['POST', '/nothing', 404],
    ['GET', '/publish', 405, 'allow', 'POST'],
    ['DELETE', '/publish', 405, 'allow', 'POST'],
    ['POST', '/sse', 405, 'allow', 'GET, HEAD'],
    ['PUT', '/poll', 405, 'allow', 'GET, HEAD'],
    ['GET', '/ws', 426, 'upgrade', 'websocket'],
  ] as const) {
    const answer = await request(origin + path, { method })
    assert.equal(answer.statusCode, status, `${method} ${path}`)
    if (status === 426) assert.equal(answer.headers['connection'], 'Upgrade')
    if (header !== undefined) assert.equal(answer.headers[header], value, `${method} ${path}`)
    const { error } = (await answer.body.json()) as { error: string }
    assert.equal(typeof error, 'string')
  }
})

test('HEAD has the head of GET, and nothing after it', async (context) => {
  const server = await started(context)
  await server.publish('a', '1')
  const paths = ['/poll', '/long-poll', '/sse'].map((path) => `${path}?channel=a`)
  for (const path of [...paths, `/poll?channel=a&lastEventId=1`, '/stats', '/ready']) {
    const [get, head] = [
      await fetch(server.origin + path),
      // An answer that is held would be late for this.
      await fetch(server.origin + path, { method: 'HEAD', signal: AbortSignal.timeout(5_000) }),
    ]
    assert.equal(head.status, 200, path)
    for (const name of ['content-type', 'cache-control', 'x-accel-buffering']) {
      assert.equal(head.headers.get(name), get.headers.get(name), `${name} of ${path}`)
    }
    assert.equal(await head.text(), '')
    await get.body?.cancel()
  }
  const cursor = (await (await fetch(`${server.origin}/poll?channel=a`)).json()) as {
    lastEventId: string
  }
  const held = `/long-poll?channel=a&lastEventId=${cursor.lastEventId}`
  for (const [path, status] of [
    [held, 200],
    ['/poll', 400],
    ['/publish', 405],
    ['/nothing', 404],
    ['/ws', 426],
  ] as const) {
    // On one connection: what came after the head would be taken for the next answer.
    assert.equal((await fetch(server.origin + path, { method: 'HEAD' })).status, status, path)
  }
  const { transports } = await server.statistics()
  const delivered = Object.entries(transports).filter(([, { deliveries }]) => deliveries > 0)
  assert.deepEqual(
    delivered.map(([name, { deliveries }]) => [name, deliveries]),
    [['short-poll', 1]],
  )
})

for (const upgrade of ['h2c', 'TLS/1.0', 'websockets', 'h2c, x-websocket']) {
  test(`Upgrade: ${upgrade} is ignored`, async (context) => {
    const { origin, statistics } = await started(context)
    const headers = {
      Connection: 'Upgrade, HTTP2-Settings',
      Upgrade: upgrade,
      'HTTP2-Settings': 'AAMAAABkAAQAAP__',
    }
    const ask = (method: string, path: string, body = ''): Promise<readonly [unknown, string]> =>
      new Promise((resolve, reject) => {
        httpRequest(origin + path, { method, headers })
          .on('response', (response) => {
            text(response).then((body) => resolve([response.statusCode, body]), reject)
          })
          .on('error', reject)
          .end(body)
      })
    assert.deepEqual(await ask('GET', '/ready'), [200, '{"ready":true}'])
    assert.equal((await ask('GET', '/poll?channel=a'))[0], 200)
    assert.equal((await ask('GET', '/ws'))[0], 426)
    assert.equal((await ask('POST', '/publish', '{"channel":"a","data":"1"}'))[0], 202)
    assert.equal((await statistics()).published, 1)
  })
}

test('a connection goes on after an upgrade that is ignored', async (context) => {
  const { port } = await started(context)
  const socket = connect(port, '127.0.0.1')
  context.after(() => socket.destroy())
  let answers = ''
  socket.setEncoding('latin1').on('data', (piece: string) => {
    answers += piece
  })
  for (const count of [1, 2, 3]) {
    socket.write(
      'GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    )
    await until(() => answers.match(/"ready":true/g)?.length === count, `answer ${count}`)
  }
})

test('a target that is a whole URL is served, for its own host', async (context) => {
  const { port } = await started(context)
  for (const [target, host, status] of [
    [`http://127.0.0.1:${port}/ready`, 'localhost', 200],
    [`HTTP://LOCALHOST/poll?channel=a`, 'evil.example', 200],
    ['https://localhost/stats?traffic', 'localhost', 200],
    ['http://localhost', 'localhost', 404],
    ['http://localhost?channel=a', 'localhost', 404],
    // The authority goes before Host: what Host alone would let in is refused.
    ['http://evil.example/stats', 'localhost', 403],
    ['ftp://localhost/ready', 'localhost', 404],
  ] as const) {
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    assert.match(await text(socket), new RegExp(`^HTTP/1.1 ${status} `), target)
  }
})

test('no GET changes anything: only a POST begins a new window of the delays', async (context) => {
  const server = await started(context)
  const stream = await request(`${server.origin}/sse?channel=a`)
  context.after(() => stream.body.on('error', () => {}).destroy())
  await server.publish('a', '1')
  assert.equal((await server.statistics()).fanOut.events, 1)
  assert.equal((await server.statistics('?reset')).fanOut.events, 1)
  assert.equal((await request(`${server.origin}/stats/reset`)).statusCode, 405)
  assert.equal((await server.statistics()).fanOut.events, 1)
  const reset = await request(`${server.origin}/stats/reset`, { method: 'POST' })
  const { fanOut } = (await reset.body.json()) as Awaited<ReturnType<typeof server.statistics>>
  assert.equal(fanOut.events, 1)
  assert.equal((await server.statistics()).fanOut.events, 0)
})

test('400 for channels that are none', async (context) => {
  const { origin } = await started(context, { limits: { maxChannels: 2 } })
  for (const path of ['/poll', '/long-poll', '/sse']) {
    for (const query of [...CHANNELS, '?channel=a&channel=b&channel=c', '?channel=a&channel=']) {
      const answer = await request(origin + path + query)
      assert.equal(answer.statusCode, 400, path + query)
      assert.match(await answer.body.text(), /channel/)
    }
  }
})

test('lets pages of the allowed origins and its own read, and no others', async (context) => {
  const { origin: own } = await started(context, { origins: [ALLOWED] })
  for (const [origin, allowed] of [
    [ALLOWED, true],
    [own, true],
    ['http://app.example', false],
    [`${ALLOWED}:8443`, false],
    [`${ALLOWED}.evil.example`, false],
    ['http://127.0.0.1:1', false],
    ['null', false],
    ['', false],
  ] as const) {
    for (const path of GET.filter((one) => !one.includes('long') && !one.includes('sse'))) {
      const answer = await request(own + path, { headers: { origin } })
      assert.equal(answer.statusCode, allowed ? 200 : 403, `${path} from ${origin}`)
      const readable = answer.headers['access-control-allow-origin']
      assert.equal(readable, allowed ? origin : undefined)
      if (allowed) assert.equal(answer.headers['vary'], 'Origin')
      await answer.body.dump()
    }
  }
})

test('answers preflights', async (context) => {
  const { origin: own } = await started(context, { origins: [ALLOWED], token: 't' })
  const ask = (origin: string) =>
    request(`${own}/publish`, { method: 'OPTIONS', headers: { origin } })
  // A preflight has no token.
  const { statusCode, headers } = await ask(ALLOWED)
  assert.equal(statusCode, 204)
  assert.equal(headers['access-control-allow-origin'], ALLOWED)
  assert.match(String(headers['access-control-allow-methods']), /POST/)
  for (const name of ['Authorization', 'Content-Type', 'Last-Event-ID']) {
    assert(String(headers['access-control-allow-headers']).includes(name))
  }
  const refused = await ask('https://evil.example')
  assert.equal(refused.statusCode, 403)
  assert.equal(refused.headers['access-control-allow-origin'], undefined)
})

test('wants the token, by header or by query', async (context) => {
  const { origin } = await started(context, { token: 'a b+c/=' })
  const get = (path: string, authorization?: string) =>
    request(origin + path, authorization === undefined ? {} : { headers: { authorization } })
  for (const path of GET) {
    const refused = await get(path)
    assert.equal(refused.statusCode, 401, path)
    assert.equal(refused.headers['www-authenticate'], 'Bearer')
    await refused.body.dump()
  }
  for (const wrong of ['Bearer a', 'Bearer', 'Basic YTpi', 'Bearer a b+c/= d']) {
    assert.equal((await get('/ready', wrong)).statusCode, 401, wrong)
  }
  assert.equal((await get('/ready?token=a%20b%2Bc/%3D')).statusCode, 200)
  assert.equal((await get('/ready?token=a')).statusCode, 401)
  assert.equal((await get('/ready?token=')).statusCode, 401)
})

test('refuses upgrades before they are any', async (context) => {
  const server = await started(context, { token: 't', origins: [ALLOWED] })
  const before = (await server.statistics()).openSockets
  for (const [path, origin, status] of [
    ['/ws?token=t', 'https://evil.example', 403],
    ['/ws', ALLOWED, 401],
    ['/nothing?token=t', ALLOWED, 404],
  ] as const) {
    const answered = new Promise<unknown>((resolve, reject) => {
      const headers = {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': 13,
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        Origin: origin,
      }
      httpRequest(server.origin + path, { headers })
        .on('response', (response) => {
          const { statusCode, headers } = response
          void text(response).then(() => resolve([statusCode, headers['www-authenticate']]))
        })
        .on('upgrade', () => reject(new Error('upgraded')))
        .on('error', reject)
        .end()
    })
    assert.deepEqual(await answered, [status, status === 401 ? 'Bearer' : undefined])
  }
  await until(async () => (await server.statistics()).openSockets === before, 'all closed')
})

test('a refused upgrade that is not hung up on leaves no socket', async (context) => {
  const server = await started(context)
  const before = (await server.statistics()).openSockets
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
  context.after(() => socket.destroy())
  socket.on('error', () => {})
  socket.write(
    'GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  )
  socket.resume()
  await until(() => socket.readableEnded, 'the answer')
  await until(async () => (await server.statistics()).openSockets === before, 'all closed')
})

test('counts sockets and bytes, closed ones included', async (context) => {
  const server = await started(context)
  const before = await server.statistics('?traffic')
  assert.equal((await server.statistics()).traffic, undefined)
  const head = 'GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
  const socket = connect(server.port, '127.0.0.1')
  socket.write(head)
  const answer = await text(socket)
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
  await until(async () => (await server.statistics()).openSockets === before.openSockets, 'closed')
  const after = await server.statistics('?traffic')
  assert((after.traffic?.bytesReceived ?? 0) >= (before.traffic?.bytesReceived ?? 0) + head.length)
  assert((after.traffic?.bytesSent ?? 0) >= (before.traffic?.bytesSent ?? 0) + answer.length)
})

test('a request that fails is answered 500, and the server goes on', async (context) => {
  const front = new HttpFront(new Gate(null, [], '127.0.0.1'))
  front.get('/fails', () => {
    throw new RangeError('Invalid string length')
  })
  front.get('/fails-late', ({ response }) => {
    response.writeHead(200).write('half an')
    throw new RangeError('Invalid string length')
  })
  const port = await front.listen('127.0.0.1', 0)
  context.after(() => front.drain())
  const origin = `http://127.0.0.1:${port}`
  for (const _ of [1, 2]) {
    const answer = await request(`${origin}/fails`)
    assert.equal(answer.statusCode, 500)
    await answer.body.dump()
    await assert.rejects(request(`${origin}/fails-late`).then(({ body }) => body.text()))
  }
})

test('a page that was made to lead here by name gets nothing', async (context) => {
  const { port } = await started(context)
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}` }
    httpRequest({ port, host: '127.0.0.1', path: '/stats', headers })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end()
  })
  assert.equal(answer, 403)
})

test('listening on a port that is taken rejects', async (context) => {
  const { port } = await started(context)
  await assert.rejects(startTestServer({ port }), { code: 'EADDRINUSE' })
})
