import { randomBytes } from 'node:crypto'
import { ELSEWHERE } from '../../wire/broadcast-cache.ts'
import { HttpResponseParser, type ResponseHandler } from '../../wire/http-response.ts'
import { equalsToken, listHasToken } from '../../wire/http-syntax.ts'
import type { Connect } from '../../wire/socket.ts'
import { acceptKey, encodeClose, encodeFrame, Opcode } from '../../wire/websocket-encode.ts'
import { type WebSocketHandler, WebSocketParser } from '../../wire/websocket-frame.ts'
import { WireError } from '../../wire/wire-error.ts'
import { perTarget, ReconnectingClient } from '../reconnecting-client.ts'
import { type Session, SILENT, type Target } from '../transport.ts'
import { WebSocketDialect } from './dialect.ts'

const ACCEPT = Buffer.from('sec-websocket-accept')
const CONNECTION = Buffer.from('connection')
const UPGRADE = Buffer.from('upgrade')
const WEBSOCKET = Buffer.from('websocket')
const EXTENSIONS = Buffer.from('sec-websocket-extensions')
const PROTOCOL = Buffer.from('sec-websocket-protocol')

/** The state of a client that awaits a message. */
const BETWEEN_MESSAGES = 0

const PING = Buffer.alloc(0)

const dialectOf = perTarget((target) => new WebSocketDialect(target))

