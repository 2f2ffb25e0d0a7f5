/**
 * Does the instrument tell the truth? Real processes measure what is known beforehand, and each
 * check is shown to fail where the truth is another one.
 */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer as createProxy, type Socket } from 'node:net'
import { before, describe, it, type TestContext } from 'node:test'
import { prepareHistograms } from '../measure/histogram.ts'
import type { Run } from '../result/document.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { startInstances } from '../server/instances.ts'
import { DEFAULT_LIMITS, DEFAULT_SERVER_OPTIONS } from '../server/reference-server.ts'
import { measureRun } from '../swarm/coordinator.ts'
import { transportNamed } from '../transports/registry.ts'
import { ownTarget } from './target.ts'

const scenario: Scenario = {
  name: 'oracle',
  description: '',
  transports: [],
  clients: 40,
  durationMs: 1000,
  warmupMs: 0,
  rampUpMs: null,
  channels: 'per-client',
  rate: 2,
  arrivals: 'poisson',
  payloadBytes: 128,
  intervalMs: 200,
  holdMs: DEFAULT_LIMITS.holdMs,
  instances: 1,
  workers: 1,
  backplane: 'memory',
  url: null,
  repeat: 1,
  thresholds: [],
  seed: 20,
}

interface Order {
  readonly transport: string
  readonly port: number
  /** Time to drain where losses keep it from ending by itself. */
  readonly drainMs?: number
}

function measure({ transport, port, drainMs }: Order, changes: Partial<Scenario>): Promise<Run> {
  const interruption = new AbortController()
  return measureRun({
    transport: transportNamed(transport),
    scenario: { ...scenario, ...changes },
    repetition: 1,
    targets: [ownTarget(port)],
    workers: 1,
    sharedWithServer: true,
    signal: interruption.signal,
    onProgress: ({ phase }) => {
      if (phase === 'drain' && drainMs !== undefined) {
        setTimeout(() => interruption.abort(), drainMs)
      }
    },
    onServerLost: () => {},
  })
}

async function ownServer(context: TestContext): Promise<number> {
  const instances = await startInstances(1, DEFAULT_SERVER_OPTIONS)
  context.after(() => instances.stop())
  return instances.ports[0] ?? 0
}

interface Account {
  readonly published: number
  readonly lost: number
  readonly duplicates: number
  readonly outOfOrder: number
}

interface Published {
  readonly channel: string
  readonly data: string
}

/** Of ten events it drops one, sends one twice and lets the next of its channel overtake one. */
class FaultyServer {
  readonly #server = createServer((request, response) => this.#answer(request, response))
  readonly #queues = new Map<string, string[]>()
  /** The event that the next of its channel is to overtake. */
  readonly #held = new Map<string, string>()
  #dropped = 0
  published = 0
  duplicates = 0
  swaps = 0

  /** What a run must find. An event that is still to be overtaken has not come. */
  get account(): Account {
    const lost = this.#dropped + this.#held.size
    const { published, duplicates, swaps } = this
    return { published, lost, duplicates, outOfOrder: swaps }
  }

  /** Resolves with the port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://faulty')
    if (url.pathname === '/poll') {
      const channel = url.searchParams.get('channel') ?? ''
      const events = this.#queues.get(channel) ?? []
      this.#queues.delete(channel)
      response.end(JSON.stringify({ events: events.map((data) => ({ data })), lastEventId: 'x' }))
    } else if (url.pathname === '/publish') this.#take(request, response)
    else response.end(JSON.stringify(STATISTICS))
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    let text = ''
    request.on('data', (piece: Buffer) => {
      text += piece
    })
    request.on('end', () => {
      for (const event of JSON.parse(text) as Published[]) this.#publish(event)
      response.writeHead(202).end()
    })
  }

  #publish({ channel, data }: Published): void {
    const turn = this.published++ % 10
    if (turn === 3) this.#dropped++
    else if (turn === 7 && !this.#held.has(channel)) this.#held.set(channel, data)
    else this.#send(channel, data)
    if (turn === 5) {
      this.duplicates++
      this.#send(channel, data)
    }
  }

  #send(channel: string, data: string): void {
    const queue = this.#queues.get(channel) ?? []
    this.#queues.set(channel, queue)
    queue.push(data)
    const overtaken = this.#held.get(channel)
    if (overtaken === undefined) return
    this.#held.delete(channel)
    this.swaps++
    queue.push(overtaken)
  }
}

const STATISTICS = {
  limits: { holdMs: scenario.holdMs },
  server: 'rtbench',
  upMs: 0,
  transports: {},
  openSockets: 0,
  cpu: { userUs: 0, systemUs: 0 },
  memory: { rssBytes: 0 },
  loop: { delayP50Us: 0, delayP99Us: 0, delayMaxUs: 0, utilisation: 0 },
}

/** Hands on what clients say at once, and what the server says after a delay. */
async function delayingProxy(
  context: TestContext,
  serverPort: number,
  delayMs: number,
): Promise<number> {
  const sockets: Socket[] = []
  const proxy = createProxy({ noDelay: true }, (client) => {
    const server = connect({ host: '127.0.0.1', port: serverPort, noDelay: true })
    sockets.push(client, server)
    client.on('data', (bytes) => server.write(bytes))
    server.on('data', (bytes) => setTimeout(() => client.write(bytes), delayMs))
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => {}).on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    proxy.close()
    for (const socket of sockets) socket.destroy()
  })
  return (proxy.address() as AddressInfo).port
}

