import type { Dispatcher } from 'undici'
import { codingSign, refuseCoding } from '../wire/content-coding.ts'
import { CHANNEL_BLANK, HOLD_BLANK, Template } from '../wire/request.ts'
import { checkCursor, WireError } from '../wire/wire-error.ts'
import { receiveEvent } from './library-engine.ts'
import type { PollSchedule } from './polling-client.ts'
import type { Open, Session, Target } from './transport.ts'
import { UndiciClient } from './undici-client.ts'
import { parseObject } from './visit.ts'

/** As the lean engine's. */
const MAX_BODY_BYTES = 8 * 1024 * 1024

/** A foreign server may say something else. */
interface Answer {
  readonly events?: readonly { readonly id?: unknown; readonly data?: unknown }[]
  readonly lastEventId?: unknown
  readonly gap?: unknown
}

/** Makes clients that poll at a path of the reference server. */
export function libraryPoller(
  path: string,
  Schedule: new (session: Session) => PollSchedule,
): Open {
  const template = new Template(path, CHANNEL_BLANK, HOLD_BLANK)
  return (target, session) =>
    new LibraryPollingClient(template, target, session, new Schedule(session))
}

/**
 * The client side of both kinds of polling on undici: each answer's body is parsed as JSON, as an
 * application does. Connections are undici's business.
 */
class LibraryPollingClient extends UndiciClient {
  readonly #path: Template
  readonly #schedule: PollSchedule
  #chunks: Buffer[] = []
  #cursor = ''
  #subscribed = false
  /** The last answer is in, and nothing went wrong since: undici has, or makes, a connection. */
  #idle = false
  /** Its connection was lost, and nothing was answered since. */
  #returning = false

  constructor(path: Template, target: Target, session: Session, schedule: PollSchedule) {
    super(target, session, MAX_BODY_BYTES)
    this.#path = path
    this.#schedule = schedule
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
    if (!this.#schedule.take(atNs, this)) super.wake(atNs)
    // A slot that finds the last answer still outstanding is left out, as a page that polls does.
    else if (this.#idle) this.dial()
  }

  protected dial(): void {
    this.#idle = false
    const { pace, channel } = this.session
    const withCursor = this.#cursor !== ''
    const cursor = withCursor ? `&lastEventId=${encodeURIComponent(this.#cursor)}` : ''
    // Who returns wants to know that it is back: that is not to be held.
    const holdMs = this.#returning && withCursor ? 0 : this.#schedule.nextHoldMs()
    const path = this.#path.fill(encodeURIComponent(channel), `${holdMs}`)
    const timeoutMs = pace.timeoutMs + (withCursor ? this.#schedule.heldMs : 0)
    this.request(path + cursor, {}, timeoutMs, timeoutMs)
  }

  protected override connected(): void {
    super.connected()
    this.#subscribed = false
    this.session.opened(this.#cursor)
  }

  protected override lost(cause: string): void {
    this.#returning = true
    super.lost(cause)
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
    this.#returning = false
    if (!this.#subscribed) {
      this.#subscribed = true
      this.session.subscribed()
    }
    this.#idle = true
    if (this.#schedule.next !== 'at-slot') this.dial()
  }

  #take(body: Buffer): void {
    refuseCoding(codingSign(body, 0, body.length))
    const answer = parseObject(body.toString())
    if (answer === null) throw new WireError('http-syntax', 'the answer is no JSON object')
    const { events, lastEventId, gap }: Answer = answer
    // What follows it is what there is beyond the gap.
    if (gap === true) this.session.gap()
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
    if (count > 0) this.#schedule.delivered()
    this.session.answered(count)
  }
}
