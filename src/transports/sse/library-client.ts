import type { IncomingHttpHeaders } from 'node:http'
import { StringDecoder } from 'node:string_decoder'
import { createParser, type EventSourceMessage, type ParseError } from 'eventsource-parser'
import type { Dispatcher } from 'undici'
import { codingSign, refuseCoding } from '../../wire/content-coding.ts'
import { asUtf8 } from '../../wire/request.ts'
import { checkCursor, WireError } from '../../wire/wire-error.ts'
import { receiveEvent, receiveUnmarked } from '../library-engine.ts'
import { type Session, SILENT, type Target } from '../transport.ts'
import { UndiciClient } from '../undici-client.ts'
import { GAP_TYPE } from '../visit.ts'
import { isEventStream, MEDIA_TYPE, OPENING_MS } from './client.ts'

/** As the lean client's. */
const MAX_EVENT_CHARACTERS = 1024 * 1024
/** The reference server's first block has some 60 characters. */
const MAX_FIRST_BLOCK_CHARACTERS = 4096
const BLOCK_END = /\r\n\r\n|\n\n|\r\r/
const ID_LINE = /^id: ?([^\r\n\0]*)$/m

/** Holds one stream open on undici and reads it by eventsource-parser. */
export class SseLibraryClient extends UndiciClient {
  readonly #decoder = new StringDecoder('utf8')
  readonly #parser = createParser({
    onEvent: (event) => this.#onEvent(event),
    onRetry: (milliseconds) => {
      this.retryMs = milliseconds
    },
    onError: refuse,
    maxBufferSize: MAX_EVENT_CHARACTERS,
  })
  #cursor = ''
  /** The head was taken, and nothing has come after it. */
  #opening = false
  /** Pieces that have come of the stream; null while it is not open. */
  heard: number | null = null
  #controller: Dispatcher.DispatchController | null = null
  /** The first block as far as it has come; null once it has ended. */
  #firstBlock: string | null = ''

  constructor(target: Target, session: Session) {
    super(target, session, -1)
  }

  protected dial(): void {
    const channel = encodeURIComponent(this.session.channel)
    const resume = this.#cursor === '' ? {} : { 'last-event-id': asUtf8(this.#cursor) }
    const headers = { accept: MEDIA_TYPE, ...resume }
    this.request(`/sse?channel=${channel}`, headers, this.session.pace.timeoutMs, 0)
  }

  protected override connected(): void {
    super.connected()
    this.session.opened(this.#cursor)
  }

  protected forget(): void {
    this.#decoder.end()
    this.#parser.reset()
    this.#opening = false
    this.heard = null
    this.#firstBlock = ''
  }

  giveUp(): void {
    this.#controller?.abort(new WireError(SILENT, 'nothing came for too long'))
  }

  override onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status === 204) {
      // The server wants no client here (HTML standard).
      this.session.cut('http-204')
      this.stop()
      return
    }
    super.onResponseStart(controller, status, headers)
    if (status !== 200) return
    if (!isEventStream(headers['content-type'] ?? '')) {
      throw new WireError('sse-media-type', 'not text/event-stream')
    }
    this.session.answered(0)
    this.#controller = controller
    this.#opening = true
    this.expectWithin(Math.min(OPENING_MS, this.session.pace.timeoutMs))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.stopped) return
    if (this.heard !== null) this.heard++
    if (this.#opening) {
      refuseCoding(codingSign(chunk, 0, chunk.length))
      this.#open()
    }
    const text = this.#decoder.write(chunk)
    if (this.#firstBlock !== null) this.#readFirstBlock(this.#firstBlock + text)
    this.#parser.feed(text)
  }

  onResponseEnd(): void {
    if (!this.stopped) this.lost('closed')
  }

  protected overdue(): void {
    if (this.#opening) this.#open()
  }

  #open(): void {
    this.#opening = false
    this.expectNothing()
    this.heard = 0
    this.session.subscribed()
  }

  /**
   * A stream may begin with an id and no data, which moves the cursor and is no event (HTML standard).
   * eventsource-parser says nothing of it; whoever is cut then would miss what comes meanwhile.
   */
  #readFirstBlock(text: string): void {
    const end = text.search(BLOCK_END)
    this.#firstBlock = end < 0 && text.length < MAX_FIRST_BLOCK_CHARACTERS ? text : null
    if (end >= 0) this.#moveTo(ID_LINE.exec(text.slice(0, end))?.[1])
  }

  #onEvent({ id, event, data }: EventSourceMessage): void {
    this.#moveTo(id)
    const events = receiveEvent(this.session, data, this.#cursor)
    this.served()
    if (events > 0) return
    if (event === GAP_TYPE) this.session.gap()
    else receiveUnmarked(this.session, data)
  }

  #moveTo(id: string | undefined): void {
    if (id === undefined) return
    checkCursor(id.length)
    this.#cursor = id
  }
}

function refuse(error: ParseError): void {
  // Unknown fields and the like are passed over, as the standard has it.
  if (error.type === 'max-buffer-size-exceeded') {
    throw new WireError('sse-event-too-large', error.message)
  }
}
