/** What `rtbench run` says of servers at which nothing arrives, or at which the little that differs is fine. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { createGzip } from 'node:zlib'
import { WebSocketServer } from 'ws'
import type { Run } from '../result/document.ts'
import { folder, parseResult, run } from './command.conformance.ts'

/** By what a pub/sub server differs from one that passes everything on. */
interface Manner {
  /** The topic that a publish to a channel goes to. */
  readonly topic?: (channel: string) => string
  /** What an event is sent as. */
  readonly form?: (text: string) => string | Buffer
  /** Whether streams and answers are compressed, by what the client accepts. */
  readonly compresses?: (accepted: string) => boolean
}

type Subscriber = (event: string | Buffer) => void

/** A pub/sub server of some lines: `/pub`, `/sse`, `/poll` and a WebSocket at `/ws`, each with a channel. */
async function foreign(context: TestContext, manner: Manner): Promise<number> {
  const { topic = (name) => name, form = (text) => text, compresses = () => false } = manner
  const subscribers = new Map<string, Set<Subscriber>>()
  const logs = new Map<string, (string | Buffer)[]>()
  const of = <Kept>(kept: Map<string, Kept>, name: string, fresh: Kept): Kept => {
    const known = kept.get(name) ?? fresh
    kept.set(name, known)
    return known
  }

  const publish = (channel: string, text: string): void => {
    const event = form(text)
    of(logs, topic(channel), []).push(event)
    for (const tell of of(subscribers, topic(channel), new Set())) tell(event)
  }
  const subscribe = (channel: string, tell: Subscriber): void => {
    of(subscribers, channel, new Set()).add(tell)
  }
  const body = (request: IncomingMessage, response: ServerResponse, type: string) => {
    const coded = compresses(request.headers['accept-encoding'] ?? '')
    response.writeHead(200, {
      'Content-Type': type,
      ...(coded ? { 'Content-Encoding': 'gzip' } : {}),
    })
    if (!coded) return response
    const coder = createGzip()
    coder.pipe(response)
    return coder
  }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const channel = searchParams.get('channel') ?? ''
    if (pathname === '/pub') {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        publish(channel, Buffer.concat(parts).toString())
        response.writeHead(204).end()
      })
    } else if (pathname === '/poll') {
      const since = Number(searchParams.get('since') ?? 0)
      const log = of(logs, channel, [])
      const events = log.slice(since).map(String)
      const answer = body(request, response, 'application/json')
      answer.end(JSON.stringify({ events, next: String(log.length) }))
    } else {
      const stream = body(request, response, 'text/event-stream')
      stream.write(': welcome\n\n')
      if ('flush' in stream) stream.flush()
      subscribe(channel, (event) => {
        stream.write(`data: ${String(event)}\n\n`)
        if ('flush' in stream) stream.flush()
      })
    }
  })
  const upgrader = new WebSocketServer({ server, path: '/ws' })
  upgrader.on('connection', (webSocket, { url = '' }) => {
    const channel = new URL(url, 'http://localhost').searchParams.get('channel') ?? ''
    subscribe(channel, (event) => webSocket.send(event))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    for (const webSocket of upgrader.clients) webSocket.terminate()
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

let files = 0

/** Measures it in each of the transports; what a short run on a busy machine says of times is left out. */
async function measured(
  context: TestContext,
  manner: Manner,
  transports: string,
): Promise<{ readonly code: number | null; readonly runs: readonly Run[] }> {
  const port = await foreign(context, manner)
  const file = join(folder, `foreign-${++files}.yaml`)
  writeFileSync(
    file,
    `url: http://127.0.0.1:${port}
target:
  publish: { path: '/pub?channel={channel}' }
  sse: { path: '/sse?channel={channel}' }
  short-poll:
    path: /poll?channel={channel}
    cursor: [{ from: field next, to: query since }]
  websocket: { path: '/ws?channel={channel}' }
`,
  )
  const args = ['--clients', '20', '--duration', '1s', '--warmup', '200ms', '--rate', '5']
  const { code, stdout, stderr } = await run(context, [
    ...['run', file, ...args, '--interval', '100ms', '--transport', transports],
    ...['--json', '--no-save', '--quiet'],
  ])
  assert.equal(stderr, '')
  return { code, runs: parseResult(stdout).runs }
}

function silenceOf({ validity }: Run): string {
  const reasons = validity.reasons.filter(({ code }) => code === 'nothing-delivered')
  assert.equal(reasons.length, 1)
  return reasons[0]?.message ?? ''
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('run where nothing arrives', { concurrency: 6 }, () => {
  // One technique each: a run without a delivery waits long for what is owed, or for its clients.
  for (const [situation, manner, transport, line] of [
    [
      'events go to another topic',
      { topic: (name: string) => `${name}-x` },
      'sse',
      /^no event came back; does the publish path or body name the channel/,
    ],
    [
      'the payload is in base64',
      { form: base64 },
      'short-poll',
      /^\d+ messages came, none with a mark: the payload is in base64; /,
    ],
    [
      'the payload is lost on the way',
      { form: () => '{"text":null}' },
      'websocket',
      /^\d+ messages came, none with a mark: encoded, encrypted or cut; /,
    ],
    [
      'all is compressed, asked or not',
      { compresses: () => true },
      'sse',
      /^no event arrived, since no client was subscribed \(content-encoding-gzip \d+\): the server compresses/,
    ],
  ] as const satisfies readonly (readonly [string, Manner, string, RegExp])[]) {
    it(`says that ${situation}`, async (context) => {
      const { code, runs } = await measured(context, manner, transport)
      assert.equal(code, 4)
      assert.equal(runs.length, 1)
      for (const one of runs) {
        assert.match(silenceOf(one), line)
        assert.equal(one.delivery.delivered, 0)
        const came = /^(\d+) messages/.exec(silenceOf(one))
        assert.equal(one.delivery.unmarked, Number(came?.[1] ?? 0))
      }
    })
  }

  for (const [situation, manner] of [
    ['compresses unless it is asked not to', { compresses: (accepted) => accepted !== 'identity' }],
    [
      'says an event’s text twice in its message',
      { form: (text) => JSON.stringify({ text, html: `<p>${text}</p>` }) },
    ],
  ] as const satisfies readonly (readonly [string, Manner])[]) {
    it(`takes every event once where a server ${situation}`, async (context) => {
      const { runs } = await measured(context, manner, 'sse,short-poll,websocket')
      assert.equal(runs.length, 3)
      for (const { transport, delivery, validity } of runs) {
        const { expected, delivered, lost, duplicates, outOfOrder, unmarked } = delivery
        assert.ok(expected > 0)
        assert.deepEqual(
          [delivered, lost, duplicates, outOfOrder, unmarked],
          [expected, 0, 0, 0, 0],
          transport,
        )
        assert.ok(!validity.reasons.some(({ code }) => code === 'nothing-delivered'))
      }
    })
  }
})
