import { HttpResponseParser, type ResponseHandler } from '../wire/http-response.ts'
import { lastStringField } from '../wire/json-field.ts'
import { requestHead } from '../wire/request.ts'
import { WireError } from '../wire/wire-error.ts'
import { ReconnectingClient } from './reconnecting-client.ts'

const CURSOR_KEY = Buffer.from('"lastEventId":"')
const GAP_FLAG = Buffer.from('"gap":true')
const NOTHING = Buffer.alloc(0)
/** An answer of the reference server at its largest: 1 MiB of characters, each of them escaped. */
const LIMITS = { maxBodyBytes: 8 * 1024 * 1024 }

/**
 * The client side of both kinds of polling: requests one after the other on a kept connection,
 * each with the cursor from the answer before. When to ask is the subclass's part.
 */
export abstract class PollingClient extends ReconnectingClient implements ResponseHandler {
  readonly #parser = new HttpResponseParser(this, LIMITS)
  /** `[0, #partialBytes)` is what has come of an answer that did not come in one read. */
  #partial: Buffer | null = null
  #partialBytes = 0
  #cursor = ''
  #awaiting = false
  #answered = false

  protected abstract readonly path: string
  /** The longest that the server may hold a request with a cursor, milliseconds. */
  protected abstract readonly heldMs: number
  /** A whole answer was taken in; the connection is free for the next request. */
  protected abstract answered(): void

  /** The connection is free for a request. */
  protected override get idle(): boolean {
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
    this.#partial = null
    this.#awaiting = false
    this.#answered = false
  }

  onHead({ status }: HttpResponseParser): void {
    if (status !== 200) throw new WireError(`http-${status}`, `the answer's status is ${status}`)
    if (!this.#awaiting) throw new WireError('http-syntax', 'an answer that nobody asked for')
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    if (this.#parser.contentLength === end - start) this.#take(bytes, start, end)
    else this.#keep(bytes, start, end)
  }

  onComplete(parser: HttpResponseParser): void {
    const partial = this.#partial
    if (partial !== null) {
      this.#partial = null
      this.#take(partial, 0, this.#partialBytes)
    } else if (parser.contentLength <= 0) this.#take(NOTHING, 0, 0)
    this.served()
    if (!this.#answered) {
      this.#answered = true
      this.session.subscribed()
    }
    // The peer is about to close: its close leads to the next connection, and this one stays busy.
    if (!parser.keepAlive) return
    this.#awaiting = false
    this.expectNothing()
    this.answered()
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    const old = this.#partial
    const from = old === null ? 0 : this.#partialBytes
    this.#partialBytes = from + end - start
    if (old === null || old.length < this.#partialBytes) {
      // Not from Node's pool, and twice as much as before: a peer that sends single bytes must not
      // cost a buffer for each.
      this.#partial = Buffer.allocUnsafeSlow(Math.max(1024, 2 * from, this.#partialBytes))
      old?.copy(this.#partial, 0, 0, from)
    }
    if (this.#partial !== null) bytes.copy(this.#partial, from, start, end)
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
