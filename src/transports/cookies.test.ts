/** A client keeps what a front in between sets, and names itself to one that goes by that. */
import assert from 'node:assert/strict'
import { request as ask, createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { startTestServer } from '../server/reference-server.conformance.ts'
import { transports } from './registry.ts'
import { PACE, RecordingSession, TimerAlarms, until } from './session.conformance.ts'
import type { Open } from './transport.ts'

/** A front that sets a cookie where a client has none, before a server; all is gone after the test. */
class CookieFront {
  /** Of each request: its path and query, and its cookies. */
  readonly asked: { readonly url: URL; readonly cookie: string | undefined }[] = []
  /** What the next clients without it get. */
  cookie = 'at=i1; Path=/'
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer()

  static async start(context: TestContext): Promise<CookieFront> {
    const server = await startTestServer({ limits: { holdMs: PACE.holdMs, retryMs: 10 } })
    const front = new CookieFront(server.port)
    await new Promise<void>((resolve) => front.#server.listen(0, '127.0.0.1', resolve))
    context.after(async () => {
      front.cut()
      front.#server.close()
      await server.drain()
    })
    return front
  }

  private constructor(port: number) {
    const onward = (request: IncomingMessage) =>
      ask({ port, path: request.url, headers: request.headers, agent: false }).on('error', () => {})
    this.#server.on('connection', (socket: Socket) => this.#sockets.add(socket))
    this.#server.on('request', (request, response) => {
      const added = this.#take(request)
      const forward = onward(request)
      response.once('close', () => forward.destroy())
      forward.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 0, [...answer.rawHeaders, ...added])
        answer.pipe(response)
      })
      forward.end()
    })
    this.#server.on('upgrade', (request, socket) => {
      const added = this.#take(request)
      const forward = onward(request)
      forward.on('upgrade', (answer, far, head) => {
        const lines = pairs([...answer.rawHeaders, ...added]).map(
          ([name, value]) => `${name}: ${value}\r\n`,
        )
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`)
        socket.write(head)
        for (const [from, to] of [
          [far, socket],
          [socket, far],
        ] as const) {
          from.on('error', () => {}).once('close', () => to.destroy())
          from.pipe(to)
        }
      })
      forward.end()
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }

  #take({ url = '', headers: { cookie } }: IncomingMessage): readonly string[] {
    this.asked.push({ url: new URL(url, 'http://front'), cookie })
    return cookie === this.cookie.split(';')[0] ? [] : ['Set-Cookie', this.cookie]
  }
}

function pairs(flat: readonly string[]): readonly (readonly [string, string])[] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ''] as const] : []))
}

function join(
  context: TestContext,
  front: CookieFront,
  open: Open,
  clientKey?: string,
): RecordingSession {
  const alarms = new TimerAlarms()
  const session = new RecordingSession('news', PACE, alarms)
  session.key = '17'
  const client = open(
    {
      ...{ host: '127.0.0.1', port: front.port, secure: false, basePath: '', token: null },
      authority: `127.0.0.1:${front.port}`,
      ...(clientKey !== undefined && { clientKey }),
    },
    session,
  )
  context.after(() => {
    client.stop()
    alarms.stop()
  })
  client.start()
  return session
}

const engines = await Promise.all(
  transports.flatMap((transport) => [
    { transport, name: transport.label, open: transport.open },
    transport
      .openWithLibrary()
      .then((open) => ({ transport, name: `${transport.label} by its library`, open })),
  ]),
)

for (const { name, open, transport } of engines) {
  describe(`${name}, before which is a front`, { concurrency: 4 }, () => {
    it('brings the cookie that was set, again and on later connections', async (context) => {
      const front = await CookieFront.start(context)
      const session = join(context, front, open)
      await until(() => session.subscriptions === 1, 'a subscription')
      front.cut()
      await until(() => session.subscriptions > 1, 'another subscription')
      const [first, ...others] = front.asked
      assert.equal(first?.cookie, undefined)
      assert.ok(others.length > 0)
      for (const { cookie } of others) assert.equal(cookie, 'at=i1')
    })

    it('brings another one once it is set', async (context) => {
      const front = await CookieFront.start(context)
      const session = join(context, front, open)
      await until(() => session.subscriptions === 1, 'a subscription')
      front.cookie = 'at=i2; Path=/; HttpOnly'
      front.cut()
      await until(() => session.subscriptions > 1, 'another subscription')
      front.cut()
      await until(() => front.asked.at(-1)?.cookie === 'at=i2', 'the new cookie')
      if (transport.hasExchanges) {
        const before = front.asked.length
        await until(() => front.asked.length > before + 1, 'further requests')
        assert.ok(front.asked.slice(before).every(({ cookie }) => cookie === 'at=i2'))
      }
    })

    it('names itself in each request, where that is asked for alone', async (context) => {
      const front = await CookieFront.start(context)
      const named = join(context, front, open, 'client')
      await until(() => named.subscriptions === 1, 'a subscription')
      front.cut()
      await until(() => named.subscriptions > 1, 'another subscription')
      for (const { url } of front.asked) assert.deepEqual(url.searchParams.getAll('client'), ['17'])
      const nameless = await CookieFront.start(context)
      const session = join(context, nameless, open)
      await until(() => session.subscriptions === 1, 'a subscription')
      for (const { url } of nameless.asked) assert.equal(url.searchParams.has('client'), false)
    })
  })
}
