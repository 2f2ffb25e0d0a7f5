import { randomBytes } from 'node:crypto'
import { HttpResponseParser, type ResponseHandler } from '../../wire/http-response.ts'
import { firstStringField } from '../../wire/json-field.ts'
import { requestHead } from '../../wire/request.ts'
import { acceptKey, encodeClose, encodeFrame, Opcode } from '../../wire/websocket-encode.ts'
import { type WebSocketHandler, WebSocketParser } from '../../wire/websocket-frame.ts'
import { WireError } from '../../wire/wire-error.ts'
import { ReconnectingClient } from '../reconnecting-client.ts'

const ID_KEY = Buffer.from('"id":"')

/** Upgrades, subscribes by a message, and reads events from frames. */
export class WebSocketClient extends ReconnectingClient implements WebSocketHandler {
  #frames = new WebSocketParser(this)
  #handshake: Handshake | null = null
  #cursor = ''

  protected greet(): void {
    this.#handshake = new Handshake()
    this.session.requested()
    this.socket?.write(
      requestHead(
        this.target,
        '/ws',
        `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${this.#handshake.key}\r\n`,
      ),
    )
  }

  protected read(bytes: Buffer, length: number): void {
    let start = 0
    if (this.#handshake !== null) {
      start = this.#handshake.read(bytes, length)
      if (!this.#handshake.done) return
      this.#handshake = null
      this.session.answered(0)
      this.#subscribe()
    }
    if (start < length) this.#frames.execute(bytes, start, length)
  }

  protected forget(): void {
    this.#handshake = null
    this.#frames = new WebSocketParser(this)
  }

  #subscribe(): void {
    const { channel } = this.session
    const lastEventId = this.#cursor === '' ? {} : { lastEventId: this.#cursor }
    this.#send(JSON.stringify({ type: 'subscribe', channel, ...lastEventId }))
  }

  #send(text: string): void {
    this.socket?.write(encodeFrame(Opcode.text, text))
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    if (this.session.received(bytes, start, end, Number.NaN) > 0) {
      this.#cursor = firstStringField(bytes, start, end, ID_KEY) ?? this.#cursor
      return
    }
    this.#control(bytes.toString('utf8', start, end))
  }

  onPing(bytes: Buffer, start: number, end: number): void {
    this.socket?.write(encodeFrame(Opcode.pong, bytes.subarray(start, end)))
  }

  onPong(): void {}

  onClose(code: number): void {
    const answered = code === 1005 || code === 1006 ? 1000 : code
    this.socket?.write(encodeClose(answered))
    throw new WireError(`ws-close-${code}`, 'the server closed')
  }

  #moveTo(id: unknown): void {
    if (typeof id === 'string') this.#cursor = id
  }

  /** What the server says beside events, and events without a mark. */
  #control(text: string): void {
    const message = parseObject(text)
    switch (message['type']) {
      case 'subscribed':
        this.#moveTo(message['lastEventId'])
        if (message['gap'] === true) this.session.gap()
        this.expectNothing()
        this.subscribed()
        break
      case 'event':
        this.#moveTo(message['id'])
        break
      case 'error':
        throw new WireError('ws-refused', `the server says ${String(message['message'])}`)
    }
  }
}

/** The opening handshake; gone once it is done, since every client of a swarm would keep one. */
class Handshake implements ResponseHandler {
  readonly key = randomBytes(16).toString('base64')
  readonly #parser = new HttpResponseParser(this)
  #accepted = false
  done = false

  constructor() {
    this.#parser.wantsHeaders = true
  }

  /** Returns the offset at which frames begin. */
  read(bytes: Buffer, length: number): number {
    return this.#parser.execute(bytes, 0, length)
  }

  onHeader(bytes: Buffer, name: number, nameEnd: number, value: number, valueEnd: number): void {
    if (nameEnd - name !== 20) return
    if (bytes.toString('latin1', name, nameEnd).toLowerCase() !== 'sec-websocket-accept') return
    this.#accepted = bytes.toString('latin1', value, valueEnd) === acceptKey(this.key)
  }

  onHead(parser: HttpResponseParser): void {
    if (parser.status !== 101) throw new WireError(`http-${parser.status}`, 'not upgraded')
    if (!this.#accepted) throw new WireError('ws-handshake', 'wrong Sec-WebSocket-Accept')
    this.done = true
  }

  onBody(): void {}

  onComplete(): void {}
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Somebody else's text is no event of ours; it is passed over.
  }
  return {}
}
