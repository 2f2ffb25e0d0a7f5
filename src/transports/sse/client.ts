import type { EndpointDescription } from '../../scenario/target.ts'
import { acceptanceOf, ELSEWHERE, EventCache } from '../../wire/broadcast-cache.ts'
import { codingSign, refuseCoding } from '../../wire/content-coding.ts'
import { type EventStreamHandler, EventStreamParser } from '../../wire/event-stream.ts'
import { HttpResponseParser, type ResponseHandler } from '../../wire/http-response.ts'
import { equalsToken } from '../../wire/http-syntax.ts'
import { asUtf8, type Requester, RequestTemplate } from '../../wire/request.ts'
import type { Connect } from '../../wire/socket.ts'
import { WireError } from '../../wire/wire-error.ts'
import { type Dialect, perTarget, ReconnectingClient } from '../reconnecting-client.ts'
import { type Session, SILENT, type Target } from '../transport.ts'

const CONTENT_TYPE = Buffer.from('content-type')
/** A server that has nothing to say at first is taken at its head's word after this. */
export const OPENING_MS = 1_000

const dialectOf = perTarget((target) => new SseDialect(target))

/** The last id before the read that is being parsed. */
let idBefore = ''

/** Holds one stream open and reads events from it, as EventSource does. */
export class SseClient
  extends ReconnectingClient<SseDialect>
  implements ResponseHandler, EventStreamHandler
{
  readonly #response = new HttpResponseParser(this, Number.POSITIVE_INFINITY)
  readonly #stream = new EventStreamParser(this)
  #isEventStream = false
  /** The head was taken, and nothing has come after it. */
  #opening = false
  /** 204: the server wants no client here (HTML standard). */
  #dismissed = false
  #isOpen = false
  /** The stream is complete, though its connection may be kept. */
  #ended = false
  /** The state of the response's parser while the stream's is between two events. */
  #between = ELSEWHERE
  /** The id of a known event that the parser has not seen. */
  #passedId: string | null = null

  constructor(target: Target, session: Session, connect?: Connect) {
    super(dialectOf(target), session, connect)
    this.#response.wantsHeaders = true
  }

  protected greet(): void {
    const { session } = this
    const { lastEventId } = this.#stream
    session.requested()
    session.opened(lastEventId)
    this.socket?.write(this.dialect.request(session.channel, lastEventId, session))
  }

  protected read(bytes: Buffer, length: number): void {
    const { known } = this.dialect
    if (known.is(bytes, length, this.#between)) {
      this.#passedId = known.id
      this.session.receivedMark(known.mark)
      this.served()
    } else this.#parse(bytes, length)
  }

  #parse(bytes: Buffer, length: number): void {
    this.#catchUp()
    const before = this.#between
    idBefore = this.#stream.lastEventId
    const { known } = this.dialect
    known.begin()
    this.#response.execute(bytes, 0, length)
    this.#between = this.#stream.between ? this.#response.between : ELSEWHERE
    if (this.#between === before) {
      known.keep(bytes, length, before, this.#stream.lastEventId)
    }
    if (this.#dismissed) this.stop()
    else if (this.#ended) this.abandon('closed')
  }

  protected override finish(): void {
    this.#response.finish()
  }

  /** Tells the parser of what it has not seen. */
  #catchUp(): void {
    if (this.#passedId === null) return
    this.#stream.pass(this.#passedId)
    this.#passedId = null
  }

  protected forget(): void {
    this.#catchUp()
    this.#between = ELSEWHERE
    this.#response.reset()
    this.#stream.reset()
    this.#isEventStream = false
    this.#opening = false
    this.#isOpen = false
    this.#ended = false
  }

  get heard(): number | null {
    return this.#isOpen ? (this.socket?.bytesRead ?? null) : null
  }

  giveUp(): void {
    this.abandon(SILENT)
  }

  onHeader(bytes: Buffer, name: number, nameEnd: number, value: number, valueEnd: number): void {
    if (!equalsToken(bytes, name, nameEnd, CONTENT_TYPE)) return
    this.#isEventStream = isEventStream(bytes.toString('latin1', value, valueEnd))
  }

  onCookie(bytes: Buffer, value: number, valueEnd: number): void {
    this.session.setCookie(bytes.toString('latin1', value, valueEnd))
  }

  onHead(parser: HttpResponseParser): void {
    if (parser.status === 204) {
      this.#dismissed = true
      this.session.cut('http-204')
      return
    }
    if (parser.status !== 200) {
      this.retryAfter(parser.retryAfterMs)
      throw new WireError(`http-${parser.status}`, 'no event stream')
    }
    refuseCoding(parser.coding)
    if (!this.#isEventStream) throw new WireError('sse-media-type', 'not text/event-stream')
    this.session.answered(0)
    this.#opening = true
    this.expectWithin(Math.min(OPENING_MS, this.session.pace.timeoutMs))
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    if (!this.#stream.begun) refuseCoding(codingSign(bytes, start, end))
    // Not at the head: without the cursor that follows it a cut would lose events in silence.
    if (this.#opening) this.#open()
    this.#stream.execute(bytes, start, end)
  }

  protected override overdue(): void {
    if (this.#opening) this.#open()
    else super.overdue()
  }

  #open(): void {
    this.#opening = false
    this.#isOpen = true
    this.expectNothing()
    this.session.subscribed()
  }

  onComplete(): void {
    this.#ended = true
  }

  onEvent(bytes: Buffer, start: number, end: number, parser: EventStreamParser): void {
    const id = parser.lastEventId
    const marks = this.session.received(bytes, start, end, acceptanceOf(id))
    this.served()
    // An id that was there before may not stand in the read, and what lay in pieces was joined elsewhere.
    const isWhole = id !== idBefore && bytes === this.session.reader.buffer
    if (marks === 1 && isWhole) this.dialect.known.tell(this.session.lastMark)
    else this.dialect.known.tellMore()
    if (marks > 0) return
    if (parser.eventType === this.dialect.gapType) this.session.gap()
    else if (end > start) this.session.unmarked(bytes, start, end)
  }

  onRetry(milliseconds: number): void {
    this.dialect.known.tellMore()
    this.retryMs = milliseconds
  }
}

export const MEDIA_TYPE = 'text/event-stream'

export function isEventStream(contentType: string): boolean {
  return contentType.split(';', 1)[0]?.trim().toLowerCase() === MEDIA_TYPE
}

const REFERENCE: EndpointDescription = { path: '/sse?channel={channel}', gap: 'gap' }

/** The request for a stream; what the stream says is the standard's part. */
export class SseDialect implements Dialect {
  readonly target: Target
  readonly known = new EventCache()
  /** The type of an event that says that not everything can be replayed; null where none does. */
  readonly gapType: string | null
  readonly #request: RequestTemplate

  constructor(target: Target) {
    const { path, headers = {}, gap } = target.endpoint ?? REFERENCE
    const accepts = Object.keys(headers).some((name) => /^accept$/i.test(name))
    this.target = target
    this.gapType = gap ?? null
    this.#request = new RequestTemplate(
      target,
      path,
      accepts ? headers : { Accept: MEDIA_TYPE, ...headers },
    )
  }

  /** The request's bytes, one a character. */
  request(channel: string, lastEventId: string, requester?: Requester): string {
    const resume = lastEventId === '' ? '' : `Last-Event-ID: ${asUtf8(lastEventId)}\r\n`
    return this.#request.head(channel, '', resume, '', requester)
  }
}
