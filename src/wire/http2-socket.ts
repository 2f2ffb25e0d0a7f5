/**
 * Connections of HTTP/2 for clients that speak HTTP/1.1: each of these has a stream at a time of a connection that
 * several share. Node's own module does the protocol (frames, HPACK, flow control); what goes to it and comes from it
 * is made of a request's text and into a response's, so that parsers, dialects and marks are those of HTTP/1.1.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2Session,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { secureOptions } from './secure.ts'
import {
  type ClientSocket,
  type Endpoint,
  errorCode,
  originOf,
  type SharedReader,
  type SocketOwner,
  TrafficAccount,
} from './socket.ts'
import { acceptKey } from './websocket-encode.ts'
import { WireError } from './wire-error.ts'

/** What Chromium offers: bytes that a stream, and all of a connection, may be sent before they are read. */
const STREAM_WINDOW_BYTES = 6 * 1024 * 1024
const CONNECTION_WINDOW_BYTES = 15 * 1024 * 1024
/** What Node keeps for a connection's streams before it refuses more; its own 10 MB are few for a thousand. */
const SESSION_MEGABYTES = 256
const MAX_UNSENT_BYTES = 64 * 1024
const END_STREAM = constants.NGHTTP2_FLAG_END_STREAM

/** Headers of one connection, which HTTP/2 has no use for (RFC 9113, section 8.2.2). */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  ...['connection', 'host', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'],
])

/** Connects by a stream of a connection that others may be on already. */
export function connectHttp2(
  endpoint: Endpoint,
  reader: SharedReader,
  owner: SocketOwner,
  maxUnsentBytes = MAX_UNSENT_BYTES,
): ClientSocket {
  return new Http2Socket(endpoint, reader, owner, maxUnsentBytes)
}

/** By reader and endpoint, the connection that takes the next client. */
const open = new WeakMap<SharedReader, Map<string, Connection>>()

function join(endpoint: Endpoint, reader: SharedReader, socket: Http2Socket): Connection {
  const all = open.get(reader) ?? new Map<string, Connection>()
  open.set(reader, all)
  const origin = originOf(endpoint)
  const newest = all.get(origin)
  const connection = newest?.takes === true ? newest : new Connection(endpoint, reader)
  all.set(origin, connection)
  connection.add(socket)
  return connection
}

/** One connection of HTTP/2, and the clients on it. */
class Connection {
  readonly #socket: net.Socket
  readonly #account: TrafficAccount
  readonly #reader: SharedReader
  readonly session: ClientHttp2Session
  readonly #most: number
  readonly #members = new Set<Http2Socket>()
  #stands = false
  /** The server takes no more streams on it, or it is gone. */
  #isOver = false
  /** Why it is gone, if by an error. */
  #cause: string | null = null

