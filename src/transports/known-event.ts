import { KnownRead } from '../wire/known-read.ts'

/** Where a client is that is not between two events. */
export const ELSEWHERE = -1

/** What one read told. */
export interface ReadEvent {
  /** Where the data stand in the read. */
  readonly start: number
  readonly end: number
  readonly id: string
  /** When the server accepted the event, nanoseconds; NaN where the transport does not know. */
  readonly acceptedAtNs: number
}

/**
 * The event that any client of a dialect has read last, if it came as one read with nothing else
 * in it. A broadcast is the same read for all its receivers: all but the first of them take
 * over what it meant.
 */
export class KnownEvent {
  /** Meant by the read that {@link is} knows. */
  event: ReadEvent = { start: 0, end: 0, id: '', acceptedAtNs: Number.NaN }
  readonly #read = new KnownRead()
  #between = ELSEWHERE
  // Of the read that is being parsed.
  #events = 0
  #start = 0
  #end = 0
  #isMore = false

  /**
   * Whether `bytes[0, length)` is the event.
   *
   * @param between where the client's parsers are: whoever is at the same number, reads the same
   */
  is(bytes: Buffer, length: number, between: number): boolean {
    return between === this.#between && between !== ELSEWHERE && this.#read.is(bytes, length)
  }

  /** A read will be parsed. */
  begin(): void {
    this.#events = 0
    this.#isMore = false
  }

  /** It tells of an event, whose data stand in `[start, end)` of it. */
  tell(start: number, end: number): void {
    this.#events++
    this.#start = start
    this.#end = end
  }

  /** It tells of something that whoever takes it over would miss. */
  tellMore(): void {
    this.#isMore = true
  }

  /** It was parsed; `id` is the event's, told by this same read. */
  keep(bytes: Buffer, length: number, between: number, id: string, acceptedAtNs: number): void {
    if (this.#events !== 1 || this.#isMore) return
    this.event = { start: this.#start, end: this.#end, id, acceptedAtNs }
    this.#read.keep(bytes, length)
    this.#between = between
  }
}
