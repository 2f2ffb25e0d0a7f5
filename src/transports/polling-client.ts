import { HttpResponseParser, type ResponseHandler } from '../wire/http-response.ts'
import { lastStringField } from '../wire/json-field.ts'
import { requestHead } from '../wire/request.ts'
import { WireError } from '../wire/wire-error.ts'
import { ReconnectingClient } from './reconnecting-client.ts'

const CURSOR_KEY = Buffer.from('"lastEventId":"')
const GAP_FLAG = Buffer.from('"gap":true')
const NOTHING = Buffer.alloc(0)

/**
 * The client side of both kinds of polling: requests one after the other on a kept connection,
 * each with the cursor from the answer before. When to ask is the subclass's part.
 */
export abstract class PollingClient extends ReconnectingClient implements ResponseHandler {
  readonly #parser = new HttpResponseParser(this)
  /** Pieces of an answer that did not come in one read. */
  #pieces: Buffer[] | null = null
  #cursor = ''
  #awaiting = false
  #answered = false

  protected abstract readonly path: string
  /** The longest that the server may hold a request with a cursor, milliseconds. */
  protected abstract readonly heldMs: number
  /** A whole answer was taken in; the connection is free for the next request. */
  protected abstract answered(): void

  /** The connection is free for a request. */
  protected get ready(): boolean {
    return this.#answered && !this.#awaiting
  }

  /** Sends the request. */
  protected ask(): void {
    if (this.socket === null) return
    this.#awaiting = true
    this.expectWithin(this.session.pace.timeoutMs + (this.#cursor === '' ? 0 : this.heldMs))
    const cursor = this.#cursor === '' ? '' : `&lastEventId=${encodeURIComponent(this.#cursor)}`
    const channel = encodeURIComponent(this.session.channel)
    this.session.requested()
    this.socket.write(requestHead(this.target, `${this.path}?channel=${channel}${cursor}`))
  }

  protected greet(): void {
    // Without a cursor the server answers at once with the newest id, from which on nothing is
    // missed; after a cut the old cursor asks for what came meanwhile.
    this.#answered = false
    this.ask()
  }

  protected read(bytes: Buffer, length: number): void {
    if (this.#parser.execute(bytes, 0, length) < length) {
      throw new WireError('http-syntax', 'the server switched protocols unasked')
    }
  }

  protected override finish(): void {
    this.#parser.finish()
  }

  protected forget(): void {
    this.#parser.reset()
    this.#pieces = null
    this.#awaiting = false
    this.#answered = false
  }

  onHead({ status }: HttpResponseParser): void {
    if (status !== 200) throw new WireError(`http-${status}`, `the answer's status is ${status}`)
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    if (this.#parser.contentLength === end - start) this.#take(bytes, start, end)
    else {
      this.#pieces ??= []
      this.#pieces.push(Buffer.from(bytes.subarray(start, end)))
    }
  }

  onComplete(parser: HttpResponseParser): void {
    if (this.#pieces !== null) {
      const whole = Buffer.concat(this.#pieces)
      this.#pieces = null
      this.#take(whole, 0, whole.length)
    } else if (parser.contentLength <= 0) this.#take(NOTHING, 0, 0)
    if (!this.#answered) {
      this.#answered = true
      this.subscribed()
    }
    // The peer is about to close: its close leads to the next connection, and this one stays busy.
    if (!parser.keepAlive) return
    this.#awaiting = false
    this.expectNothing()
    this.answered()
  }

  #take(bytes: Buffer, start: number, end: number): void {
    const events = this.session.received(bytes, start, end, Number.NaN)
    this.#cursor = lastStringField(bytes, start, end, CURSOR_KEY) ?? this.#cursor
    if (saysGap(bytes, start, end)) this.session.gap()
    this.session.answered(events)
  }
}

/** The server puts the flag first, where payload cannot be. */
function saysGap(bytes: Buffer, start: number, end: number): boolean {
  const at = start + 1
  const past = at + GAP_FLAG.length
  return past <= end && bytes.compare(GAP_FLAG, 0, GAP_FLAG.length, at, past) === 0
}
