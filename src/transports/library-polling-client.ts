import type { Dispatcher } from 'undici'
import { codingSign, refuseCoding } from '../wire/content-coding.ts'
import { checkCursor, WireError } from '../wire/wire-error.ts'
import { receiveEvent } from './library-engine.ts'
import type { Session, Target } from './transport.ts'
import { UndiciClient } from './undici-client.ts'

/** As the lean engine's. */
const MAX_BODY_BYTES = 8 * 1024 * 1024

/** An answer's fields; a foreign server may say something else. */
interface Answer {
  readonly events?: readonly { readonly id?: unknown; readonly data?: unknown }[]
  readonly lastEventId?: unknown
  readonly gap?: unknown
}

/**
 * The client side of both kinds of polling on undici: each answer's body is parsed as JSON, as an
 * application does. When to ask is the subclass's part.
 */
export abstract class LibraryPollingClient extends UndiciClient {
  #chunks: Buffer[] = []
  #cursor = ''
  #subscribed = false
  #idle = false

  protected abstract readonly path: string
  /** The longest that the server may hold a request with a cursor, milliseconds. */
  protected abstract readonly heldMs: number
  /** The hold of a request that is sent now, in its query: `&hold=30000`, or nothing. */
  protected get holdQuery(): string {
    return ''
  }
  /** An answer brought so many events. */
  protected brought(_events: number): void {}
  /** A whole answer was taken in; the connection is free for the next request. */
  protected abstract answered(): void

  constructor(target: Target, session: Session) {
    super(target, session, MAX_BODY_BYTES)
  }

  /** The last answer is in, and nothing went wrong since: undici has, or makes, a connection. */
  protected get idle(): boolean {
    return this.#idle
  }

  protected ask(): void {
    this.#idle = false
    const { pace, channel } = this.session
    const withCursor = this.#cursor !== ''
    const cursor = withCursor ? `&lastEventId=${encodeURIComponent(this.#cursor)}` : ''
    const timeoutMs = pace.timeoutMs + (withCursor ? this.heldMs : 0)
    this.request(
      `${this.path}?channel=${encodeURIComponent(channel)}${this.holdQuery}${cursor}`,
      {},
      // One time for both: undici restarts a timer, and sets another one only for another time.
      { head: timeoutMs, body: timeoutMs },
    )
  }

  protected dial(): void {
    this.ask()
  }

  protected override connected(): void {
    super.connected()
    this.#subscribed = false
  }

  protected forget(): void {
    this.#chunks = []
    this.#idle = false
  }

  /** undici's timeouts watch its requests. */
  protected overdue(): void {}

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    if (this.stopped) return
    const [first, ...rest] = this.#chunks
    this.#chunks = []
    if (first === undefined) this.session.answered(0)
    else this.#take(rest.length === 0 ? first : Buffer.concat([first, ...rest]))
    if (this.stopped) return
    this.served()
    if (!this.#subscribed) {
      this.#subscribed = true
      this.session.subscribed()
    }
    this.#idle = true
    this.answered()
  }

  #take(body: Buffer): void {
    refuseCoding(codingSign(body, 0, body.length))
    const { events, lastEventId, gap } = parseAnswer(body)
    let count = 0
    if (Array.isArray(events)) {
      for (const { id, data } of events) {
        if (typeof data !== 'string') continue
        count += receiveEvent(this.session, data, typeof id === 'string' ? id : null)
      }
      if (count === 0 && events.length > 0) this.session.unmarked(body, 0, body.length)
    }
    if (typeof lastEventId === 'string') {
      checkCursor(lastEventId.length)
      this.#cursor = lastEventId
    }
    if (gap === true) this.session.gap()
    this.brought(count)
    this.session.answered(count)
  }
}

function parseAnswer(body: Buffer): Answer {
  try {
    const value: unknown = JSON.parse(body.toString())
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Told in the same way as an answer that is JSON of another kind.
  }
  throw new WireError('http-syntax', 'the answer is no JSON object')
}
