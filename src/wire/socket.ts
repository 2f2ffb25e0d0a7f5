import net from 'node:net'
import tls from 'node:tls'
import { type SecurePeer, secureOptions, type Traffic, trafficOf } from './secure.ts'
import { WireError } from './wire-error.ts'

/**
 * The lean socket: `net.connect` with `onread` and one read buffer for a whole process, so that a
 * read costs no allocation and no stream machinery.
 */
/** Unsent bytes of one connection: heads and answers to pings are far smaller. */
const MAX_UNSENT_BYTES = 64 * 1024

/** The read buffer and the account of bytes that all sockets of a process share. */
export class SharedReader {
  /** The bytes that the socket that is calling back has just read. */
  readonly buffer: Buffer
  /** Bytes read from all sockets, without TCP/IP headers; with TLS's handshakes and records. */
  bytesReceived = 0
  /** Bytes handed to all sockets, and what TLS makes of them. */
  bytesSent = 0
  /** Sockets open now. */
  openSockets = 0
  /** TLS handshakes that were done: whole ones, and such that went on with an earlier session. */
  readonly handshakes = { full: 0, resumed: 0 }
  /** Called before the bytes of each read are looked at. */
  readonly onRead: () => void

  constructor(onRead: () => void = ignore, bufferBytes = 64 * 1024) {
    this.onRead = onRead
    this.buffer = Buffer.allocUnsafeSlow(bufferBytes)
  }
}

export interface Endpoint extends SecurePeer {
  readonly host: string
  readonly port: number
  readonly secure: boolean
  /** Clients that share a connection of HTTP/2, a stream each; missing where HTTP/1.1 is spoken. */
  readonly streams?: number
}

/** The owner that a socket reports to: `onClosed` exactly once, after which it is silent. */
export interface SocketOwner {
  /** By which its next connection goes on with the TLS session of this one; kept for it by its sockets. */
  ticket?: Buffer | null
  onConnected(): void
  /** So many bytes stand at the start of the shared buffer, or of the given one. */
  onBytes(bytes: Buffer, length: number): void
  /** With the system's error code, or null when the peer closed in order. */
  onClosed(cause: string | null): void
}

/** What a client has of its connection. */
export interface ClientSocket {
  write(data: string | Buffer): boolean
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly localPort: number
  break(way: 'rst' | 'fin'): void
  destroy(): void
}

/** How clients connect: by a connection each, or by a part of one. */
export type Connect = (
  endpoint: Endpoint,
  reader: SharedReader,
  owner: SocketOwner,
  maxUnsentBytes?: number,
) => ClientSocket

/** By a connection of its own, over HTTP/1.1. */
export const connectWire: Connect = (...given) => new WireSocket(...given)

/** One connection. Writes go out at once (`TCP_NODELAY`). */
class WireSocket implements ClientSocket {
  readonly #reader: SharedReader
  readonly #socket: net.Socket
  readonly #maxUnsentBytes: number
  #owner: SocketOwner | null
  /** Null of a connection without TLS, whose bytes are counted as they come and go. */
  readonly #account: TrafficAccount | null
  #open = false
  /** Broken on purpose, by this cause. */
  #broken: string | null = null

  /** @param maxUnsentBytes what the peer may leave unread before it is given up */
  constructor(
    endpoint: Endpoint,
    reader: SharedReader,
    owner: SocketOwner,
    maxUnsentBytes = MAX_UNSENT_BYTES,
  ) {
    this.#maxUnsentBytes = maxUnsentBytes
    this.#reader = reader
    this.#owner = owner
    if (endpoint.secure) {
      const [socket, account] = this.#connectSecure(endpoint, owner)
      this.#socket = socket
      this.#account = account
    } else {
      this.#socket = this.#connect(endpoint, owner)
      this.#account = null
    }
    // One pair of listeners, whatever happens: 'close' follows every 'error'.
    this.#socket.on('error', ignore).on('close', this.#onClose)
  }

