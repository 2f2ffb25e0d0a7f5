import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import { WebSocketServer } from 'ws'
import { discover, type Wishes } from './discovery.ts'

const NOTHING: Wishes = { paths: {}, publish: null, body: null, mayGuess: true, token: null }

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown

/** A server with an answer for some `METHOD /path`, and 404 for all others. */
async function serve(
  context: TestContext,
  answers: Readonly<Record<string, Answer>>,
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const path = request.url?.replace(/\?.*/s, '')
    const answer = answers[`${request.method} ${path}`]
    if (answer === undefined) response.writeHead(404).end('no such page')
    else answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

/** What a server does with an event: all who listen get it. */
function hub(): { readonly streams: Set<ServerResponse>; publish(event: string): void } {
  const streams = new Set<ServerResponse>()
  return {
    streams,
    publish: (event) => {
      for (const stream of streams) stream.write(`data: ${event}\n\n`)
    },
  }
}

const json = (response: ServerResponse, value: unknown): void =>
  void response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))

/** Takes an event out of a field of JSON; 400 without it. */
function taking(field: string, publish: (event: string) => void, status = 202): Answer {
  return async (request, response) => {
    const body = await text(request)
    let event: unknown
    try {
      event = JSON.parse(body)[field]
    } catch {
      // Told by the status.
    }
    if (typeof event !== 'string') return response.writeHead(400).end()
    publish(event)
    return response.writeHead(status).end()
  }
}

