/**
 * A forwarder of connections that can let some of them go silent: nothing is carried any more, nobody is told,
 * and whatever becomes of one end the other one does not learn. So does a network that lost its packets.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Where a listener's connections go: a port of this machine or of another host, or a socket's path. */
export type Upstream =
  | { readonly host: string; readonly port: number }
  | { readonly path: string; readonly listenAt: string }

/** What goes silent: the connections of clients with these ports, or all of a listener, those to come too. */
export type Silenced = { readonly ports: Iterable<number> } | { readonly listener: number }

export class Forwarder {
  readonly #listeners: Listener[] = []

  /** Listens before each upstream; resolves with the ports, 0 for a path. */
  async listen(upstreams: readonly Upstream[]): Promise<readonly number[]> {
    for (const upstream of upstreams) this.#listeners.push(new Listener(upstream))
    return Promise.all(this.#listeners.map((listener) => listener.listen()))
  }

  /** Lets connections go silent; returns how many, and what lets them speak again. */
  silence(what: Silenced): { readonly count: number; restore(): void } {
    if ('listener' in what) return this.#listeners[what.listener]?.silence() ?? NOTHING
    const links = [...what.ports].flatMap((port) =>
      this.#listeners.flatMap((listener) => listener.linkAt(port) ?? []),
    )
    for (const link of links) link.silence()
    return {
      count: links.length,
      restore: () => {
        for (const link of links) link.restore()
      },
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }
}

const NOTHING = { count: 0, restore: () => {} }

class Listener {
  readonly #upstream: Upstream
  readonly #server: Server
  /** By the port of the client's end, or by a number of its own. */
  readonly #links = new Map<number, Link>()
  #taken = 0
  #isSilent = false

  constructor(upstream: Upstream) {
    this.#upstream = upstream
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
      this.#take(socket),
    )
  }

  async listen(): Promise<number> {
    const at =
      'path' in this.#upstream ? { path: this.#upstream.listenAt } : { host: '127.0.0.1', port: 0 }
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen({ ...at, backlog: 65_535 }, resolve)
    })
    const address = this.#server.address() as AddressInfo | string
    return typeof address === 'string' ? 0 : address.port
  }

  linkAt(port: number): Link | undefined {
    return this.#links.get(port)
  }

  silence(): { readonly count: number; restore(): void } {
    const links = [...this.#links.values()]
    this.#isSilent = true
    for (const link of links) link.silence()
    return {
      count: links.length,
      restore: () => {
        this.#isSilent = false
        for (const link of this.#links.values()) link.restore()
      },
    }
  }

  async close(): Promise<void> {
    for (const link of this.#links.values()) link.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #take(client: Socket): void {
    const key = client.remotePort ?? --this.#taken
    const to = 'path' in this.#upstream ? { path: this.#upstream.path } : this.#upstream
    const link = new Link(client, connect({ ...to, noDelay: true, allowHalfOpen: true }), () =>
      this.#links.delete(key),
    )
    this.#links.set(key, link)
    if (this.#isSilent) link.silence()
  }
}

/** One connection: its two halves. */
class Link {
  readonly #ends: readonly [Socket, Socket]
  readonly #onGone: () => void
  #isSilent = false

  constructor(client: Socket, server: Socket, onGone: () => void) {
    this.#ends = [client, server]
    this.#onGone = onGone
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.pipe(to)
      from.on('error', () => {}).on('close', () => this.#settle())
    }
  }

  silence(): void {
    this.#isSilent = true
    const [client, server] = this.#ends
    client.unpipe(server)
    server.unpipe(client)
    for (const end of this.#ends) end.pause()
  }

  restore(): void {
    if (!this.#isSilent) return
    this.#isSilent = false
    const [client, server] = this.#ends
    if (client.destroyed || server.destroyed) this.#settle()
    else {
      client.pipe(server)
      server.pipe(client)
    }
  }

  destroy(): void {
    for (const end of this.#ends) end.destroy()
  }

  /** One half is gone, and so is the other one, unless nobody is to know. */
  #settle(): void {
    if (this.#isSilent) return
    for (const end of this.#ends) {
      if (end.destroyed) continue
      // What is on its way to it has been read.
      if (end.writableLength > 0) end.end(() => end.destroy())
      else end.destroy()
    }
    this.#onGone()
  }
}
