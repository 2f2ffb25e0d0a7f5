import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { nowNs } from '../measure/clock.ts'
import type { PublishDescription } from '../scenario/target.ts'
import { formatMark, MarkScanner, OpenMark } from '../wire/mark.ts'
import { SharedReader } from '../wire/socket.ts'
import { PublishAccount } from './publish-connection.ts'
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
): Promise<[RequestLink, readonly Request[], PublishAccount]> {
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
  const account = new PublishAccount()
  const described = { ...PUBLISH, ...changes }
  const link = new RequestLink(target, described, WORKLOAD, new SharedReader(), account)
  context.after(() => {
    link.close()
    server.closeAllConnections()
    server.close()
  })
  return [link, requests, account]
}

async function settled(link: RequestLink): Promise<void> {
  for (let step = 0; link.outstanding > 0; step++) {
    assert.ok(step < 500, `${link.outstanding} outstanding`)
    await sleep(10)
  }
}

describe('publishing as a scenario describes it', () => {
  it('is one request for each event', async (context) => {
    const [link, requests, account] = await inbox(context, {}, (response) =>
      response.writeHead(202).end(),
    )
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
    const { accepted, dropped, unknown } = account
    assert.deepEqual([accepted, dropped, unknown], [1, 0, 0])
  })

  it('keeps the order of a channel, on one connection, without pipelining', async (context) => {
    const busy = new Set<Socket | null>()
    const [link, requests, account] = await inbox(context, {}, (response, number) => {
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
    assert.equal(account.accepted, 60)
  })

  it('counts another status as dropped', async (context) => {
    const [link, , account] = await inbox(context, {}, (response, number) => {
      response.writeHead(number % 2 === 0 ? 204 : 200).end()
    })
    for (let event = 1; event <= 10; event++) publish(link, 0, event)
    await settled(link)
    assert.deepEqual([account.accepted, account.dropped], [5, 5])
  })

  it('sends nothing twice when a connection is cut, and goes on', async (context) => {
    const [link, requests, account] = await inbox(
      context,
      { connections: 1 },
      (response, number) => {
        if (number % 3 === 0) response.socket?.destroy()
        else response.end()
      },
    )
    for (let event = 1; event <= 12; event++) publish(link, 0, event)
    await settled(link)
    assert.deepEqual(
      requests.map(({ body }) => sequenceIn(body)),
      Array.from({ length: 12 }, (_, index) => index + 1),
    )
    const { accepted, dropped, unknown, refusals } = account
    assert.deepEqual([accepted, dropped, unknown], [8, 0, 4])
    assert.deepEqual(Object.values(refusals), [4])
  })

  it('opens a connection anew that the server closes between two requests', async (context) => {
    const [link, requests, account] = await inbox(
      context,
      { connections: 1 },
      (response, number) => {
        if (number % 2 === 0) response.setHeader('Connection', 'close')
        response.end()
      },
    )
    for (let event = 1; event <= 6; event++) {
      publish(link, 0, event)
      await settled(link)
      if (event === 3) {
        const { socket } = requests.at(-1) as Request
        const gone = once(socket, 'close')
        socket.end()
        await gone
      }
    }
    const { accepted, dropped, unknown } = account
    assert.deepEqual([accepted, dropped, unknown], [6, 0, 0])
    assert.equal(new Set(requests.map(({ socket }) => socket)).size, 4)
  })

  it('is late by the time that passed until the hand-over, wherever the mark stands', async (context) => {
    const [link, requests] = await inbox(
      context,
      { path: '/{channel}?d={data}', headers: { 'X-Data': '{data}' }, body: '<{data}{data}>' },
      (response) => response.end(),
    )
    const intendedAtNs = Math.floor(nowNs() / 1_000) * 1_000
    const mark = new OpenMark({ ...OTHER, sequence: 1, intendedAtNs })
    const letter = link.compose(1, mark, 'xyz', true)
    link.add(letter)
    link.flush()
    await settled(link)
    const { handedOverAtNs } = letter
    assert.ok(handedOverAtNs >= intendedAtNs)
    const data = `${formatMark({ ...OTHER, sequence: 1, intendedAtNs, handedOverAtNs })}xyz`
    const [{ line, headers, body } = {} as Request] = requests
    assert.equal(line, `POST /base/run7.1?d=${data}`)
    assert.deepEqual([headers['x-data'], body], [data, `<${data}${data}>`])
  })

  const answers = ['{"result":{}}', '{"error":{"code":102}}', 'caf\u00e9 {"error":0}', '']
  for (const [described, accepted, causes] of [
    [{ refused: '"error":' }, 2, { refused: 2 }],
    [{ confirmed: '"result":' }, 1, { unconfirmed: 3 }],
    [{ confirmed: 'caf\u00e9', refused: '102' }, 1, { refused: 1, unconfirmed: 2 }],
    [{}, 4, {}],
    [{ accepted: [202], refused: '"error":' }, 0, { 'http-200': 4 }],
  ] as const) {
    const what = JSON.stringify(described)
    it(`judges an answer by its status and by what is described of it: ${what}`, async (context) => {
      const [link, , account] = await inbox(context, described, (response, number) => {
        const text = Buffer.from(answers[(number - 1) % answers.length] ?? '')
        // In two pieces, between the bytes of a letter.
        response.write(text.subarray(0, 4))
        setTimeout(() => response.end(text.subarray(4)), 5)
      })
      for (let event = 1; event <= answers.length; event++) publish(link, 0, event)
      await settled(link)
      assert.equal(account.accepted, accepted)
      assert.deepEqual(account.refusals, causes)
    })
  }

  it('gives up, when it ends, what was not sent, and does not know of what was', async (context) => {
    const [link, requests, account] = await inbox(context, { connections: 1 }, () => {})
    for (let event = 1; event <= 3; event++) publish(link, 0, event)
    while (requests.length === 0) await sleep(5)
    link.close()
    const { outstanding } = link
    const { accepted, dropped, unknown, refusals } = account
    assert.deepEqual([outstanding, accepted, dropped, unknown], [0, 0, 2, 1])
    assert.deepEqual(refusals, { unanswered: 3 })
  })
})
