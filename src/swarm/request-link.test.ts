import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PublishDescription } from '../scenario/target.ts'
import { MarkScanner, OpenMark } from '../wire/mark.ts'
import { SharedReader } from '../wire/socket.ts'
import { RequestLink } from './request-link.ts'

const WORKLOAD = { clients: 20, channels: 20, instances: 1, run: 7 }

const OTHER = { run: WORKLOAD.run, channel: 1, intendedAtNs: 5_000 }

/** An event's sequence, from a text that has its mark. */
function sequenceIn(text: string): number {
  const bytes = Buffer.from(text)
  const scanner = new MarkScanner()
  assert.ok(scanner.next(bytes, 0, bytes.length) && !scanner.damaged, text)
  return scanner.sequence
}

function publish(link: RequestLink, channel: number, sequence: number, counted = true): void {
  link.add(link.compose(channel, new OpenMark({ ...OTHER, sequence }), '', counted))
  link.flush()
}

const PUBLISH: PublishDescription = {
  method: 'POST',
  path: '/pub/{channel}?x=1',
  headers: { 'X-Of': '{channel}', 'Content-Type': 'text/plain' },
  body: '<{data}>',
  accepted: [200, 202],
  connections: 3,
}

interface Request {
  readonly line: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly socket: Socket
}

/** A server that keeps what it is sent, and a link to it. */
async function inbox(
  context: TestContext,
  changes: Partial<PublishDescription>,
  answer: (response: ServerResponse, number: number) => void,
): Promise<[RequestLink, readonly Request[]]> {
  const requests: Request[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => {
      body += piece
    })
    request.on('end', () => {
      const { method, url, headers, socket } = request
      requests.push({ line: `${method} ${url}`, headers, body, socket })
      answer(response, requests.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const target = {
    host: '127.0.0.1',
    port,
    secure: false,
    authority: 'somebody',
    basePath: '/base',
    token: 'secret',
  }
  const link = new RequestLink(target, { ...PUBLISH, ...changes }, WORKLOAD, new SharedReader())
  context.after(() => {
    link.close()
    server.closeAllConnections()
    server.close()
  })
  return [link, requests]
}

async function settled({ account }: RequestLink): Promise<void> {
  for (let step = 0; account.outstanding > 0; step++) {
    assert.ok(step < 500, `${account.outstanding} outstanding`)
    await sleep(10)
  }
}

describe('publishing as a scenario describes it', () => {
  it('is one request for each event', async (context) => {
    const [link, requests] = await inbox(context, {}, (response) => response.writeHead(202).end())
    publish(link, 4, 1, false)
    await settled(link)
    publish(link, 5, 2)
    await settled(link)
    const [first] = requests
    assert.equal(first?.line, 'POST /base/pub/run7.4?x=1')
    assert.equal(sequenceIn(first?.body ?? ''), 1)
    assert.match(first?.body ?? '', /^<rtbm_\w+>$/)
    const { host, authorization, 'x-of': of, 'content-type': type } = first?.headers ?? {}
    assert.deepEqual([host, authorization, of], ['somebody', 'Bearer secret', 'run7.4'])
    assert.equal(type, 'text/plain')
    assert.equal(requests.length, 2)
    const { accepted, dropped, unknown } = link.account
    assert.deepEqual([accepted, dropped, unknown], [1, 0, 0])
  })

  it('keeps the order of a channel, on one connection, without pipelining', async (context) => {
    const busy = new Set<Socket | null>()
    const [link, requests] = await inbox(context, {}, (response, number) => {
      const { socket } = response
      assert.ok(!busy.has(socket), 'two requests at once on a connection')
      busy.add(socket)
      setTimeout(
        () => {
          busy.delete(socket)
          response.end()
        },
        number % 3 === 0 ? 12 : 1,
      )
    })
    for (let round = 1; round <= 10; round++) {
      for (let channel = 0; channel < 6; channel++) publish(link, channel, round)
    }
    await settled(link)
    for (let channel = 0; channel < 6; channel++) {
      const own = requests.filter(({ line }) => line.includes(`run7.${channel}?`))
      assert.deepEqual(
        own.map(({ body }) => sequenceIn(body)),
        Array.from({ length: 10 }, (_, index) => index + 1),
      )
      assert.equal(new Set(own.map(({ socket }) => socket)).size, 1)
    }
    assert.equal(new Set(requests.map(({ socket }) => socket)).size, 3)
    assert.equal(link.account.accepted, 60)
  })

  it('counts another status as dropped', async (context) => {
    const [link] = await inbox(context, {}, (response, number) => {
      response.writeHead(number % 2 === 0 ? 204 : 200).end()
    })
    for (let event = 1; event <= 10; event++) publish(link, 0, event)
    await settled(link)
    assert.deepEqual([link.account.accepted, link.account.dropped], [5, 5])
  })

  it('sends nothing twice when a connection is cut, and goes on', async (context) => {
    const [link, requests] = await inbox(context, { connections: 1 }, (response, number) => {
      if (number % 3 === 0) response.socket?.destroy()
      else response.end()
    })
    for (let event = 1; event <= 12; event++) publish(link, 0, event)
    await settled(link)
    assert.deepEqual(
      requests.map(({ body }) => sequenceIn(body)),
      Array.from({ length: 12 }, (_, index) => index + 1),
    )
    const { accepted, dropped, unknown, causes } = link.account
    assert.deepEqual([accepted, dropped, unknown], [8, 0, 4])
    assert.deepEqual([...causes.values()], [4])
  })
})