function assertComplete({ delivery, clients }: Run): void {
  const { delivered, lost, duplicates, outOfOrder, foreign, misrouted } = delivery
  assert.ok(delivered > 50, `${delivered} delivered`)
  assert.deepEqual([lost, duplicates, outOfOrder, foreign, misrouted], [0, 0, 0, 0, 0])
  assert.equal(clients.connected, clients.requested)
}

/** Poisson arrivals of rate λ, asked for every T: e^(−λT) of the answers are empty. */
function assertEmptyRatio({ exchanges }: Run, rate: number, intervalMs: number): void {
  const { empty, responses } = exchanges
  const expected = Math.exp((-rate * intervalMs) / 1000)
  const deviation = Math.sqrt((expected * (1 - expected)) / responses)
  const found = empty / responses
  assert.ok(Math.abs(found - expected) < 4 * deviation, `${found} empty, not ${expected}`)
}

/** They wait for the next question evenly long, from nothing to T. */
function assertUniform({ latency }: Run, intervalMs: number): void {
  const ms = (us: number | null): number => (us ?? 0) / 1000
  for (const [share, foundMs] of [
    [0.5, ms(latency.p50Us)],
    [0.9, ms(latency.p90Us)],
  ] as const) {
    const deviation = Math.sqrt((share * (1 - share)) / latency.count)
    const offMs = Math.abs(foundMs - share * intervalMs)
    assert.ok(offMs < 4 * deviation * intervalMs + 5, `${foundMs} ms at ${share}`)
  }
  const maxMs = ms(latency.maxUs)
  assert.ok(maxMs > 0.8 * intervalMs && maxMs < intervalMs + 100, `max is ${maxMs} ms`)
}

function assertShift(plain: Run, delayed: Run, delayMs: number): void {
  const shiftMs = ((delayed.latency.p50Us ?? 0) - (plain.latency.p50Us ?? 0)) / 1000
  assert.ok(shiftMs > delayMs - 1 && shiftMs < delayMs + 10, `shifted by ${shiftMs} ms`)
}

function assertAccount({ delivery }: Run, account: Account): void {
  const { published, expected, delivered, lost, duplicates, outOfOrder } = delivery
  assert.deepEqual({ published, lost, duplicates, outOfOrder }, account)
  assert.equal(expected, account.published)
  assert.equal(delivered, account.published - account.lost)
}

describe('the instrument', () => {
  before(prepareHistograms)

  it('finds what theory says of short polling', async (context) => {
    const port = await ownServer(context)
    const changes = { durationMs: 3000, warmupMs: 400 }
    const run = await measure({ transport: 'short-poll', port }, changes)
    assertComplete(run)
    assertEmptyRatio(run, 2, 200)
    assertUniform(run, 200)
    const { requests, requestsPerClientPerDay } = run.exchanges
    assert.ok(Math.abs(requests - 600) <= 60, `${requests} requests`)
    assert.ok(Math.abs((requestsPerClientPerDay ?? 0) / 432_000 - 1) < 0.1)
  })

  it('contradicts the theory of another interval', async (context) => {
    const port = await ownServer(context)
    const changes = { durationMs: 2000, warmupMs: 600, intervalMs: 600 }
    const run = await measure({ transport: 'short-poll', port }, changes)
    assertEmptyRatio(run, 2, 600)
    assert.throws(() => assertEmptyRatio(run, 2, 200), /empty, not/)
    assert.throws(() => assertUniform(run, 200), /ms at 0.5/)
  })

  it('finds a known delay, and nothing but it', async (context) => {
    const port = await ownServer(context)
    const proxyPort = await delayingProxy(context, port, 50)
    const changes = { rate: 5, durationMs: 1500 }
    const plain = await measure({ transport: 'sse', port }, changes)
    const delayed = await measure({ transport: 'sse', port: proxyPort }, changes)
    assertComplete(plain)
    assertComplete(delayed)
    assertShift(plain, delayed, 50)
    assert.throws(() => assertShift(plain, plain, 50), /shifted by 0 ms/)
    assert.throws(() => assertShift(plain, delayed, 70), /shifted by/)
  })

  it("counts a faulty server's faults exactly", async (context) => {
    const server = new FaultyServer()
    context.after(() => server.close())
    const order = { transport: 'short-poll', port: await server.listen(), drainMs: 500 }
    const run = await measure(order, { rate: 25, intervalMs: 50 })
    const { account } = server
    assert.ok(Math.min(account.lost, account.duplicates, account.outOfOrder) > 50)
    assertAccount(run, account)
    assert.equal(run.latency.count, run.delivery.delivered)
    assert.equal(run.delivery.reach, run.delivery.delivered / run.delivery.expected)
    for (const fault of ['published', 'lost', 'duplicates', 'outOfOrder'] as const) {
      assert.throws(() => assertAccount(run, { ...account, [fault]: account[fault] + 1 }))
    }
  })
})
