import { TextCache } from './broadcast-cache.ts'
import { KeptBytes } from './kept-bytes.ts'
import { MAX_CURSOR_BYTES, WireError, type WireErrorCode } from './wire-error.ts'

/** Receives what an {@link EventStreamParser} reads. After a throw the parser needs a `reset()`. */
export interface EventStreamHandler {
  /** One event, its data `bytes[start, end)`, undecoded; id and type are read from the parser. */
  onEvent(bytes: Buffer, start: number, end: number, parser: EventStreamParser): void
  /** The server asked for another reconnection time, milliseconds: any finite number, 0 and 1e15 too. */
  onRetry?(milliseconds: number): void
  /** A comment line, the usual heartbeat. */
  onComment?(): void
}

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const COLON = 0x3a

const DATA = Buffer.from('data')
const ID = Buffer.from('id')
const EVENT = Buffer.from('event')
const RETRY = Buffer.from('retry')

const LINE_FEED = Buffer.of(LF)
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

// What the next byte is. Below IN_LINES: how many bytes of a byte order mark have been met.
const AT_START = 0
const IN_LINES = 3
const AFTER_CR = 4

/** No data line in the event so far, which differs from one empty data line. */
const NO_DATA = -1

const lastId = new TextCache()
const lastType = new TextCache()

/**
 * An incremental parser of `text/event-stream` (HTML standard, 9.2.5 and 9.2.6). It works on bytes: no
 * byte of a UTF-8 sequence is a line terminator or a colon. An event that lies in one read with a
 * single data line, by far the commonest, is handed over where it lies. Only what straddles reads, or
 * has several data lines, is copied, and given up as soon as the event is dispatched.
 */
export class EventStreamParser {
  /** The last event ID string, '' at first. Blocks without data set it too, as the standard has it. */
  lastEventId = ''
  /** Type of the event being dispatched, '' when none was given, which means `message`. */
  eventType = ''
  /** Set to true, also inside a callback, it makes `execute` return at once and ignore all input. */
  stopped = false
  readonly #handler: EventStreamHandler
  readonly #maxEventBytes: number
  /** The standard's last event ID buffer: becomes `lastEventId` at the blank line. */
  #nextId = ''
  #state = AT_START
  /** The event's data so far, `#dataLength` bytes, and after it an unfinished line. */
  #pending: KeptBytes | null = null
  #dataLength = NO_DATA

  /** @param maxEventBytes Longest line, and longest data of an event, that is accepted. */
  constructor(handler: EventStreamHandler, maxEventBytes = 1024 * 1024) {
    this.#handler = handler
    this.#maxEventBytes = maxEventBytes
  }

