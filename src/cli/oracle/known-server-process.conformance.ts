/**
 * The process of a server of known latency: it takes publishes by HTTP, and writes each event when its
 * time has come, as Server-Sent Events or a WebSocket message. It takes the time of every packet when it
 * is read and of every event when it is written, on the clock that all processes of the machine share.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { beChild } from '../../child-process.ts'
import { nowNs } from '../../measure/clock.ts'
import { type Random, seededRandom } from '../../measure/random.ts'
import { MarkScanner } from '../../wire/mark.ts'
import { Alarm } from './alarm.conformance.ts'
import { KNOWN_LATENCIES, type KnownLatency, Station } from './known-latency.conformance.ts'
import type { FromKnownServer, ServedEvent, ToKnownServer } from './known-server.conformance.ts'
import { goFirst } from './precedence.conformance.ts'

/** No connection is closed for being idle. */
const NEVER_MS = 0

type Subscriber = (data: string) => void

interface Waiting extends Omit<ServedEvent, 'writtenAtNs'> {
  readonly name: string
  readonly data: string
}

class KnownServer {
  readonly #latency: KnownLatency
  readonly #random: Random
  readonly #station: Station
  readonly #alarm = new Alarm(() => this.#release())
  readonly #scanner = new MarkScanner()
  readonly #subscribers = new Map<string, Subscriber>()
  /** By the time at which they are due. */
  readonly #waiting: Waiting[] = []
  #served: ServedEvent[] = []
  /** When each connection was read last. */
  readonly #readAtNs = new WeakMap<Socket, number>()
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

  constructor(latency: KnownLatency, seed: number) {
    this.#latency = latency
    this.#random = seededRandom(seed, 0)
    this.#station = new Station(latency)
  }

  listen(): Promise<number> {
    const server: Server = createServer((request, response) => this.#answer(request, response))
    server.keepAliveTimeout = NEVER_MS
    server.requestTimeout = NEVER_MS
    server.on('connection', (socket: Socket) => {
      socket.setNoDelay(true)
      // Before the parser's own listener: what it takes to parse is the server's.
      socket.prependListener('data', () => this.#readAtNs.set(socket, nowNs()))
    })
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', () => {})
        this.#subscribe(request, webSocket, (data) => webSocket.send(data))
      })
    })
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    })
  }

  take(): readonly ServedEvent[] {
    const served = this.#served
    this.#served = []
    return served
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'GET') {
      // Past the response, so that each event is written at once and by itself.
      const { socket } = request
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n: here\n\n',
      )
      socket.on('error', () => {})
      this.#subscribe(request, socket, (data) => socket.write(`data: ${data}\n\n`))
      return
    }
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      this.#publish(channelOf(request), Buffer.concat(parts), request.socket)
      response.writeHead(202, { 'Content-Length': 0 }).end()
    })
  }

  #subscribe(
    request: IncomingMessage,
    connection: { once(event: 'close', call: () => void): unknown },
    subscriber: Subscriber,
  ): void {
    const name = channelOf(request)
    this.#subscribers.set(name, subscriber)
    connection.once('close', () => {
      if (this.#subscribers.get(name) === subscriber) this.#subscribers.delete(name)
    })
  }

  #publish(name: string, body: Buffer, socket: Socket): void {
    const scanner = this.#scanner
    const isMarked = scanner.next(body, 0, body.length)
    const readAtNs = this.#readAtNs.get(socket) ?? nowNs()
    const takesMs = this.#latency.drawMs(this.#random)
    const dueAtNs = this.#station.leavesAtNs(name, readAtNs, takesMs)
    const { run, channel, sequence, intendedAtNs } = scanner
    const mark = isMarked ? { run, channel, sequence, intendedAtNs } : NO_MARK
    const data = body.toString('latin1')
    const after = this.#waiting.findLastIndex((other) => other.dueAtNs <= dueAtNs)
    this.#waiting.splice(after + 1, 0, { ...mark, readAtNs, takesMs, dueAtNs, name, data })
    this.#setAlarm()
  }

  #release(): void {
    for (;;) {
      const [first] = this.#waiting
      if (first === undefined || first.dueAtNs > nowNs()) break
      this.#waiting.shift()
      const { name, data, ...event } = first
      const writtenAtNs = nowNs()
      this.#subscribers.get(name)?.(data)
      this.#served.push({ ...event, writtenAtNs })
    }
    this.#setAlarm()
  }

  #setAlarm(): void {
    const [next] = this.#waiting
    if (next !== undefined) this.#alarm.set(next.dueAtNs)
  }
}

const NO_MARK = { run: 0, channel: 0, sequence: 0, intendedAtNs: Number.NaN }

/** The last segment of a path. */
function channelOf({ url = '' }: IncomingMessage): string {
  return url.slice(url.lastIndexOf('/') + 1)
}

function say(message: FromKnownServer): void {
  process.send?.(message)
}

beChild('server of known latency')
let server: KnownServer | null = null
process.on('message', (message: ToKnownServer) => {
  if (message.type === 'start') {
    server = new KnownServer(KNOWN_LATENCIES[message.latency], message.seed)
    void server.listen().then((port) => say({ type: 'listening', port, precedence: goFirst() }))
  } else say({ type: 'served', events: server?.take() ?? [] })
})
