import { codingSign, refuseCoding } from '../wire/content-coding.ts'
import { HttpResponseParser, type ResponseHandler } from '../wire/http-response.ts'
import type { Connect } from '../wire/socket.ts'
import { WireError } from '../wire/wire-error.ts'
import { PollDialect, referencePoll } from './poll-dialect.ts'
import { perTarget, ReconnectingClient } from './reconnecting-client.ts'
import type { Open, Session, Sleeper, Waiter } from './transport.ts'

const NOTHING = Buffer.alloc(0)
/** An answer of the reference server at its largest: 1 MiB of characters, each of them escaped. */
const MAX_BODY_BYTES = 8 * 1024 * 1024
/** A first request that is held for so long has reached the server. */
const OPENING_MS = 1_000

/** The technique of a poller: when it asks, and for how long it asks to be held. */
export interface PollSchedule {
  /** The next request is sent at a slot, with the answer, or when all that came with that is read. */
  readonly next: 'at-slot' | 'at-once' | 'after-reads'
  /** The longest that the server may hold a request, milliseconds. */
  readonly heldMs: number
  start(poller: Sleeper): void
  stop(): void
  /** Whether an alarm is a slot's, and not one of the connection's; then the next slot is set. */
  take(atNs: number, poller: Sleeper): boolean
  /** The hold that a request asks for that is sent now, milliseconds. */
  nextHoldMs(): number
  /** An answer brought events. */
  delivered(): void
}

/** Makes clients that poll at a path of the reference server, or as their target is described. */
export function poller(path: string, Schedule: new (session: Session) => PollSchedule): Open {
  const reference = referencePoll(path)
  const dialectOf = perTarget((target) => new PollDialect(target, reference))
  return (target, session, connect) =>
    new PollingClient(dialectOf(target), session, new Schedule(session), connect)
}

/**
 * The client side of both kinds of polling: requests one after the other on a kept connection, each with
 * the cursor from the answer before. Closed between two of them, it is opened anew by the next one.
 */
class PollingClient extends ReconnectingClient<PollDialect> implements ResponseHandler, Waiter {
  readonly #schedule: PollSchedule
  readonly #parser = new HttpResponseParser(this, MAX_BODY_BYTES)
  /** `[0, #partialBytes)` is what has come of an answer that did not come in one read. */
  #partial: Buffer | null = null
  #partialBytes = 0
  #cursor = ''
  /** The request after the cursor, from the second time on: a long poll's is another one each time. */
  #request: string | null = null
  /** The hold that it asks for. */
  #requestHoldMs = 0
  #asked = false
  #awaiting = false
  /** The last answer said that the peer closes after it (RFC 9112, section 9.6). */
  #closing = false
  /** On this connection. */
  #subscribed = false
  /** Its connection was lost, and nothing was answered since. */
  #returning = false

  constructor(dialect: PollDialect, session: Session, schedule: PollSchedule, connect?: Connect) {
    super(dialect, session, connect)
    this.#schedule = schedule
    this.#parser.wantsHeaders = dialect.readsHeaders
  }

  override start(): void {
    this.#schedule.start(this)
    super.start()
  }

  override stop(): void {
    this.#schedule.stop()
    super.stop()
  }

  override wake(atNs: number): void {
    if (!this.#schedule.take(atNs, this)) {
      super.wake(atNs)
      return
    }
    // A slot that finds the last answer still outstanding is left out, as a page that polls does.
    if (this.idle) this.#ask()
    else if (this.socket === null && !this.isWaiting) this.connect()
  }

  goOn(): void {
    // Whoever has lost the connection meanwhile asks on the next one.
    if (this.idle) this.#ask()
  }

