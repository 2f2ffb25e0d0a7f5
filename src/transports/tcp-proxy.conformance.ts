/** A TCP proxy between a client and its server that counts bytes and does what networks do. */

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'

/** As whom TLS is spoken, in PEM. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** What becomes of a new connection. */
export type Reception =
  | 'forward'
  /** Taken, and never answered. */
  | 'silence'
  /** Closed when its first bytes have come. */
  | 'close'
  /** Answered by this text, then closed; over TLS, where the server speaks it. */
  | { readonly answer: string }

export class TcpProxy {
  upstreamPort: number
  reception: Reception = 'forward'
  /** Sends to clients one byte at a time. */
  byteByByte = false
  bytesToClients = 0
  bytesToServer = 0
  /** Connections taken so far. */
  taken = 0
  readonly #identity: Identity | null
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #links = new Set<Link>()
  /** Bytes that clients may still get before their connections are cut. */
  #allowance = Number.POSITIVE_INFINITY
  #withheld = false

  private constructor(upstreamPort: number, identity: Identity | null) {
    this.upstreamPort = upstreamPort
    this.#identity = identity
    this.#server = createServer({ noDelay: true }, (client) => this.#take(client))
  }

  /** @param identity of the server, if it speaks TLS */
  static async start(upstreamPort: number, identity: Identity | null = null): Promise<TcpProxy> {
    const proxy = new TcpProxy(upstreamPort, identity)
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, '127.0.0.1', resolve)
    })
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Resets all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Closes all connections when clients have got so many more bytes. */
  cutAfter(bytes: number): void {
    this.#allowance = bytes
  }

  /** Keeps what clients should get, until released. */
  withhold(): void {
    this.#withheld = true
  }

  /** Sends each client in one piece what was withheld. */
  release(): void {
    this.#withheld = false
    for (const link of this.#links) link.flush()
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** How much of so many bytes a client gets now; null withholds them. */
  grant(bytes: number): number | null {
    if (this.#withheld) return null
    const granted = Math.min(bytes, this.#allowance, this.byteByByte ? 1 : bytes)
    this.#allowance -= granted
    this.bytesToClients += granted
    return granted
  }

  /** Cuts if the clients have had what they were to have. */
  spend(): void {
    if (this.#allowance > 0) return
    this.#allowance = Number.POSITIVE_INFINITY
    for (const socket of this.#sockets) socket.destroy()
  }

  #take(client: Socket): void {
    this.taken++
    this.#keep(client)
    const { reception } = this
    if (reception === 'silence') client.resume()
    else if (reception === 'close') client.once('data', () => client.destroy())
    else if (reception !== 'forward') {
      const speaker = this.#speakerOn(client)
      speaker.once('data', () => speaker.end(reception.answer))
    } else {
      const server = connect({ host: '127.0.0.1', port: this.upstreamPort, noDelay: true })
      this.#keep(server)
      const link = new Link(this, client)
      this.#links.add(link)
      client.on('data', (bytes) => {
        this.bytesToServer += bytes.length
        server.write(bytes)
      })
      client.on('close', () => {
        this.#links.delete(link)
        server.destroy()
      })
      server.on('data', (bytes) => link.add(bytes))
      server.on('close', () => link.end())
    }
  }

  /** What a server would read from and write to. */
  #speakerOn(client: Socket): Socket {
    if (this.#identity === null) return client
    const { cert, key } = this.#identity
    const secureContext = createSecureContext({ cert, key })
    const speaker = new TLSSocket(client, { isServer: true, secureContext })
    return speaker.on('error', () => client.destroy())
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
  }
}

/** What is on its way to one client. */
class Link {
  readonly #proxy: TcpProxy
  readonly #client: Socket
  #queue = Buffer.alloc(0)
  #ended = false
  #flushing = false

  constructor(proxy: TcpProxy, client: Socket) {
    this.#proxy = proxy
    this.#client = client
  }

  add(bytes: Buffer): void {
    this.#queue = Buffer.concat([this.#queue, bytes])
    if (!this.#flushing) this.flush()
  }

  end(): void {
    this.#ended = true
    if (this.#queue.length === 0) this.#client.end()
  }

  flush(): void {
    this.#flushing = false
    if (this.#queue.length === 0 || this.#client.destroyed) return
    const granted = this.#proxy.grant(this.#queue.length)
    if (granted === null) return
    this.#client.write(this.#queue.subarray(0, granted))
    this.#queue = this.#queue.subarray(granted)
    this.#proxy.spend()
    if (this.#queue.length > 0) {
      this.#flushing = true
      setImmediate(() => this.flush())
    } else if (this.#ended) this.#client.end()
  }
}