describe('how a server speaks', { concurrency: 4 }, () => {
  it('is found for an event stream, and the request that publishes proves it', async (context) => {
    const { streams, publish } = hub()
    const { url } = await serve(context, {
      'GET /api/stream': (_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' })
        response.write(': here\n\n')
        streams.add(response)
      },
      'POST /api/messages': taking('text', publish),
    })
    const found = await discover(url, NOTHING)
    assert.deepEqual(found.endpoints, { sse: { path: '/api/stream' } })
    assert.deepEqual(found.publish, {
      path: '/api/messages',
      headers: { 'Content-Type': 'application/json' },
      body: '{"text":"{data}"}',
    })
    assert.deepEqual(Object.keys(found.missing).sort(), ['long-poll', 'short-poll', 'websocket'])
    assert.match(found.missing.websocket ?? '', /^not found on \/ws, /)
  })

  it('is found for a stream whose head comes with its first event, and for a body as it is', async (context) => {
    const { streams, publish } = hub()
    const { url } = await serve(context, {
      'GET /events': (_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' })
        streams.add(response)
      },
      'POST /publish': async (request, response) => {
        if (request.headers['content-type'] !== 'text/plain') return response.writeHead(415).end()
        publish(await text(request))
        return response.writeHead(203).end()
      },
    })
    const { endpoints, publish: how } = await discover(url, NOTHING)
    assert.deepEqual(endpoints, { sse: { path: '/events' } })
    assert.deepEqual(how, {
      path: '/publish',
      headers: { 'Content-Type': 'text/plain' },
      accepted: [203],
    })
  })

  it('is found for a WebSocket, which connecting subscribes', async (context) => {
    const { server, url } = await serve(context, {
      'POST /broadcast': taking('message', (event) => {
        for (const client of sockets.clients) client.send(JSON.stringify({ event }))
      }),
    })
    const sockets = new WebSocketServer({ server, path: '/socket' })
    const found = await discover(url, NOTHING)
    assert.deepEqual(found.endpoints, { websocket: { path: '/socket' } })
    assert.equal(found.publish?.['body'], '{"message":"{data}"}')
  })

  it('is told where a WebSocket wants more than a connection', async (context) => {
    const { streams, publish } = hub()
    const { server, url } = await serve(context, {
      'GET /events': (_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
        streams.add(response)
      },
      'POST /send': taking('data', publish),
    })
    new WebSocketServer({ server, path: '/ws' })
    const { endpoints, missing } = await discover(url, NOTHING)
    assert.deepEqual(Object.keys(endpoints), ['sse'])
    assert.match(missing.websocket ?? '', /^\/ws takes WebSockets, .* message that subscribes$/)
  })

  it('is found for polls, with the cursor that keeps an event from coming twice', async (context) => {
    const events: string[] = []
    const held = new Set<ServerResponse>()
    const { url } = await serve(context, {
      'GET /messages': (request, response) => {
        const since = Number(new URL(request.url ?? '', 'http://x').searchParams.get('since') ?? 0)
        json(response, { messages: events.slice(since), next: events.length })
      },
      'GET /long-poll': (_, response) => held.add(response),
      'POST /messages': taking('content', (event) => {
        events.push(event)
        for (const response of held) json(response, { messages: [event] })
        held.clear()
      }),
    })
    const { endpoints } = await discover(url, NOTHING)
    assert.deepEqual(endpoints, {
      'short-poll': {
        path: '/messages',
        cursor: [{ from: 'field next', to: 'query since' }],
      },
      'long-poll': { path: '/long-poll', first: 'held' },
    })
  })

  it('is told where a poll lists events again', async (context) => {
    const events: string[] = []
    const { url } = await serve(context, {
      'GET /messages': (_, response) => json(response, events),
      'POST /messages': taking('data', (event) => events.push(event)),
    })
    const { endpoints, missing } = await discover(url, NOTHING)
    assert.deepEqual(endpoints, {})
    assert.match(missing['short-poll'] ?? '', /^\/messages lists events again/)
  })

  it('is looked for on what is named alone, with channels, token and body', async (context) => {
    const { streams, publish } = hub()
    const asked: string[] = []
    const authorised =
      (answer: Answer): Answer =>
      (request, response) => {
        asked.push(`${request.method} ${request.url}`)
        if (request.headers.authorization === 'Bearer secret') return answer(request, response)
        return response.writeHead(401).end()
      }
    const { url } = await serve(context, {
      'GET /base/feed/rtbench': authorised((_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
        streams.add(response)
      }),
      'PUT /base/feed/rtbench': authorised(taking('x', publish)),
    })
    const wishes: Wishes = {
      paths: { sse: '/feed/{channel}' },
      publish: { method: 'PUT', path: '/feed/{channel}' },
      body: '{"x":"{data}"}',
      mayGuess: true,
      token: 'secret',
    }
    const found = await discover(`${url}/base`, wishes)
    assert.deepEqual(found, {
      publish: {
        method: 'PUT',
        path: '/feed/{channel}',
        headers: { 'Content-Type': 'application/json' },
        body: '{"x":"{data}"}',
      },
      endpoints: { sse: { path: '/feed/{channel}' } },
      missing: {},
    })
    assert.deepEqual([...new Set(asked)].sort(), [
      'GET /base/feed/rtbench',
      'PUT /base/feed/rtbench',
    ])
    const refused = await discover(`${url}/base`, { ...wishes, token: null })
    assert.deepEqual(refused.missing, {
      sse: 'GET /feed/rtbench was answered 401; expected 200 and text/event-stream',
    })
  })

  it('stays unknown where nothing may be tried, and where nothing is usual', async (context) => {
    const posts: string[] = []
    const { url } = await serve(context, {
      'GET /sse': (_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
      },
      'POST /publish': (_, response) => {
        posts.push('/publish')
        response.writeHead(204).end()
      },
    })
    const careful = await discover(url, { ...NOTHING, mayGuess: false })
    assert.deepEqual(
      [careful.publish, careful.endpoints, careful.missing.publish, posts],
      [null, { sse: { path: '/sse' } }, 'not known', []],
    )
    const tried = await discover(url, NOTHING)
    assert.match(tried.missing.publish ?? '', /^not found by POST to \/publish, /)
    const named = { ...NOTHING, publish: { method: 'POST', path: '/publish' } }
    const deaf = await discover(url, named)
    assert.equal(deaf.missing.publish, 'POST /publish was answered 204, and nothing of it arrived')
    await assert.rejects(discover('http://127.0.0.1:9', NOTHING), {
      code: 'cannot-run',
      message: 'http://127.0.0.1:9: no server answers there (ECONNREFUSED)',
    })
    const { url: empty } = await serve(context, {})
    assert.deepEqual((await discover(empty, NOTHING)).endpoints, {})
  })
})