  /**
   * Parses `bytes[start, end)`, the next part of the stream.
   *
   * @throws {WireError} `sse-line-too-long`, `sse-event-too-large`, `cursor-too-long`; the parser
   * is stopped then.
   */
  execute(bytes: Buffer, start: number, end: number): void {
    if (this.stopped || start >= end) return
    let at = start
    if (this.#state !== IN_LINES) at = this.#enter(bytes, at, end)

    // Terminators are searched by native code: a loop here takes 1.5 ns a byte, more than all else.
    // Knowing the last ones keeps the search from running on into what stands after `end`.
    const lastLf = bytes[end - 1] === LF ? end - 1 : bytes.lastIndexOf(LF, end - 1)
    const lastCr = bytes.lastIndexOf(CR, end - 1)
    let lf = -1
    let cr = -1
    // The event's only data line so far, while it is still in the caller's buffer.
    let dataStart = -1
    let dataEnd = -1
    while (at < end && !this.stopped) {
      if (lf < at) lf = bytes[at] === LF ? at : at > lastLf ? end : bytes.indexOf(LF, at)
      if (cr < at) cr = at > lastCr ? end : bytes.indexOf(CR, at)
      const lineStart = at
      const lineEnd = Math.min(lf, cr)
      if (lineEnd === end) break
      at = this.#afterTerminator(bytes, lineEnd, end)

      if (this.#pending !== null && this.#lineLength > 0) {
        this.#finishLine(bytes, lineStart, lineEnd)
        continue
      }
      if (lineEnd === lineStart) {
        this.lastEventId = this.#nextId
        if (dataStart >= 0) {
          this.#handler.onEvent(bytes, dataStart, dataEnd, this)
          dataStart = -1
        } else if (this.#dataLength !== NO_DATA) {
          this.#dispatchPending()
        }
        this.eventType = ''
        continue
      }
      if (lineEnd - lineStart > this.#maxEventBytes) throw this.#lineTooLong()
      const valueStart = valueAt(bytes, lineStart, lineEnd, DATA)
      if (valueStart < 0) {
        this.#readField(bytes, lineStart, lineEnd)
      } else if (dataStart < 0 && this.#dataLength === NO_DATA) {
        dataStart = valueStart
        dataEnd = lineEnd
      } else {
        if (dataStart >= 0) this.#keepData(bytes, dataStart, dataEnd)
        dataStart = -1
        this.#keepData(bytes, valueStart, lineEnd)
      }
    }

    if (this.stopped) {
      this.#pending = null
      return
    }
    if (dataStart >= 0) this.#keepData(bytes, dataStart, dataEnd)
    if (at < end) this.#keepLine(bytes, at, end)
  }

  /** Something of the stream was read, a byte order mark apart. */
  get begun(): boolean {
    return this.#state >= IN_LINES
  }

  /** Between two events: nothing is pending, and the last event ID is all there is of a state. */
  get between(): boolean {
    return (
      this.#state === IN_LINES &&
      this.#dataLength === NO_DATA &&
      this.#lineLength === 0 &&
      this.eventType === '' &&
      this.#nextId === this.lastEventId
    )
  }

  /** Between two events: passes over one with this id, which somebody else has read. */
  pass(id: string): void {
    this.lastEventId = id
    this.#nextId = id
  }

  /**
   * Begins a new connection: forgets the incomplete event, keeps `lastEventId`, ends `stopped`.
   * Not to be called inside a callback, whose `execute` would go on with the old connection's bytes.
   */
  reset(): void {
    this.eventType = ''
    this.stopped = false
    // The standard starts each stream with an empty buffer, which would lose the id at the first
    // event without one; browsers start with the last id, and so do we.
    this.#nextId = this.lastEventId
    this.#state = AT_START
    this.#pending = null
    this.#dataLength = NO_DATA
  }

  /** Skips a byte order mark, or the LF of a CRLF whose CR ended the last read. */
  #enter(bytes: Buffer, start: number, end: number): number {
    if (this.#state === AFTER_CR) {
      this.#state = IN_LINES
      return bytes[start] === LF ? start + 1 : start
    }
    let at = start
    while (at < end && this.#state < IN_LINES) {
      if (bytes[at] !== BYTE_ORDER_MARK[this.#state]) {
        // Not a mark after all: what was held back begins the first line.
        const held = this.#state
        this.#state = IN_LINES
        if (held > 0) this.#keepLine(BYTE_ORDER_MARK, 0, held)
        return at
      }
      this.#state++
      at++
    }
    return at
  }

  get #lineLength(): number {
    return this.#pending === null ? 0 : this.#pending.length - Math.max(this.#dataLength, 0)
  }

  /** Ends the line that the last read left unfinished. */
  #finishLine(bytes: Buffer, start: number, end: number): void {
    const pending = this.#keepLine(bytes, start, end)
    const from = Math.max(this.#dataLength, 0)
    const to = pending.length
    pending.length = from
    const valueStart = valueAt(pending.bytes, from, to, DATA)
    if (valueStart >= 0) this.#keepData(pending.bytes, valueStart, to)
    else this.#readField(pending.bytes, from, to)
    if (this.#dataLength === NO_DATA) this.#pending = null
  }

  /** The offset of the next line; a CR at the end of the read may still be followed by its LF. */
  #afterTerminator(bytes: Buffer, at: number, end: number): number {
    const next = at + 1
    if (bytes[at] === LF) return next
    if (next < end) return bytes[next] === LF ? next + 1 : next
    this.#state = AFTER_CR
    return next
  }

  #dispatchPending(): void {
    const data = this.#pending
    const length = this.#dataLength
    this.#pending = null
    this.#dataLength = NO_DATA
    if (data !== null) this.#handler.onEvent(data.bytes, 0, length, this)
  }

