import { KnownRead } from '../wire/known-read.ts'
import { MarkScanner, type ReceivedMark } from '../wire/mark.ts'

/** Where a client is that is not between two events. */
export const ELSEWHERE = -1

/**
 * The event that any client of a dialect has read last, if it came as one read with nothing else
 * in it. A broadcast is the same read for all its receivers: all but the first of them take
 * over what it meant.
 */
export class KnownEvent {
  /** The last id, once the event is read. */
  id = ''
  readonly #read = new KnownRead()
  #between = ELSEWHERE
  #start = 0
  #end = 0
  #acceptedAtNs = Number.NaN
  readonly #mark = new MarkScanner()
  /** Most events have one receiver: the mark is not sought before there is another. */
  #isMarkFound = false
  // Of the read that is being parsed.
  #events = 0
  #toldStart = 0
  #toldEnd = 0
  #isMore = false

  /**
   * Whether `bytes[0, length)` is the event.
   *
   * @param between where the client's parsers are: whoever is at the same number, reads the same
   */
  is(bytes: Buffer, length: number, between: number): boolean {
    return between === this.#between && between !== ELSEWHERE && this.#read.is(bytes, length)
  }

  /** The event's mark, from a read that is it. */
  markIn(bytes: Buffer): ReceivedMark {
    const mark = this.#mark
    if (!this.#isMarkFound) {
      mark.acceptedAtNs = this.#acceptedAtNs
      this.#isMarkFound = mark.next(bytes, this.#start, this.#end)
    }
    return mark
  }

  /** A read will be parsed. */
  begin(): void {
    this.#events = 0
    this.#isMore = false
  }

  /** It tells of an event with one mark, whose data stand in `[start, end)` of it. */
  tell(start: number, end: number): void {
    this.#events++
    this.#toldStart = start
    this.#toldEnd = end
  }

  /** It tells of something that whoever takes it over would miss. */
  tellMore(): void {
    this.#isMore = true
  }

  /**
   * It was parsed.
   *
   * @param id the event's, told by this same read
   * @param acceptedAtNs NaN lets the event's data tell
   */
  keep(bytes: Buffer, length: number, between: number, id: string, acceptedAtNs: number): void {
    if (between === ELSEWHERE || this.#events !== 1 || this.#isMore) return
    this.#read.keep(bytes, length)
    this.#between = between
    this.#start = this.#toldStart
    this.#end = this.#toldEnd
    this.id = id
    this.#acceptedAtNs = acceptedAtNs
    this.#isMarkFound = false
  }
}
