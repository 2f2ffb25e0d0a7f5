/** What listens to a server through a way: what has come of an answer, when, and how it ended. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect as connectTcp, type createConnection, isIP, type Socket } from 'node:net'
import type { Transform } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { WebSocket } from 'ws'
import type { Target } from '../transports/transport.ts'

const STEP_MS = 5
const CONNECT_MS = 10_000
/** As much of what came is kept. */
const MOST_CHARACTERS = 1024 * 1024
/** As browsers ask. */
const CODINGS = 'gzip, deflate, br'

export interface Ask {
  readonly method?: string
  /** Below the target's own. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** An answer, or a connection, under way. Times are of `performance.now()`, milliseconds. */
export abstract class Listening {
  readonly beganAtMs = performance.now()
  /** Null until a head has come. */
  status: number | null = null
  headers: IncomingMessage['headers'] = {}
  /** What it was compressed by on the way: `gzip`, `permessage-deflate`; null where it was not. */
  coding: string | null = null
  /** Of all that came last, and of the end; null while there is none. */
  heardAtMs: number | null = null
  endedAtMs: number | null = null
  /** What kept it from being asked, or ended it, such as `ECONNRESET`; null of an end in order. */
  failure: string | null = null
  text = ''

  abstract close(): void

  /** How long until a text came, from now on; null where it did not in this time. */
  async until(text: string, patienceMs: number): Promise<number | null> {
    const fromMs = performance.now()
    const came = await this.waitFor(() => this.text.includes(text), patienceMs)
    return came ? performance.now() - fromMs : null
  }

  /** Resolves when it is so, is over, or the time is; whether it is so. */
  async waitFor(isSo: () => boolean, patienceMs: number): Promise<boolean> {
    const untilMs = performance.now() + patienceMs
    while (!isSo() && this.endedAtMs === null && performance.now() < untilMs) await pause(STEP_MS)
    return isSo()
  }

  /** Such as `was answered 426`. */
  get answer(): string {
    if (this.status !== null) return `was answered ${this.status}`
    return this.failure === null ? 'had no answer' : `failed (${this.failure})`
  }

  protected hear(text: string): void {
    this.heardAtMs = performance.now()
    this.text = (this.text + text).slice(-MOST_CHARACTERS)
  }

  protected end(failure: string | null = null): void {
    this.endedAtMs ??= performance.now()
    this.failure ??= failure
  }
}

/** One request on a connection of its own. */
export class Answer extends Listening {
  readonly #request: ClientRequest
  #message: IncomingMessage | null = null

  constructor(target: Target, { method = 'GET', path, headers = {}, body }: Ask) {
    super()
    this.#request = httpRequest({
      method,
      path: `${target.basePath}${path}`,
      createConnection: () => connectTo(target),
      headers: {
        Host: target.authority,
        Connection: 'keep-alive',
        'User-Agent': 'rtbench',
        'Accept-Encoding': CODINGS,
        ...(target.token === null ? {} : { Authorization: `Bearer ${target.token}` }),
        ...headers,
        ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
      },
    })
    this.#request.on('response', (message) => this.#take(message))
    this.#request.on('error', (error: NodeJS.ErrnoException) =>
      this.end(error.code ?? error.message),
    )
    this.#request.on('close', () => {
      if (this.#message === null) this.end()
    })
    this.#request.end(body)
  }

  close(): void {
    this.#request.destroy()
    this.#message?.destroy()
    this.end()
  }

  #take(message: IncomingMessage): void {
    this.#message = message
    this.status = message.statusCode ?? null
    this.headers = message.headers
    this.coding = message.headers['content-encoding'] ?? null
    this.heardAtMs = performance.now()
    message.on('error', (error: NodeJS.ErrnoException) => this.end(error.code ?? error.message))
    const decoder = decoderOf(this.coding)
    message.on('close', () => {
      // What came whole is not all said until it is decoded.
      if (decoder === null || !message.complete) this.end(message.complete ? null : 'ECONNRESET')
    })
    const body = decoder === null ? message : message.pipe(decoder)
    body.on('data', (bytes: Buffer) => this.hear(bytes.toString()))
    decoder?.on('error', () => this.end('content-encoding'))
    decoder?.on('end', () => this.end())
  }
}

/** A WebSocket, by a library that browsers agree with. */
export class Socketed extends Listening {
  readonly #socket: WebSocket

  constructor(target: Target, path: string, headers: Readonly<Record<string, string>> = {}) {
    super()
    this.#socket = new WebSocket(`ws://${target.authority}${originForm(target)}${path}`, {
      headers: {
        'User-Agent': 'rtbench',
        ...(target.token === null ? {} : { Authorization: `Bearer ${target.token}` }),
        ...headers,
      },
      createConnection: this.#connector(target),
      handshakeTimeout: CONNECT_MS,
    })
    this.#socket.on('open', () => {
      this.status = 101
      this.coding = this.#socket.extensions === '' ? null : this.#socket.extensions
      this.heardAtMs = performance.now()
    })
    this.#socket.on('unexpected-response', (request, response) => {
      this.status = response.statusCode ?? null
      this.headers = response.headers
      request.destroy()
      this.end()
    })
    this.#socket.on('message', (data) => this.hear(`${data.toString()}\n`))
    this.#socket.on('ping', () => this.hear(''))
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.end(error.code ?? 'ws'))
    this.#socket.on('close', (code) => this.end(code === 1006 ? 'ECONNRESET' : `ws-close-${code}`))
  }

  #connector(target: Target): typeof createConnection {
    const { tunnel } = target
    const connect = (_: unknown, done: (error: Error | null, socket?: Socket) => void) => {
      if (tunnel === undefined) return connectTo(target)
      tunnelTo(target, tunnel, (status, socket) => {
        if (socket !== null) done(null, socket)
        else {
          this.status = status
          done(new Error('no tunnel'))
        }
      })
      return undefined
    }
    return connect as unknown as typeof createConnection
  }

  say(message: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message)
  }

  close(): void {
    this.#socket.terminate()
    this.end()
  }
}

/** The path of a server that a tunnel leads to; of one that is asked for whole URLs there is none. */
function originForm({ basePath }: Target): string {
  return basePath.startsWith('http') ? '' : basePath
}

/** A connection to what a target names, to speak HTTP/1.1 on. */
function connectTo({ host, port, secure, authority }: Target): Socket {
  if (!secure) return connectTcp({ host, port, noDelay: true })
  return connectTls({ host, port, ALPNProtocols: ['http/1.1'], ...serverNameOf(authority) })
}

/** None for an address (RFC 6066, section 3). */
export function serverNameOf(authority: string): { readonly servername?: string } {
  const name = authority.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return isIP(name) === 0 ? { servername: name } : {}
}

/** Asks a forward proxy for a tunnel; calls back with it, or with what the proxy answered. */
function tunnelTo(
  target: Target,
  to: string,
  done: (status: number | null, socket: Socket | null) => void,
): void {
  const { host, port } = target
  const headers = { Host: to }
  const asked = httpRequest({ host, port, method: 'CONNECT', path: to, headers, agent: false })
  asked.once('connect', ({ statusCode = null }, socket: Socket) => {
    const isThrough = statusCode !== null && statusCode < 300
    if (!isThrough) socket.destroy()
    done(statusCode, isThrough ? socket : null)
  })
  asked.once('error', () => done(null, null))
  asked.end()
}

function decoderOf(coding: string | null): Transform | null {
  switch (coding) {
    case 'gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      return null
  }
}

/** Resolves later; keeps no process alive that has nothing else to do. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
