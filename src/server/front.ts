import { once } from 'node:events'
import {
  createServer,
  IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import {
  type AddressInfo,
  createServer as createListener,
  type Server as Listener,
  type Socket,
} from 'node:net'
import type { Duplex } from 'node:stream'
import { spread } from '../transports/spread.ts'
import type { Front, UpgradeVisit, Visit } from '../transports/transport.ts'
import { answerError, RETRY_AFTER_SECONDS } from '../transports/visit.ts'
import type { Gate } from './gate.ts'
import { type Http2Owner, Http2Side } from './http2.ts'
import { type Identity, identityOptions } from './identity.ts'

const MAX_HEADER_BYTES = 16 * 1024
/** A poller that asks less often than this connects anew each time. */
const KEEP_ALIVE_MS = 120_000
/** The kernel caps it at net.core.somaxconn. */
const BACKLOG = 65_535
const DRAIN_MS = 2_000
/** The scheme and the authority of a target that is a whole URL. */
const ABSOLUTE = /^https?:\/\/([^/?#]*)/i

/**
 * A request that asks for no upgrade unless it names WebSocket: any other, such as h2c, is ignored (RFC
 * 9110, section 7.8). To Node an upgrade is all that its parser takes for one.
 */
class FrontRequest extends IncomingMessage {
  // Not by `#`, for the constructor above sets it, too.
  private isUpgrade = false

  get upgrade(): boolean {
    return this.isUpgrade && /(?:^|,)[ \t]*websocket[ \t]*(?:,|$)/i.test(this.headers.upgrade ?? '')
  }

  set upgrade(isUpgrade: boolean) {
    this.isUpgrade = isUpgrade
  }
}

/** The HTTP server: routes, the gate before them, and the account of its sockets. */
export class HttpFront implements Front, Http2Owner {
  readonly #gate: Gate
  readonly #identity: Identity | null
  /** Called before anything that a client has sent is looked at. */
  readonly #onRead: () => void
  readonly #server: Server
  /** On further ports. */
  readonly #listeners: Listener[] = []
  /** TCP connections; over TLS requests come by others, each on one of these. */
  readonly #sockets = new Set<Socket>()
  /** Those by which requests come, where these are others. */
  readonly #secured = new Set<Socket>()
  /** Those that are a transport's own. */
  readonly #taken = new Set<Socket>()
  readonly #routes = new Map<string, (visit: Visit) => void>()
  readonly #upgrades = new Map<string, (visit: UpgradeVisit) => void>()
  readonly #releases: (() => void)[] = []
  readonly #leaves: ((withinMs: number) => number)[] = []
  /** Kept connections of pollers that are to go after the next answer. */
  readonly #leaving = new WeakSet<Socket>()
  #draining = false
  #onTakenGone: () => void = () => {}
  #closedReceived = 0
  #closedSent = 0

  /** Null where only HTTP/1.1 is spoken. */
  readonly #http2: Http2Side | null

  constructor(
    gate: Gate,
    { identity = null, http2 = false }: { identity?: Identity | null; http2?: boolean } = {},
    onRead: () => void = () => {},
  ) {
    this.#gate = gate
    this.#identity = identity
    this.#onRead = onRead
    const options = {
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      IncomingMessage: FrontRequest,
      noDelay: true,
    }
    this.#server =
      identity === null
        ? createServer(options)
        : createSecureServer({ ...options, ...identityOptions(identity, http2) })
    this.#http2 = http2 ? new Http2Side(this.#server, this) : null
    this.#server.on('connection', (socket: Socket) => this.#account(socket))
    this.#server.on('secureConnection', (socket: Socket) => this.#secure(socket))
    this.#server.on('request', (request, response) => this.onRequest(request, response, null))
    this.#server.on('upgrade', (request, socket: Socket, head) =>
      this.onUpgrade(request, socket, head),
    )
  }

  /** `GET /poll`, as they were mounted, and then upgrades. */
  get routes(): readonly string[] {
    return [...this.#routes.keys(), ...[...this.#upgrades.keys()].map((path) => `upgrade ${path}`)]
  }

  get openSockets(): number {
    return this.#sockets.size
  }

  get(path: string, handle: (visit: Visit) => void): void {
    this.#routes.set(`GET ${path}`, handle)
  }

  post(path: string, handle: (visit: Visit) => void): void {
    this.#routes.set(`POST ${path}`, handle)
  }

  upgrade(path: string, handle: (visit: UpgradeVisit) => void): void {
    this.#upgrades.set(path, handle)
  }

  take(visit: Visit): void {
    // A connection of HTTP/2 is shared with others.
    if (visit.stream !== null) return
    this.#taken.add(visit.request.socket)
    releaseHttp(visit, this.#server)
  }

  onDrain(release: () => void): void {
    this.#releases.push(release)
  }

  onLeave(leave: (withinMs: number) => number): void {
    this.#leaves.push(leave)
  }

  /**
   * Asks all clients to leave, spread over a time, and goes on serving: streams and sockets are ended, and
   * pollers told that their connection closes. Returns how many connections are asked.
   */
  leave(withinMs: number): number {
    const held = this.#leaves.reduce((sum, leave) => sum + leave(withinMs), 0)
    const kept = [...this.#asking].filter((socket) => !this.#taken.has(socket))
    spread(kept, withinMs, (socket) => this.#leaving.add(socket))
    // What is under way on it is answered first.
    spread([...(this.#http2?.sessions ?? [])], withinMs, (session) => session.close())
    return held
  }

  /** The connections as requests come by them: of TLS the plain text is in these. */
  get #asking(): ReadonlySet<Socket> {
    return this.#identity === null ? this.#sockets : this.#secured
  }

  /** Over all connections, closed ones included: as many steps as there are open ones. */
  traffic(): { bytesReceived: number; bytesSent: number } {
    let bytesReceived = this.#closedReceived
    let bytesSent = this.#closedSent
    for (const socket of this.#sockets) {
      bytesReceived += socket.bytesRead
      bytesSent += socket.bytesWritten
    }
    return { bytesReceived, bytesSent }
  }

  /** Resolves with the port; rejects with the system's error. */
  listen(host: string, port: number): Promise<number> {
    return listening(this.#server, host, port)
  }

  /** The same on a further port, by default a free one. */
  listenAlso(host: string, port = 0): Promise<number> {
    // As http.Server makes its own sockets.
    const listener = createListener({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#server.emit('connection', socket)
    })
    this.#listeners.push(listener)
    return listening(listener, host, port)
  }

  /** Lets held connections go, takes no more, and closes what is still open after a while. */
  async drain(): Promise<void> {
    this.#draining = true
    for (const release of this.#releases) release()
    for (const session of this.#http2?.sessions ?? []) session.close()
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, DRAIN_MS)
    // To Node they are idle, and it would cut them in the middle of what they have to say.
    await new Promise<void>((resolve) => {
      this.#onTakenGone = resolve
      if (this.#taken.size === 0) resolve()
    })
    // A connection belongs to the listener that took it, and only that one waits for it.
    const closed = [this.#server, ...this.#listeners].map(
      (listener) => new Promise((resolve) => listener.close(resolve)),
    )
    this.#server.closeIdleConnections()
    // Those that have never asked are not idle to node.
    for (const socket of this.#asking) if (socket.bytesRead === 0) socket.destroy()
    await Promise.all(closed)
    clearTimeout(timer)
  }

  #account(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#closedReceived += socket.bytesRead
      this.#closedSent += socket.bytesWritten
      this.#forget(socket)
    })
  }

  #secure(socket: Socket): void {
    this.#secured.add(socket)
    socket.once('close', () => {
      this.#secured.delete(socket)
      this.#forget(socket)
    })
  }

  #forget(socket: Socket): void {
    if (this.#taken.delete(socket) && this.#taken.size === 0) this.#onTakenGone()
  }

  onRequest(request: IncomingMessage, response: ServerResponse, stream: Duplex | null): void {
    this.#onRead()
    if (this.#taken.has(request.socket)) {
      request.socket.destroy()
      return
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    // Pipelined: in its turn, or the answers to somebody who does not read them would pile up here.
    if (isRead && response.socket === null) {
      response.once('socket', () => process.nextTick(this.#onTurn, request, response))
      return
    }
    const { path, query } = target(request)
    const origin = this.#gate.allowedOrigin(request)
    if (origin !== null) {
      response.setHeader('Access-Control-Allow-Origin', origin)
      response.setHeader('Vary', 'Origin')
    }
    if (request.method === 'OPTIONS') {
      response.writeHead(origin === null ? 403 : 204, {
        'Access-Control-Allow-Methods': 'GET, HEAD, POST',
        'Access-Control-Allow-Headers': 'Authorization, Content-Type, Last-Event-ID',
      })
      response.end()
      return
    }
    if (this.#draining) {
      // What is asked now on a kept connection would be held when all are let go already.
      if (stream === null) response.setHeader('Connection', 'close')
      answerError(response, 503, 'the server is going down')
      return
    }
    // A publisher's is none of them.
    if (query.has('channel') && this.#leaving.has(request.socket)) {
      response.setHeader('Connection', 'close')
    }
    const refusal = this.#gate.check(request, query)
    if (refusal !== null) {
      if (refusal.status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
      answerError(response, refusal.status, refusal.message)
      return
    }
    const handle = this.#routes.get(`${isRead ? 'GET' : request.method} ${path}`)
    if (handle === undefined) this.#answerNoRoute(path, request, response)
    else answer(handle, { request, response, query, stream })
  }

  readonly #onTurn = (request: IncomingMessage, response: ServerResponse): void => {
    if (!request.socket.destroyed) this.onRequest(request, response, null)
  }

  #answerNoRoute(path: string, request: IncomingMessage, response: ServerResponse): void {
    if (this.#upgrades.has(path)) {
      response.setHeader('Upgrade', 'websocket')
      response.setHeader('Connection', 'Upgrade')
      answerError(response, 426, 'this path takes WebSocket upgrades')
    } else if (this.#routes.has(`GET ${path}`) || this.#routes.has(`POST ${path}`)) {
      response.setHeader('Allow', this.#routes.has(`GET ${path}`) ? 'GET, HEAD' : 'POST')
      answerError(response, 405, `${request.method} is not for this path`)
    } else answerError(response, 404, `nothing is at ${path}`)
  }

  onUpgrade(request: IncomingMessage, socket: Duplex, head = Buffer.alloc(0)): void {
    socket.on('error', () => socket.destroy())
    if (this.#taken.has(request.socket)) {
      socket.destroy()
      return
    }
    const { path, query } = target(request)
    const refusal = this.#gate.check(request, query)
    const handle = this.#upgrades.get(path)
    if (this.#draining) refuseUpgrade(socket, 503)
    else if (refusal !== null) refuseUpgrade(socket, refusal.status)
    else if (handle === undefined) refuseUpgrade(socket, 404)
    else handle({ request, socket, head, query })
  }
}

/** One request that cannot be answered must not end the server for all others. */
function answer(handle: (visit: Visit) => void, visit: Visit): void {
  try {
    handle(visit)
  } catch {
    if (visit.response.headersSent) visit.request.socket.destroy()
    else answerError(visit.response, 500, 'this request could not be answered')
  }
}

async function listening(server: Listener, host: string, port: number): Promise<number> {
  server.listen({ host, port, backlog: BACKLOG })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.once('finish', () => socket.destroy())
  const scheme = status === 401 ? 'WWW-Authenticate: Bearer\r\n' : ''
  const wait = status === 503 ? `Retry-After: ${RETRY_AFTER_SECONDS}\r\n` : ''
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n${scheme}${wait}Content-Length: 0\r\n\r\n`,
  )
}

/**
 * What a request is for. Of a target that is a whole URL, as a client may send it that takes the
 * server for a proxy, the authority stands in for the Host field (RFC 9112, section 3.2.2).
 */
function target(request: IncomingMessage): { path: string; query: URLSearchParams } {
  let url = request.url ?? '/'
  const absolute = ABSOLUTE.exec(url)
  if (absolute !== null) {
    const [prefix, authority = ''] = absolute
    request.headers.host = authority
    url = url.slice(prefix.length)
    if (!url.startsWith('/')) url = `/${url}`
  }
  const mark = url.indexOf('?')
  if (mark < 0) return { path: url, query: new URLSearchParams() }
  return { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) }
}

/**
 * Lets go of what Node's HTTP server keeps of a request while its response lasts, for a stream as long
 * as the connection: 2.5 KiB. To the server the response is over, though nothing marks its end on the
 * wire. A client that wants the connection closed after it keeps everything: Node would close it now.
 */
function releaseHttp({ request, response }: Visit, server: Server): void {
  if (!response.shouldKeepAlive || response.writableEnded) return
  request.resume()
  // An idle kept connection is closed after a while; this one is not idle. To take the timer back
  // would leave it where each write looks after it.
  const { keepAliveTimeout } = server
  server.keepAliveTimeout = 0
  // The one thing that Node's server listens to for the end of a response.
  response.emit('finish')
  server.keepAliveTimeout = keepAliveTimeout
}