/** Upgrades, subscribes by a message, and reads events from frames. */
export class WebSocketClient
  extends ReconnectingClient<WebSocketDialect>
  implements WebSocketHandler
{
  #frames = new WebSocketParser(this)
  #handshake: Handshake | null = null
  /** The newest event's id. */
  #cursor = ''
  #between = ELSEWHERE
  #isSubscribed = false

  constructor(target: Target, session: Session, connect?: Connect) {
    super(dialectOf(target), session, connect)
  }

  protected greet(): void {
    const { session } = this
    this.#handshake = new Handshake(session, (milliseconds) => this.retryAfter(milliseconds))
    session.requested()
    this.socket?.write(this.dialect.handshake(session.channel, this.#handshake.key, session))
  }

  protected read(bytes: Buffer, length: number): void {
    const { known } = this.dialect
    if (known.is(bytes, length, this.#between)) {
      this.#cursor = known.id
      this.session.receivedMark(known.mark)
      this.served()
    } else this.#parse(bytes, length)
  }

  #parse(bytes: Buffer, length: number): void {
    let start = 0
    if (this.#handshake !== null) {
      start = this.#handshake.read(bytes, length)
      if (!this.#handshake.done) return
      this.#handshake = null
      this.session.answered(0)
      this.#subscribe()
    }
    if (start === length) return
    const before = this.#between
    const { known } = this.dialect
    known.begin()
    this.#frames.execute(bytes, start, length)
    this.#between = this.#frames.between ? BETWEEN_MESSAGES : ELSEWHERE
    if (this.#between === before) known.keep(bytes, length, before, this.#cursor)
  }

  say(channel: string, data: string, ref: number): number {
    if (!this.#isSubscribed || this.socket === null) return 0
    const message = this.dialect.message(channel, data, ref)
    const frame = encodeFrame(Opcode.text, message)
    return this.socket.write(frame) ? frame.length : 0
  }

  get heard(): number | null {
    return this.#isSubscribed ? (this.socket?.bytesRead ?? null) : null
  }

  nudge(): void {
    this.socket?.write(encodeFrame(Opcode.ping, PING))
  }

  giveUp(): void {
    this.abandon(SILENT)
  }

  protected forget(): void {
    this.#isSubscribed = false
    this.#handshake = null
    this.#between = ELSEWHERE
    this.#frames = new WebSocketParser(this)
  }

  #subscribe(): void {
    this.session.opened(this.#cursor)
    const message = this.dialect.subscription(this.session.channel, this.#cursor)
    if (message !== null) this.socket?.write(encodeFrame(Opcode.text, message))
    if (this.dialect.isUnconfirmed) this.#subscribed()
  }

  #subscribed(): void {
    this.expectNothing()
    this.#isSubscribed = true
    this.session.subscribed()
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    const marks = this.session.received(bytes, start, end, Number.NaN)
    if (marks > 0) {
      this.served()
      const id = this.dialect.idOf(bytes, start, end)
      if (id !== null) this.#cursor = id
      // What lay in pieces was joined elsewhere.
      if (id !== null && marks === 1 && bytes === this.session.reader.buffer)
        this.dialect.known.tell(this.session.lastMark)
      else this.dialect.known.tellMore()
      return
    }
    this.dialect.known.tellMore()
    this.#control(bytes, start, end)
  }

  onPing(bytes: Buffer, start: number, end: number): void {
    this.dialect.known.tellMore()
    this.socket?.write(encodeFrame(Opcode.pong, bytes.subarray(start, end)))
  }

  onPong(): void {}

  onClose(code: number): void {
    this.socket?.write(encodeClose(code === 1005 ? 1000 : code))
    throw new WireError(`ws-close-${code}`, 'the server closed')
  }

  /** A message beside events, or an event without a mark. */
  #control(bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString('utf8', start, end)
    const answer = this.dialect.acknowledgementOf(text)
    if (answer !== null) {
      this.session.acknowledged(answer.ref, answer.refusal, framedBytes(end - start))
      return
    }
    const word = this.dialect.wordOf(text)
    if (word === 'refused') throw new WireError('ws-refused', 'the server refuses')
    const id = this.dialect.idOf(bytes, start, end)
    if (id !== null) this.#cursor = id
    const saysGap = this.dialect.saysGap(text)
    if (saysGap) this.session.gap()
    if (word === 'subscribed') this.#subscribed()
    else {
      if (id !== null) this.served()
      if (!saysGap && end > start) this.session.unmarked(bytes, start, end)
    }
  }
}

/** Bytes of a frame that a server sends (RFC 6455, section 5.2). */
function framedBytes(payloadBytes: number): number {
  return payloadBytes + (payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10)
}

/** The opening handshake; gone once it is done, since every client of a swarm would keep one. */
class Handshake implements ResponseHandler {
  readonly key = randomBytes(16).toString('base64')
  readonly #parser = new HttpResponseParser(this)
  readonly #session: Session
  readonly #onRefusal: (retryAfterMs: number) => void
  #accepted = false
  #upgrades = false
  #connectionUpgrades = false
  #addsUnasked = false
  done = false

  constructor(session: Session, onRefusal: (retryAfterMs: number) => void) {
    this.#session = session
    this.#onRefusal = onRefusal
    this.#parser.wantsHeaders = true
  }

  /** Returns the offset at which frames begin. */
  read(bytes: Buffer, length: number): number {
    return this.#parser.execute(bytes, 0, length)
  }

  onHeader(bytes: Buffer, name: number, nameEnd: number, value: number, valueEnd: number): void {
    const is = (lower: Buffer): boolean => equalsToken(bytes, name, nameEnd, lower)
    if (is(ACCEPT)) {
      this.#accepted = bytes.toString('latin1', value, valueEnd) === acceptKey(this.key)
    } else if (is(UPGRADE)) {
      this.#upgrades = equalsToken(bytes, value, valueEnd, WEBSOCKET)
    } else if (is(CONNECTION)) {
      this.#connectionUpgrades ||= listHasToken(bytes, value, valueEnd, UPGRADE)
    } else if (is(EXTENSIONS) || is(PROTOCOL)) this.#addsUnasked = true
  }

  onCookie(bytes: Buffer, value: number, valueEnd: number): void {
    this.#session.setCookie(bytes.toString('latin1', value, valueEnd))
  }

  onHead(parser: HttpResponseParser): void {
    if (parser.status !== 101) {
      this.#onRefusal(parser.retryAfterMs)
      throw new WireError(`http-${parser.status}`, 'not upgraded')
    }
    // RFC 6455, section 4.1.
    if (!this.#accepted) throw new WireError('ws-handshake', 'wrong Sec-WebSocket-Accept')
    if (!this.#upgrades || !this.#connectionUpgrades) {
      throw new WireError('ws-handshake', 'no upgrade to websocket')
    }
    if (this.#addsUnasked) throw new WireError('ws-handshake', 'an extension or protocol unasked')
    this.done = true
  }

  onBody(): void {}

  onComplete(): void {}
}
