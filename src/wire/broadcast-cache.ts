/**
 * The broadcast cache: an event that a process has thousands of receivers for is decoded for the
 * first of them, and the others pay a comparison. Each part keeps the last of its kind only: a head,
 * a text, an id's time, an event. Nothing is allocated for what is known.
 */
import { BODY_NONE, HttpHead } from './http-head.ts'
import { MarkFields, parseEventId, type ReceivedMark } from './mark.ts'

const MAX_TEXT_BYTES = 1024
/** Longer heads are read each time. */
const MAX_HEAD_BYTES = 1024
/** Longer reads are parsed each time. */
const MAX_READ_BYTES = 4096

let viewed: Buffer | null = null
let viewedWords: Int32Array = new Int32Array(0)

/** The memory of a buffer by four bytes, the last view kept; null where it is not laid out by fours. */
export function wordsOf(bytes: Buffer): Int32Array | null {
  if (bytes !== viewed) {
    if ((bytes.byteOffset & 3) !== 0) return null
    viewed = bytes
    viewedWords = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  }
  return viewedWords
}

/** The text decoded last: ids and types, of which all clients share one string. */
export class TextCache {
  readonly #bytes = Buffer.alloc(MAX_TEXT_BYTES)
  #length = 0
  #text = ''

  /** The text of `[start, end)`; invalid sequences become U+FFFD as the Encoding standard has it. */
  of(bytes: Buffer, start: number, end: number): string {
    const length = end - start
    if (length === 0) return ''
    if (length === this.#length) {
      // From the end, where ids differ.
      let at = length - 1
      while (at >= 0 && bytes[start + at] === this.#bytes[at]) at--
      if (at < 0) return this.#text
    }
    let ascii = true
    for (let at = start; at < end && ascii; at++) ascii = (bytes[at] as number) < 0x80
    const text = bytes.toString(ascii ? 'latin1' : 'utf8', start, end)
    if (length <= MAX_TEXT_BYTES) {
      bytes.copy(this.#bytes, 0, start, end)
      this.#length = length
      this.#text = text
    }
    return text
  }
}

let timedId = ''
let timedAtNs = Number.NaN

/** The time of acceptance that an id tells, nanoseconds; NaN of a foreign id. */
export function acceptanceOf(id: string): number {
  if (id !== timedId) {
    timedId = id
    timedAtNs = parseEventId(id)?.acceptedAtNs ?? Number.NaN
  }
  return timedAtNs
}

/**
 * The head of a response that was read last, as bytes and as what they say. Within a second a server
 * sends all clients of a process the same one: comparing it costs a quarter of reading it.
 */
export class HeadCache {
  readonly head = new HttpHead()
  /** The framing of the body: a `BODY_…`. */
  framing = BODY_NONE
  /** Bytes, the empty line included; 0 before any. */
  length = 0
  /** The start of the head that is being read, in the bytes at hand; -1 when it began elsewhere. */
  startAt = -1
  readonly #bytes = Buffer.allocUnsafeSlow(MAX_HEAD_BYTES)

  /** Whether exactly this head stands at `start`, all of it before `end`. */
  isAt(bytes: Uint8Array, start: number, end: number): boolean {
    const { length } = this
    if (length === 0 || length > end - start) return false
    const known = this.#bytes
    for (let at = 0; at < length; at++) if (bytes[start + at] !== known[at]) return false
    return true
  }

  /** Keeps the head that ends at `end`, once its framing is settled, if it began in these bytes. */
  keep(bytes: Buffer, end: number, head: HttpHead, framing: number): void {
    const start = this.startAt
    if (start < 0 || end - start > MAX_HEAD_BYTES) return
    bytes.copy(this.#bytes, 0, start, end)
    this.length = end - start
    this.framing = framing
    this.head.copy(head)
  }
}

/** The head of all parsers of the process, whose servers are mostly one. */
export const headCache = new HeadCache()

/** The state of a client that is not between two events. */
export const ELSEWHERE = -1

/**
 * The event that any client of a dialect has read last, if it came as one read with nothing else in
 * it: all other receivers take over what it meant. Comparing it costs a tenth of parsing it.
 */
export class EventCache {
  /** The last id, once the event is read. */
  id = ''
  readonly #bytes = Buffer.alloc(MAX_READ_BYTES)
  readonly #words = new Int32Array(this.#bytes.buffer)
  #length = 0
  /** The buffer that was asked about last, and its words: nearer at hand than {@link wordsOf}'s. */
  #asked: Buffer | null = null
  #askedWords: Int32Array = this.#words
  #mark = new MarkFields()
  #between = ELSEWHERE
  // Of the read that is being parsed.
  #told = new MarkFields()
  #events = 0
  #isMore = false

  /**
   * Whether `bytes[0, length)` is the event.
   * @param between where the client's parsers are: whoever is at the same number, reads the same
   */
  is(bytes: Buffer, length: number, between: number): boolean {
    if (between !== this.#between || between === ELSEWHERE) return false
    if (length !== this.#length || length === 0) return false
    if (bytes !== this.#asked && !this.#ask(bytes)) return false
    const known = this.#words
    const words = this.#askedWords
    const whole = length >> 2
    for (let at = 0; at < whole; at++) if (words[at] !== known[at]) return false
    for (let at = whole << 2; at < length; at++) if (bytes[at] !== this.#bytes[at]) return false
    return true
  }

  /** False when the buffer cannot be read in words: TLS gives each read one of its own, anywhere. */
  #ask(bytes: Buffer): boolean {
    const words = bytes.length < MAX_READ_BYTES ? null : wordsOf(bytes)
    if (words === null) return false
    this.#asked = bytes
    this.#askedWords = words
    return true
  }

  /** The event's mark. */
  get mark(): ReceivedMark {
    return this.#mark
  }

  /** A read will be parsed. */
  begin(): void {
    this.#events = 0
    this.#isMore = false
  }

  /** It tells of an event with this one mark. */
  tell(mark: ReceivedMark): void {
    this.#events++
    this.#told.copy(mark)
  }

  /** It tells of something that whoever takes it over would miss. */
  tellMore(): void {
    this.#isMore = true
  }

  /** It was parsed. @param id the event's, told by this same read */
  keep(bytes: Buffer, length: number, between: number, id: string): void {
    if (between === ELSEWHERE || this.#events !== 1 || this.#isMore) return
    this.#length = length > MAX_READ_BYTES ? 0 : length
    bytes.copy(this.#bytes, 0, 0, this.#length)
    this.#between = between
    this.id = id
    const mark = this.#mark
    this.#mark = this.#told
    this.#told = mark
  }
}
