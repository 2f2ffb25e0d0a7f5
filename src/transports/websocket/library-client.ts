import net from 'node:net'
import tls from 'node:tls'
import { type RawData, WebSocket } from 'ws'
import { retryAfterMs } from '../../wire/retry-after.ts'
import { secureOptions } from '../../wire/secure.ts'
import { originOf } from '../../wire/socket.ts'
import { checkCursor, WireError } from '../../wire/wire-error.ts'
import { countSocket, libraryCause, receiveEvent, receiveUnmarked } from '../library-engine.ts'
import { PersistentClient } from '../reconnecting-client.ts'
import { type Session, SILENT, type Target } from '../transport.ts'
import { parseObject } from '../visit.ts'

/** As the lean client's. */
const MAX_MESSAGE_BYTES = 1024 * 1024
/** ws's word for a connection that ended without a close frame. */
const NO_CLOSE_FRAME = 1006

/** Upgrades, subscribes by a message and reads events, on ws; each message is parsed as JSON. */
export class WebSocketLibraryClient extends PersistentClient {
  readonly #target: Target
  #socket: WebSocket | null = null
  /** That the last one of ws is on. */
  #stream: net.Socket | null = null
  #cursor = ''
  /** Messages and pings that have come on the connection; null while it is not subscribed. */
  heard: number | null = null

  constructor(target: Target, session: Session) {
    super(session)
    this.#target = target
  }

  protected dial(): void {
    const { authority, basePath, token, clientKey } = this.#target
    const { pace, key, cookies } = this.session
    const query = clientKey === undefined ? '' : `?${clientKey}=${key}`
    this.expectWithin(pace.timeoutMs)
    const socket = new WebSocket(`${originOf(this.#target, 'ws')}${basePath}/ws${query}`, {
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      headers: {
        Host: authority,
        'User-Agent': 'rtbench',
        'Accept-Encoding': 'identity',
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...(cookies === '' ? {} : { Cookie: cookies }),
      },
      createConnection: () => this.#connectSocket(),
    })
    this.#socket = socket
    // What a socket says that was left is no news.
    const isCurrent = (): boolean => this.#socket === socket
    const leave = (cause: string): void => {
      if (isCurrent()) this.#abandon(cause)
    }
    socket.on('upgrade', ({ headers }) => {
      for (const field of headers['set-cookie'] ?? []) this.session.setCookie(field)
    })
    socket.on('open', () => {
      if (isCurrent()) this.#subscribe(socket)
    })
    socket.on('message', (data) => {
      if (isCurrent()) this.#take(data)
    })
    for (const sign of ['ping', 'pong'] as const) {
      socket.on(sign, () => {
        if (isCurrent()) this.#hears()
      })
    }
    socket.on('unexpected-response', (request, { statusCode, headers }) => {
      if (isCurrent()) this.retryAfter(retryAfterMs(headers['retry-after'] ?? ''))
      leave(`http-${statusCode}`)
      request.destroy()
    })
    // Only what ws finds wrong with the handshake has no code.
    socket.on('error', (error) => leave('code' in error ? libraryCause(error) : 'ws-handshake'))
    socket.on('close', (code) => leave(code === NO_CLOSE_FRAME ? 'closed' : `ws-close-${code}`))
  }

  protected hangUp(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.terminate()
  }

  protected forget(): void {
    this.heard = null
  }

  get carriedBytes(): number {
    return (this.#stream?.bytesRead ?? 0) + (this.#stream?.bytesWritten ?? 0)
  }

  nudge(): void {
    this.#socket?.ping()
  }

  giveUp(): void {
    this.#abandon(SILENT)
  }

  #hears(): void {
    if (this.heard !== null) this.heard++
  }

  protected overdue(): void {
    this.#abandon('timeout')
  }

  #connectSocket(): net.Socket {
    const { secure, host, port } = this.#target
    const { reader } = this.session
    const socket = secure
      ? tls.connect({ host, port, ...secureOptions(this.#target) })
      : net.connect({ host, port })
    return socket.once(secure ? 'secureConnect' : 'connect', () => {
      countSocket(socket, reader)
      this.#stream = socket
      this.connected()
      this.session.requested()
    })
  }

  #abandon(cause: string): void {
    this.hangUp()
    this.lost(cause)
  }

  #subscribe(socket: WebSocket): void {
    this.session.answered(0)
    this.session.opened(this.#cursor)
    const { channel } = this.session
    const lastEventId = this.#cursor === '' ? {} : { lastEventId: this.#cursor }
    socket.send(JSON.stringify({ type: 'subscribe', channel, ...lastEventId }))
  }

  #take(data: RawData): void {
    const text = data.toString()
    this.#hears()
    try {
      this.#hear(parseObject(text) ?? {}, text)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#abandon(error.code)
    }
  }

  #hear(message: Readonly<Record<string, unknown>>, text: string): void {
    const { id, data } = message
    switch (message['type']) {
      case 'event':
        if (!this.#receive(data, id)) receiveUnmarked(this.session, text)
        this.served()
        this.#moveTo(id)
        break
      case 'subscribed':
        this.#moveTo(message['lastEventId'])
        if (message['gap'] === true) this.session.gap()
        this.expectNothing()
        this.heard = 0
        this.session.subscribed()
        break
      case 'gap':
        this.session.gap()
        break
      case 'error':
        throw new WireError('ws-refused', `the server says ${String(message['message'])}`)
      default:
        receiveUnmarked(this.session, text)
    }
  }

  #receive(data: unknown, id: unknown): boolean {
    const lastId = typeof id === 'string' ? id : null
    return typeof data === 'string' && receiveEvent(this.session, data, lastId) > 0
  }

  #moveTo(id: unknown): void {
    if (typeof id !== 'string') return
    checkCursor(id.length)
    this.#cursor = id
  }
}
