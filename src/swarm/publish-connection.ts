import { errorName } from '../measure/cause.ts'
import { NS_PER_MS, nowNs } from '../measure/clock.ts'
import type { Target } from '../transports/transport.ts'
import { HttpResponseParser, type ResponseHandler } from '../wire/http-response.ts'
import {
  type ClientSocket,
  type Connect,
  connectWire,
  type SharedReader,
  type SocketOwner,
} from '../wire/socket.ts'
import { WireError } from '../wire/wire-error.ts'

/**
 * The fate of a request: the server took it; it was refused, or never written; or it was written and
 * will not be answered, and nobody knows whether the server took it.
 */
export type Fate = 'accepted' | 'dropped' | 'unknown'

/** The account of a publisher's counted events, over all of its links. */
export class PublishAccount {
  accepted = 0
  dropped = 0
  unknown = 0
  /** The dropped and the unknown ones by the reason: `http-404`, `ECONNREFUSED`, `closed`. */
  readonly refusals: Record<string, number> = {}

  /** What nobody need receive, by channel and sequence. */
  readonly unaccepted: { readonly channel: number; readonly sequence: number }[] = []

  /**
   * @param cause why they were not accepted; null where they were
   * @param letters those that were not
   */
  settle(
    fate: Fate,
    counted: number,
    cause: string | null,
    letters: readonly { readonly channel: number; readonly sequence: number }[] = [],
  ): void {
    this[fate] += counted
    for (const { channel, sequence } of letters) this.unaccepted.push({ channel, sequence })
    if (cause === null || counted === 0) return
    this.refusals[cause] = (this.refusals[cause] ?? 0) + counted
  }
}

/** Of a described answer; more of it says nothing about a publish. */
const MAX_ANSWER_CHARACTERS = 64 * 1024

const NOTHING = Buffer.alloc(0)

/** A request that is ready to be written, and is told once what became of it. */
export interface Sending {
  readonly bytes: Buffer
  /**
   * Why an answer does not say that it was taken; null where it does.
   * @param body its bytes, one a character; empty unless the connection keeps bodies
   */
  refusalOf(status: number, body: string): string | null
  /** @param cause null where it was accepted */
  settled(fate: Fate, cause: string | null): void
}

/**
 * A kept connection on which requests are written and answered in order. A request is written once
 * or not at all; what the server closes while nothing is under way is opened anew.
 */
export class PublishConnection implements SocketOwner, ResponseHandler {
  readonly #connect: Connect
  readonly #target: Target
  readonly #reader: SharedReader
  readonly #keepsBodies: boolean
  readonly #parser = new HttpResponseParser(this)
  #socket: ClientSocket | null = null
  /** The socket stands, and takes requests. */
  #connected = false
  /** The socket stood, or stands. */
  #stood = false
  /** It has answered a request. */
  #served = false
  /** When the last thing happened on it that was awaited. */
  #sinceNs = 0
  #written: Sending[] = []
  #unsent: Sending[] = []
  #status = 0
  #body = ''
  #closed = false

  constructor(
    target: Target,
    reader: SharedReader,
    keepsBodies: boolean,
    connect: Connect = connectWire,
  ) {
    this.#connect = connect
    this.#target = target
    this.#reader = reader
    this.#keepsBodies = keepsBodies
    this.#open()
  }

  /** Writes a request now, or as soon as there is a connection; after `close`, never. */
  send(sending: Sending): void {
    if (this.#closed) return
    if (this.#connected && this.#socket?.write(sending.bytes) === true) {
      if (this.#written.length === 0) this.#sinceNs = nowNs()
      this.#written.push(sending)
      return
    }
    // It is of no more use, and its close may not have been told yet.
    this.#connected = false
    this.#unsent.push(sending)
    this.#open()
  }

  /** Goes the way of a request, down to the system, with nothing. TLS would make a record of it, HTTP/2 a stream. */
  rehearse(): void {
    if (this.#connected && !this.#target.secure && this.#connect === connectWire)
      this.#socket?.write(NOTHING)
  }

  /**
   * Gives up what took too long; to be called now and then.
   * @param answerMs how long a connection, or an answer, may take
   * @param idleMs how long an idle connection is trusted: a server may close it at any time after
   */
  look(answerMs: number, idleMs: number): void {
    const quietMs = (nowNs() - this.#sinceNs) / NS_PER_MS
    const isIdle = this.#connected && this.#written.length === 0
    if (isIdle && quietMs > idleMs) {
      this.#cut('closed')
      this.#open()
    } else if (!isIdle && this.#socket !== null && quietMs > answerMs) this.#cut('timeout')
  }

  close(): void {
    this.#closed = true
    this.#cut('unanswered')
  }

  onConnected(): void {
    this.#connected = true
    this.#stood = true
    this.#sinceNs = nowNs()
    const unsent = this.#unsent
    this.#unsent = []
    for (const sending of unsent) this.send(sending)
  }

  onBytes(bytes: Buffer, length: number): void {
    try {
      if (this.#parser.execute(bytes, 0, length) < length) {
        throw new WireError('http-syntax', 'the server switched protocols unasked')
      }
      // Nothing that was written behind it will be answered (RFC 9112, section 9.6).
      if (!this.#connected) this.#cut('closed')
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.#cut(error.code)
    }
  }

  onClosed(cause: string | null): void {
    try {
      // A body may end with its connection.
      this.#parser.finish()
    } catch (error) {
      if (!(error instanceof WireError)) throw error
    }
    this.#socket = null
    this.#fail(cause ?? 'closed')
  }

  onHead({ status }: HttpResponseParser): void {
    if (this.#written.length === 0) {
      throw new WireError('http-syntax', 'an answer that nobody asked for')
    }
    this.#status = status
    this.#body = ''
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    if (!this.#keepsBodies || this.#body.length > MAX_ANSWER_CHARACTERS) return
    this.#body += bytes.toString('latin1', start, end)
  }

  onComplete({ keepAlive }: HttpResponseParser): void {
    const sending = this.#written.shift()
    this.#served = true
    this.#sinceNs = nowNs()
    if (!keepAlive) this.#connected = false
    if (sending === undefined) return
    const refusal = sending.refusalOf(this.#status, this.#body)
    sending.settled(refusal === null ? 'accepted' : 'dropped', refusal)
  }

  #open(): void {
    if (this.#socket !== null || this.#closed) return
    this.#parser.reset()
    this.#sinceNs = nowNs()
    // A server that stands still may be owed any number of requests.
    const most = Number.POSITIVE_INFINITY
    this.#socket = this.#connect(this.#target, this.#reader, this, most)
  }

  #cut(cause: string): void {
    this.#socket?.destroy()
    this.#socket = null
    this.#fail(cause)
  }

  /** The connection is gone: all is settled that was written, and all where there never was one. */
  #fail(cause: string): void {
    const name = errorName(cause)
    const written = this.#written
    const isUseless = !this.#stood || this.#closed
    const unsent = isUseless ? this.#unsent : []
    const isKept = this.#served
    // Whoever is told may send.
    this.#written = []
    if (isUseless) this.#unsent = []
    this.#connected = false
    this.#stood = false
    this.#served = false
    for (const sending of written) sending.settled('unknown', name)
    for (const sending of unsent) sending.settled('dropped', name)
    if (isKept || this.#unsent.length > 0) this.#open()
  }
}
