/** HTTP/2 beside HTTP/1.1, on the same ports and before the same handlers. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import {
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

/** What begins a connection whose client knows that HTTP/2 is spoken (RFC 9113, section 3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
/** Node's own 10 MB are few for the streams of a thousand clients. */
const SESSION_MEGABYTES = 256
const STREAM_WINDOW_BYTES = 1024 * 1024

/** Who answers what comes by HTTP/2, in the shape of HTTP/1.1. */
export interface Http2Owner {
  onRequest(request: IncomingMessage, response: ServerResponse, stream: Duplex): void
  /** Extended CONNECT (RFC 8441): the stream drops the head of an answer that accepts it. */
  onUpgrade(request: IncomingMessage, stream: Duplex): void
}

/** Speaks HTTP/2 with those who begin with it, or choose it in TLS, and leaves the others to HTTP/1.1. */
export class Http2Side {
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #server = createServer({
    maxSessionMemory: SESSION_MEGABYTES,
    settings: { enableConnectProtocol: true, initialWindowSize: STREAM_WINDOW_BYTES },
  })
  readonly #owner: Http2Owner

  constructor(server: Server, owner: Http2Owner) {
    this.#owner = owner
    this.#server.on('session', (session) => {
      this.#sessions.add(session)
      session.on('error', ignore).once('close', () => this.#sessions.delete(session))
    })
    this.#server.on('request', (request, response) => this.#onRequest(request, response))
    // Without it Node would answer, and know no extended CONNECT.
    this.#server.on('connect', (request: Http2ServerRequest, response: Http2ServerResponse) =>
      this.#onConnect(request, response),
    )
    this.#standBefore(server)
  }

  get sessions(): ReadonlySet<ServerHttp2Session> {
    return this.#sessions
  }

  /** Takes the place of Node's HTTP/1.1 on new connections, and hands it those that are its. */
  #standBefore(server: Server): void {
    for (const event of ['connection', 'secureConnection']) {
      const listeners = server.listeners(event)
      // Of plain HTTP the one, and of TLS the other is there; what TLS does with a connection comes first.
      const isSpeaking =
        event === 'secureConnection' || server.listeners('secureConnection').length === 0
      const [speak] = listeners
      if (!isSpeaking || speak === undefined) continue
      server.removeListener(event, speak as (socket: Socket) => void)
      server.on(event, (socket: Socket) => {
        const speakHttp1 = (): unknown => speak.call(server, socket)
        const speakHttp2 = (): unknown => {
          // An HTTP/1.1 server answers who has ended; who ends a connection of HTTP/2 has left it.
          socket.allowHalfOpen = false
          return this.#server.emit('connection', socket)
        }
        // Until somebody speaks with it a reset is nobody's.
        socket.on('error', ignore)
        if (!(socket instanceof TLSSocket)) choose(socket, speakHttp1, speakHttp2)
        else if (socket.alpnProtocol === 'h2') speakHttp2()
        else speakHttp1()
      })
    }
  }

  #onRequest(request: Http2ServerRequest, response: Http2ServerResponse): void {
    const { stream } = response
    stream.on('error', ignore)
    withHost(request.headers)
    // Node's shape for both has all that is used here, and not the type.
    this.#owner.onRequest(
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse,
      stream,
    )
  }

  #onConnect(request: Http2ServerRequest, response: Http2ServerResponse): void {
    const { stream } = response
    stream.on('error', ignore)
    if (request.headers[':protocol'] !== 'websocket') {
      stream.respond({ ':status': 501 }, { endStream: true })
      return
    }
    withHost(request.headers)
    const headers = { ...request.headers, upgrade: 'websocket', 'sec-websocket-key': SOME_KEY }
    const asked = Object.create(request, { method: { value: 'GET' }, headers: { value: headers } })
    this.#owner.onUpgrade(asked as IncomingMessage, asUpgraded(stream))
  }
}

/** Waits for as many bytes as tell which of the two a client begins with. */
function choose(socket: Socket, speakHttp1: () => void, speakHttp2: () => void): void {
  socket.once('readable', () => {
    const first: Buffer | null = socket.read()
    if (first === null) {
      // It ended with nothing said.
      socket.destroy()
      return
    }
    socket.unshift(first)
    const told = Math.min(first.length, PREFACE.length)
    const isBegun = first.subarray(0, told).equals(PREFACE.subarray(0, told))
    // `PRI` is told from `POST` and `PUT` by two letters.
    if (isBegun && told < 2) choose(socket, speakHttp1, speakHttp2)
    else if (isBegun) speakHttp2()
    else speakHttp1()
  })
}

function withHost(headers: IncomingHttpHeaders): void {
  headers.host ??= headers[':authority'] ?? ''
}

/** Extended CONNECT has none, and what is answered to it is dropped. */
const SOME_KEY = Buffer.alloc(16).toString('base64')
const HEAD_END = '\r\n\r\n'

/** A stream to whoever answers an upgrade of HTTP/1.1: the answer's head becomes that of the stream. */
function asUpgraded(stream: ServerHttp2Stream): Duplex {
  const { write, end } = stream
  const restore = (): void => {
    Object.assign(stream, { write, end })
  }
  const answer = (text: string): void => {
    restore()
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 500)
    if (status === 101) stream.respond({ ':status': 200 })
    else stream.respond({ ':status': status }, { endStream: true })
  }
  Object.assign(stream, {
    write: (data: unknown): boolean => {
      const text = String(data)
      if (text.endsWith(HEAD_END)) answer(text)
      return true
    },
    end: (data: unknown): ServerHttp2Stream => {
      answer(String(data))
      return stream
    },
  })
  return stream
}

function ignore(): void {}