  constructor(endpoint: Endpoint, reader: SharedReader) {
    const { host, port, secure, streams = 1 } = endpoint
    this.#reader = reader
    this.#most = streams
    this.#socket = secure
      ? tls.connect({ host, port, ALPNProtocols: ['h2'], ...secureOptions(endpoint) })
      : net.connect({ host, port })
    this.#socket.setNoDelay(true)
    this.#account = new TrafficAccount(this.#socket, reader)
    this.session = connectHttp2Session(originOf(endpoint), {
      createConnection: () => this.#socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      maxSessionMemory: SESSION_MEGABYTES,
    })
    this.session
      .once('connect', () => this.#onConnect())
      .once('goaway', () => this.#onGoaway())
      .on('error', (error) => {
        this.#cause ??= errorCode(error)
      })
      .once('close', () => this.#onClose())
    this.#socket.on('error', (error) => {
      this.#cause ??= errorCode(error)
    })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get takes(): boolean {
    return !this.#isOver && this.#members.size < this.#most
  }

  get localPort(): number {
    return this.#stands ? (this.#socket.localPort ?? 0) : 0
  }

  add(member: Http2Socket): void {
    this.#members.add(member)
    if (this.#stands) process.nextTick(() => this.#members.has(member) && member.onConnect())
  }

  /** The last one turns the light off. */
  leave(member: Http2Socket): void {
    this.#members.delete(member)
    if (this.#members.size > 0) return
    this.#isOver = true
    this.session.destroy()
    // Node lets it go when all is said, which a peer that reads nothing may keep from being.
    setImmediate(() => this.#socket.destroy())
  }

  break(way: 'rst' | 'fin'): void {
    if (way === 'rst' && !(this.#socket instanceof tls.TLSSocket)) {
      this.#cause = 'ECONNRESET'
      this.#socket.resetAndDestroy()
    } else this.#socket.destroy()
  }

  /** Books what has gone over the wire. */
  take(): void {
    this.#account.take()
  }

  #onConnect(): void {
    // Node tells of it a tick later.
    if (this.#isOver) return
    this.#stands = true
    this.#reader.openSockets++
    this.#account.shake()
    this.session.setLocalWindowSize(CONNECTION_WINDOW_BYTES)
    for (const member of [...this.#members]) member.onConnect()
  }

  #onGoaway(): void {
    this.#isOver = true
    for (const member of [...this.#members]) member.onGoaway()
  }

  #onClose(): void {
    this.#isOver = true
    this.#account.take()
    if (this.#stands) this.#reader.openSockets--
    this.#stands = false
    const members = [...this.#members]
    this.#members.clear()
    for (const member of members) member.onGone(this.#cause)
  }
}

/** What one client has of a connection: a stream for each request, one after the other. */
class Http2Socket implements ClientSocket {
  readonly #connection: Connection
  readonly #endpoint: Endpoint
  readonly #reader: SharedReader
  readonly #maxUnsentBytes: number
  #owner: SocketOwner | null
  #stream: ClientHttp2Stream | null = null
  /** The answer's text does not say where it ends. */
  #endsWithStream = false
  /** Of an opening handshake, which is not part of extended CONNECT; null of a request. */
  #webSocketKey: string | null = null
  #isLeft = false
  bytesRead = 0
  bytesWritten = 0

  constructor(
    endpoint: Endpoint,
    reader: SharedReader,
    owner: SocketOwner,
    maxUnsentBytes: number,
  ) {
    this.#endpoint = endpoint
    this.#reader = reader
    this.#owner = owner
    this.#maxUnsentBytes = maxUnsentBytes
    this.#connection = join(endpoint, reader, this)
  }

  get localPort(): number {
    return this.#connection.localPort
  }

  write(data: string | Buffer): boolean {
    if (this.#owner === null) return false
    const stream = this.#stream
    try {
      // The answer to the last one may be complete, and its stream about to end.
      if (stream === null || this.#webSocketKey === null)
        this.#ask(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
      else if (!stream.writable) return false
      else if (!stream.write(data) && stream.writableLength > this.#maxUnsentBytes) {
        stream.destroy(new WireError('send-buffer-full', 'the peer does not read'))
      }
    } catch {
      // The connection takes no stream any more.
      process.nextTick(() => this.#close('closed'))
      return false
    }
    this.bytesWritten += data.length
    this.#connection.take()
    return true
  }

  /** The connection is broken, with all that share it. */
  break(way: 'rst' | 'fin'): void {
    this.#connection.break(way)
  }

  destroy(): void {
    this.#owner = null
    this.#stream?.close(constants.NGHTTP2_CANCEL)
    this.#stream = null
    this.#leave()
  }

  onConnect(): void {
    this.#owner?.onConnected()
  }

  /** Requests under way are still answered. */
  onGoaway(): void {
    if (this.#stream === null) this.#close(null)
  }

  onGone(cause: string | null): void {
    this.#isLeft = true
    this.#close(cause)
  }

  /** Sends a request: its head as text, its body behind it. */
  #ask(bytes: Buffer): void {
    const end = bytes.indexOf('\r\n\r\n')
    const [line = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
    const [method = 'GET', path = '/'] = line.split(' ')
    const { secure, authority } = this.#endpoint
    const headers: OutgoingHttpHeaders = {
      ':method': method,
      ':path': path,
      ':scheme': secure ? 'https' : 'http',
      ':authority': authority,
    }
    for (const field of lines) addField(headers, field)
    this.#webSocketKey = asWebSocket(headers)
    const body = bytes.subarray(end + 4)
    const endStream = body.length === 0 && this.#webSocketKey === null
    const stream = this.#connection.session.request(headers, { endStream })
    this.#stream = stream
    stream
      .on('response', (given, flags) => this.#onHead(stream, given, flags))
      .on('data', (chunk: Buffer) => this.#onData(stream, chunk))
      .once('end', () => this.#onEnd(stream))
      .on('error', ignore)
      .once('close', () => this.#onStreamClose(stream))
    if (body.length > 0) stream.end(body)
  }

  #onHead(
    stream: ClientHttp2Stream,
    headers: IncomingHttpHeaders & IncomingHttpStatusHeader,
    flags: number,
  ): void {
    if (stream !== this.#stream) return
    const key = this.#webSocketKey
    const status = headers[':status'] ?? 0
    const isAccepted = key !== null && status === 200
    this.#endsWithStream = headers['content-length'] === undefined && (flags & END_STREAM) === 0
    const lines = Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(':') ? [] : [value].flat().map((one) => `${name}: ${one}\r\n`),
    )
    if (isAccepted) lines.push(...upgradeLines(key))
    else if ((flags & END_STREAM) !== 0 && headers['content-length'] === undefined) {
      lines.push('content-length: 0\r\n')
    }
    if (this.#connection.isOver) lines.push('connection: close\r\n')
    const text = `HTTP/1.1 ${isAccepted ? 101 : status} \r\n${lines.join('')}\r\n`
    this.#give(Buffer.from(text, 'latin1'))
  }

  #onData(stream: ClientHttp2Stream, chunk: Buffer): void {
    if (stream !== this.#stream) return
    this.bytesRead += chunk.length
    this.#give(chunk)
  }

  /** Where reads of HTTP/1.1 stand, too: what a broadcast sends to many is known again there. */
  #give(bytes: Buffer): void {
    const reader = this.#reader
    reader.onRead()
    this.#connection.take()
    const { buffer } = reader
    if (bytes.length > buffer.length) this.#owner?.onBytes(bytes, bytes.length)
    else {
      bytes.copy(buffer)
      this.#owner?.onBytes(buffer, bytes.length)
    }
  }

  #onEnd(stream: ClientHttp2Stream): void {
    if (stream !== this.#stream) return
    const isLast = this.#endsWithStream || this.#webSocketKey !== null || this.#connection.isOver
    if (isLast) this.#close(null)
    else this.#stream = null
  }

  #onStreamClose(stream: ClientHttp2Stream): void {
    if (stream !== this.#stream) return
    this.#stream = null
    // One that goes down with its connection is told of with that.
    if (this.#connection.session.destroyed) return
    const { errored, rstCode } = stream
    // A server that is going away takes none.
    const isGoing = this.#connection.isOver || this.#connection.session.closed
    const code = isGoing ? 'closed' : resetName(rstCode)
    this.#close(errored instanceof WireError ? errored.code : code)
  }

  #close(cause: string | null): void {
    const owner = this.#owner
    this.#owner = null
    this.#stream = null
    this.#leave()
    owner?.onClosed(cause)
  }

  #leave(): void {
    if (this.#isLeft) return
    this.#isLeft = true
    this.#connection.leave(this)
  }
}

function addField(headers: OutgoingHttpHeaders, line: string): void {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).toLowerCase()
  if (!OF_CONNECTION.has(name)) headers[name] = line.slice(colon + 1).trim()
  else if (name === 'upgrade') headers[':protocol'] = 'websocket'
}

/** Makes an opening handshake one of extended CONNECT (RFC 8441, section 5); returns its key, or null of another request. */
function asWebSocket(headers: OutgoingHttpHeaders): string | null {
  if (headers[':protocol'] === undefined) return null
  const key = String(headers['sec-websocket-key'] ?? '')
  headers[':method'] = 'CONNECT'
  delete headers['sec-websocket-key']
  return key
}

function upgradeLines(key: string): readonly string[] {
  const accept = `sec-websocket-accept: ${acceptKey(key)}\r\n`
  return ['connection: upgrade\r\n', 'upgrade: websocket\r\n', accept]
}

/** By their codes, from 0 (RFC 9113, section 7). */
const RESETS = [
  ...['closed', 'protocol-error', 'internal-error', 'flow-control-error', 'settings-timeout'],
  ...['stream-closed', 'frame-size-error', 'refused-stream', 'cancel', 'compression-error'],
  ...['connect-error', 'enhance-your-calm', 'inadequate-security', 'http-1.1-required'],
]

/** Why the server ended a stream: `h2-refused-stream`. */
function resetName(code: number): string {
  return code === 0 ? 'closed' : `h2-${RESETS[code] ?? code}`
}

function ignore(): void {}