  /**
   * Sends text whose characters are bytes (ASCII heads), or bytes; false when the connection takes
   * nothing any more, and its close is about to be told. A peer that asks for much and reads none of
   * it is left: `send-buffer-full`.
   */
  write(data: string | Buffer): boolean {
    const socket = this.#socket
    if (!socket.writable) return false
    if (this.#account === null) this.#reader.bytesSent += data.length
    const flowing = typeof data === 'string' ? socket.write(data, 'latin1') : socket.write(data)
    this.#account?.take()
    if (!flowing && socket.writableLength > this.#maxUnsentBytes) {
      socket.destroy(new WireError('send-buffer-full', 'the peer does not read'))
    }
    return true
  }

  /** Bytes that have come by now; the kernel's own account costs a read nothing. */
  get bytesRead(): number {
    return this.#socket.bytesRead
  }

  /** Handed to it by now, likewise. */
  get bytesWritten(): number {
    return this.#socket.bytesWritten
  }

  /** Of this end; 0 while it is not connected. */
  get localPort(): number {
    return this.#open ? (this.#socket.localPort ?? 0) : 0
  }

  /**
   * Breaks the connection as a network would: the peer is sent a reset or an end, and the owner is told
   * of its loss.
   */
  break(way: 'rst' | 'fin'): void {
    if (way === 'rst' && !(this.#socket instanceof tls.TLSSocket)) {
      this.#broken = 'ECONNRESET'
      this.#socket.resetAndDestroy()
    } else this.#socket.destroy()
  }

  /** Closes at once and lets go of the owner: no callback follows. */
  destroy(): void {
    this.#owner = null
    this.#socket.destroy()
    this.#release()
  }

  #connect(endpoint: Endpoint, owner: SocketOwner): net.Socket {
    return net.connect(
      {
        host: endpoint.host,
        port: endpoint.port,
        noDelay: true,
        onread: { buffer: this.#reader.buffer, callback: readerOf(this.#reader, owner) },
      },
      this.#onConnect,
    )
  }

  #connectSecure(endpoint: Endpoint, owner: SocketOwner): [tls.TLSSocket, TrafficAccount] {
    const reader = this.#reader
    const { buffer } = reader
    let account: TrafficAccount | null = null
    const options = {
      host: endpoint.host,
      port: endpoint.port,
      ALPNProtocols: ['http/1.1'],
      ...secureOptions(endpoint),
      ...(owner.ticket == null ? {} : { session: owner.ticket }),
      // Documented, and missing in the types: https://nodejs.org/api/tls.html#tlsconnectoptions-callback
      onread: {
        buffer,
        callback: (length: number): boolean => {
          reader.onRead()
          account?.take()
          owner.onBytes(buffer, length)
          return true
        },
      },
    }
    const socket = tls.connect(options, this.#onConnect)
    account = new TrafficAccount(socket, reader)
    socket.setNoDelay(true)
    if (owner.ticket !== undefined) {
      socket.on('session', (ticket) => {
        owner.ticket = ticket
      })
    }
    return [socket, account]
  }

  readonly #onConnect = (): void => {
    if (this.#owner === null) return
    this.#open = true
    this.#reader.openSockets++
    this.#account?.shake()
    this.#owner.onConnected()
  }

  readonly #onClose = (): void => {
    this.#release()
    const owner = this.#owner
    this.#owner = null
    owner?.onClosed(this.#broken ?? errorCode(this.#socket.errored))
  }

  #release(): void {
    this.#account?.take()
    if (!this.#open) return
    this.#open = false
    this.#reader.openSockets--
  }
}

/** The bytes of a connection that others read and write: whatever has gone over the wire since is booked. */
export class TrafficAccount {
  readonly #socket: net.Socket
  readonly #traffic: Traffic
  readonly #reader: SharedReader
  #read = 0
  #written = 0

  constructor(socket: net.Socket, reader: SharedReader) {
    this.#socket = socket
    this.#traffic = trafficOf(socket)
    this.#reader = reader
  }

  take(): void {
    const { bytesRead, bytesWritten } = this.#traffic
    this.#reader.bytesReceived += bytesRead - this.#read
    this.#reader.bytesSent += bytesWritten - this.#written
    this.#read = bytesRead
    this.#written = bytesWritten
  }

  /** The handshake is done, where there was one. */
  shake(): void {
    this.take()
    if (!(this.#socket instanceof tls.TLSSocket)) return
    const { handshakes } = this.#reader
    if (this.#socket.isSessionReused()) handshakes.resumed++
    else handshakes.full++
  }
}

/**
 * Takes reads straight to the owner, past the WireSocket: one object less that a delivery has to
 * find in memory. A socket that was destroyed does not call back.
 */
function readerOf(reader: SharedReader, owner: SocketOwner): (length: number) => boolean {
  const { buffer } = reader
  return (length) => {
    reader.onRead()
    reader.bytesReceived += length
    owner.onBytes(buffer, length)
    return true
  }
}

function ignore(): void {}

/** The system's code, where there is one. */
export function errorCode(error: Error | null): string | null {
  if (error === null) return null
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

type Address = Pick<Endpoint, 'secure' | 'host' | 'port'>

/** `http://127.0.0.1:8080`, or `wss://[::1]:443`: an IPv6 address has brackets (RFC 3986, section 3.2.2). */
export function originOf({ secure, host, port }: Address, scheme: 'http' | 'ws' = 'http'): string {
  const address = host.includes(':') ? `[${host}]` : host
  return `${scheme}${secure ? 's' : ''}://${address}:${port}`
}
