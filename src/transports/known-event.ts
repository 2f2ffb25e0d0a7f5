import { KnownRead } from '../wire/known-read.ts'
import type { ReceivedMark } from '../wire/mark.ts'

/** Where a client is that is not between two events. */
export const ELSEWHERE = -1

/**
 * The event that any client of a dialect has read last, if it came as one read with nothing else
 * in it. A broadcast is the same read for all its receivers: all but the first of them take
 * over what it meant, and its payload is checked once.
 */
export class KnownEvent {
  /** The last id, once the event is read. */
  id = ''
  readonly #read = new KnownRead()
  #mark = new KeptMark()
  #between = ELSEWHERE
  // Of the read that is being parsed.
  #told = new KeptMark()
  #events = 0
  #isMore = false

  /**
   * Whether `bytes[0, length)` is the event.
   *
   * @param between where the client's parsers are: whoever is at the same number, reads the same
   */
  is(bytes: Buffer, length: number, between: number): boolean {
    return between === this.#between && between !== ELSEWHERE && this.#read.is(bytes, length)
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
    this.#told.keep(mark)
  }

  /** It tells of something that whoever takes it over would miss. */
  tellMore(): void {
    this.#isMore = true
  }

  /**
   * It was parsed.
   *
   * @param id the event's, told by this same read
   */
  keep(bytes: Buffer, length: number, between: number, id: string): void {
    if (between === ELSEWHERE || this.#events !== 1 || this.#isMore) return
    this.#read.keep(bytes, length)
    this.#between = between
    this.id = id
    const mark = this.#mark
    this.#mark = this.#told
    this.#told = mark
  }
}

/** A scanner's mark, which would be another one soon. */
class KeptMark implements ReceivedMark {
  run = 0
  channel = 0
  sequence = 0
  intendedAtNs = 0
  handedOverAtNs = 0
  acceptedAtNs = Number.NaN
  damaged = false

  keep(mark: ReceivedMark): void {
    this.run = mark.run
    this.channel = mark.channel
    this.sequence = mark.sequence
    this.intendedAtNs = mark.intendedAtNs
    this.handedOverAtNs = mark.handedOverAtNs
    this.acceptedAtNs = mark.acceptedAtNs
    this.damaged = mark.damaged
  }
}
