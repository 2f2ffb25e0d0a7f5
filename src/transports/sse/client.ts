import { type EventStreamHandler, EventStreamParser } from '../../wire/event-stream.ts'
import { HttpResponseParser, type ResponseHandler } from '../../wire/http-response.ts'
import { acceptedAtNs } from '../../wire/mark.ts'
import { requestHead } from '../../wire/request.ts'
import { WireError } from '../../wire/wire-error.ts'
import { ReconnectingClient } from '../reconnecting-client.ts'
import type { Session, Target } from '../transport.ts'

const STREAM_LIMITS = { maxBodyBytes: Number.POSITIVE_INFINITY }
const MEDIA_TYPE = 'text/event-stream'

// A broadcast gives the same id string to every client of this process: its time is read once.
let knownId = ''
let knownAcceptedAtNs = Number.NaN

/** Holds one stream open and reads events from it, as EventSource does. */
export class SseClient extends ReconnectingClient implements ResponseHandler, EventStreamHandler {
  readonly #response = new HttpResponseParser(this, STREAM_LIMITS)
  readonly #stream = new EventStreamParser(this)
  #isEventStream = false
  /** 204: the server wants no client here (HTML standard). */
  #dismissed = false
  /** The stream is complete, though its connection may be kept. */
  #ended = false

  constructor(target: Target, session: Session) {
    super(target, session)
    this.#response.wantsHeaders = true
  }

  protected greet(): void {
    const channel = encodeURIComponent(this.session.channel)
    const { lastEventId } = this.#stream
    const resume = lastEventId === '' ? '' : `Last-Event-ID: ${asUtf8(lastEventId)}\r\n`
    this.session.requested()
    this.socket?.write(
      requestHead(this.target, `/sse?channel=${channel}`, `Accept: ${MEDIA_TYPE}\r\n${resume}`),
    )
  }

  protected read(bytes: Buffer, length: number): void {
    this.#response.execute(bytes, 0, length)
    if (this.#dismissed) this.stop()
    else if (this.#ended) this.abandon('closed')
  }

  protected override finish(): void {
    this.#response.finish()
  }

  protected forget(): void {
    this.#response.reset()
    this.#stream.reset()
    this.#isEventStream = false
    this.#ended = false
  }

  onHeader(bytes: Buffer, name: number, nameEnd: number, value: number, valueEnd: number): void {
    if (nameEnd - name !== 12) return
    if (bytes.toString('latin1', name, nameEnd).toLowerCase() !== 'content-type') return
    const type = bytes.toString('latin1', value, valueEnd).split(';', 1)[0] ?? ''
    this.#isEventStream = type.trim().toLowerCase() === MEDIA_TYPE
  }

  onHead(parser: HttpResponseParser): void {
    if (parser.status === 204) {
      this.#dismissed = true
      this.session.cut('http-204')
      return
    }
    if (parser.status !== 200) throw new WireError(`http-${parser.status}`, 'no event stream')
    if (!this.#isEventStream) throw new WireError('sse-media-type', 'not text/event-stream')
    this.expectNothing()
    this.session.answered(0)
    this.subscribed()
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    this.#stream.execute(bytes, start, end)
  }

  onComplete(): void {
    this.#ended = true
  }

  onEvent(bytes: Buffer, start: number, end: number, parser: EventStreamParser): void {
    const id = parser.lastEventId
    if (id !== knownId) {
      knownId = id
      knownAcceptedAtNs = acceptedAtNs(id)
    }
    const events = this.session.received(bytes, start, end, knownAcceptedAtNs)
    if (events === 0 && parser.eventType === 'gap') this.session.gap()
  }

  onRetry(milliseconds: number): void {
    this.firstDelayMs = milliseconds
  }
}

/** Text as the socket writes heads: each character is one byte, here of its UTF-8. */
function asUtf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}