  /** A line that is neither blank nor data. */
  #readField(bytes: Buffer, start: number, end: number): void {
    switch (bytes[start]) {
      case COLON:
        this.#handler.onComment?.()
        return
      case ID[0]: {
        const value = valueAt(bytes, start, end, ID)
        if (value >= 0) this.#readId(bytes, value, end)
        return
      }
      case EVENT[0]: {
        const value = valueAt(bytes, start, end, EVENT)
        if (value >= 0) this.eventType = lastType.of(bytes, value, end)
        return
      }
      case RETRY[0]: {
        const value = valueAt(bytes, start, end, RETRY)
        if (value >= 0) this.#readRetry(bytes.toString('latin1', value, end))
      }
    }
  }

  #readId(bytes: Buffer, start: number, end: number): void {
    if (end - start > MAX_CURSOR_BYTES) {
      throw this.#refuse('cursor-too-long', `id of more than ${MAX_CURSOR_BYTES} bytes`)
    }
    const id = lastId.of(bytes, start, end)
    if (!id.includes('\0')) this.#nextId = id
  }

  #readRetry(digits: string): void {
    const milliseconds = /^\d+$/.test(digits) ? Number(digits) : Number.NaN
    if (Number.isFinite(milliseconds)) this.#handler.onRetry?.(milliseconds)
  }

  /** Appends a data line; the range may lie in `#pending` itself, after the data. */
  #keepData(bytes: Buffer, start: number, end: number): void {
    const isFirst = this.#dataLength === NO_DATA
    const length = (isFirst ? 0 : this.#dataLength + 1) + end - start
    if (length > this.#maxEventBytes) {
      throw this.#refuse(
        'sse-event-too-large',
        `event with more than ${this.#maxEventBytes} bytes of data`,
      )
    }
    if (!isFirst) this.#keep(LINE_FEED, 0, 1)
    this.#keep(bytes, start, end)
    this.#dataLength = length
  }

  #keepLine(bytes: Buffer, start: number, end: number): KeptBytes {
    if (this.#lineLength + end - start > this.#maxEventBytes) throw this.#lineTooLong()
    return this.#keep(bytes, start, end)
  }

  #keep(bytes: Buffer, start: number, end: number): KeptBytes {
    if (this.#pending === null) this.#pending = new KeptBytes(bytes, start, end)
    else this.#pending.add(bytes, start, end)
    return this.#pending
  }

  #lineTooLong(): WireError {
    return this.#refuse('sse-line-too-long', `line longer than ${this.#maxEventBytes} bytes`)
  }

  #refuse(code: WireErrorCode, message: string): WireError {
    this.stopped = true
    this.#pending = null
    return new WireError(code, `event stream: ${message}`)
  }
}

/**
 * The offset of the value if a line is the field of this name; -1 if it is another one. A name ends at
 * a colon, one space after which is dropped, or with its line.
 */
function valueAt(bytes: Buffer, start: number, end: number, name: Buffer): number {
  const nameEnd = start + name.length
  if (nameEnd > end) return -1
  for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name[at]) return -1
  if (nameEnd === end) return end
  if (bytes[nameEnd] !== COLON) return -1
  const value = nameEnd + 1
  return value < end && bytes[value] === SPACE ? value + 1 : value
}