  protected override closedIdle(): void {
    if (this.#schedule.next !== 'at-slot') this.connect()
  }

  protected override get idle(): boolean {
    return this.#subscribed && !this.#awaiting
  }

  /** Sends the request, unless the next connection will. */
  #ask(): void {
    if (this.socket === null || this.#closing) return
    this.#awaiting = true
    const { timeoutMs } = this.session.pace
    if (this.#opening) this.expectWithin(Math.min(OPENING_MS, timeoutMs))
    else this.#expectAnswer()
    this.session.requested()
    // Who returns wants to know that it is back: that is not to be held.
    const holdMs = this.#returning && this.#cursor !== '' ? 0 : this.#schedule.nextHoldMs()
    this.socket.write(this.#compose(holdMs))
  }

  protected override lost(cause: string): void {
    this.#returning = true
    super.lost(cause)
  }

  #compose(holdMs: number): string {
    if (this.#request !== null && this.#requestHoldMs === holdMs) return this.#request
    const { session } = this
    const request = this.dialect.request(session.channel, this.#cursor, holdMs, session)
    if (this.#asked) {
      this.#request = request
      this.#requestHoldMs = holdMs
    }
    this.#asked = true
    return request
  }

  /** Only time can tell that the server has the request. */
  get #opening(): boolean {
    return this.dialect.holdsFirst && this.#cursor === '' && this.#awaiting && !this.#subscribed
  }

  #expectAnswer(): void {
    const isHeld = this.#cursor !== '' || this.dialect.holdsFirst
    this.expectWithin(this.session.pace.timeoutMs + (isHeld ? this.#schedule.heldMs : 0))
  }

  protected override overdue(): void {
    if (!this.#opening) {
      super.overdue()
      return
    }
    this.#expectAnswer()
    this.#subscribed = true
    this.session.subscribed()
  }

  protected greet(): void {
    // Without a cursor the reference server answers at once with the newest one; after a cut the old
    // one asks for what came meanwhile.
    this.#subscribed = false
    this.session.opened(this.#cursor)
    this.#ask()
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
    this.dialect.forget(this)
    this.#awaiting = false
    this.#closing = false
    this.#subscribed = false
  }

  onHeader(bytes: Buffer, name: number, nameEnd: number, value: number, valueEnd: number): void {
    this.dialect.hear(this, bytes, name, nameEnd, value, valueEnd)
  }

  onCookie(bytes: Buffer, value: number, valueEnd: number): void {
    this.session.setCookie(bytes.toString('latin1', value, valueEnd))
    this.#request = null
    this.#asked = false
  }

  onHead({ status, coding, retryAfterMs }: HttpResponseParser): void {
    if (!this.dialect.answersBy(status)) {
      this.retryAfter(retryAfterMs)
      throw new WireError(`http-${status}`, `the answer's status is ${status}`)
    }
    if (!this.#awaiting) throw new WireError('http-syntax', 'an answer that nobody asked for')
    refuseCoding(coding)
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
    } else if (isBodiless(parser)) this.#take(NOTHING, 0, 0)
    this.served()
    this.#returning = false
    if (!this.#subscribed) {
      this.#subscribed = true
      this.session.subscribed()
    }
    this.#awaiting = false
    // What is owed is the close, which leads to the next connection.
    this.#closing = !parser.keepAlive
    if (this.#closing) return
    this.expectNothing()
    const { next } = this.#schedule
    if (next === 'at-once') this.#ask()
    else if (next === 'after-reads') this.session.afterReads(this)
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    const old = this.#partial
    const from = old === null ? 0 : this.#partialBytes
    this.#partialBytes = from + end - start
    if (old === null || old.length < this.#partialBytes) {
      // Not from Node's pool, and twice as much: single bytes must not cost a buffer each.
      this.#partial = Buffer.allocUnsafeSlow(Math.max(1024, 2 * from, this.#partialBytes))
      old?.copy(this.#partial, 0, 0, from)
    }
    if (this.#partial !== null) bytes.copy(this.#partial, from, start, end)
  }

  #take(bytes: Buffer, start: number, end: number): void {
    refuseCoding(codingSign(bytes, start, end))
    // What follows it is what there is beyond the gap.
    const saysGap = this.dialect.saysGap(bytes, start, end)
    if (saysGap) this.session.gap()
    const events = this.session.receivedList(bytes, start, end)
    const cursor = this.dialect.cursorOf(this, bytes, start, end)
    const isFirst = this.#cursor === '' && !this.#subscribed
    this.#resumeFrom(cursor)
    if (!saysGap && events === 0 && !this.dialect.mayBeEmpty(end - start, cursor, isFirst)) {
      this.session.unmarked(bytes, start, end)
    }
    if (events > 0) this.#schedule.delivered()
    this.session.answered(events)
  }

  #resumeFrom(cursor: string | null): void {
    if (cursor === null || cursor === this.#cursor) return
    this.#cursor = cursor
    this.#request = null
    this.#asked = false
  }
}

/** 204 and 304 have no body, and may yet say how long it would be (RFC 9110 section 8.6). */
function isBodiless({ contentLength, status }: HttpResponseParser): boolean {
  return contentLength <= 0 || status === 204 || status === 304
}
