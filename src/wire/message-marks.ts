import { JsonLists } from './json-bytes.ts'
import { MarkScanner, type ReceivedMark } from './mark.ts'

/** Above any sequence. */
const SEQUENCES = 2 ** 32

/**
 * Finds the events that messages tell of, each once: an event's text may stand in its message as it
 * is and as HTML. Nothing is allocated for a message whose marks are in order; see {@link JsonLists}
 * for one that lists an event twice.
 */
export class MessageMarks {
  readonly #scanner: MarkScanner
  #start = 0
  #end = 0
  #at = 0
  #lists = false
  /** The marks so far while they are in order: all of one channel, the last one the highest. */
  #run = 0
  #channel = 0
  #sequence = 0
  #areInOrder = true
  /** The place where each mark stood last, once they are out of order. */
  readonly #places = new Map<number, number>()
  readonly #jsonLists = new JsonLists()
  readonly #again: MarkScanner

  /** @param payloadBytes of each event, mark and filler; as in {@link MarkScanner} */
  constructor(payloadBytes?: number) {
    this.#scanner = new MarkScanner(payloadBytes)
    this.#again = new MarkScanner(payloadBytes)
  }

  /** The mark found last. */
  get mark(): ReceivedMark {
    return this.#scanner
  }

  /**
   * A message begins, `bytes[start, end)` of the buffer that each `next` gets.
   *
   * @param acceptedAtNs when the server accepted its event; NaN lets ids among the bytes tell
   * @param lists it may list one event twice, in JSON
   */
  begin(start: number, end: number, acceptedAtNs: number, lists: boolean): void {
    this.#scanner.acceptedAtNs = acceptedAtNs
    this.#start = start
    this.#end = end
    this.#at = start
    this.#lists = lists
    this.#sequence = 0
    if (!this.#areInOrder) {
      this.#areInOrder = true
      this.#places.clear()
    }
  }

  /** Looks for the next event; false when there is none. */
  next(bytes: Uint8Array): boolean {
    const scanner = this.#scanner
    while (scanner.next(bytes, this.#at, this.#end)) {
      this.#at = scanner.end
      // Of a damaged one nobody knows which event it was.
      if (scanner.damaged || this.#isNextInOrder(scanner) || !this.#isCopy(bytes, scanner.end))
        return true
    }
    return false
  }

  #isNextInOrder({ run, channel, sequence }: MarkScanner): boolean {
    if (this.#sequence === 0) {
      this.#run = run
      this.#channel = channel
    } else if (
      !this.#areInOrder ||
      sequence <= this.#sequence ||
      run !== this.#run ||
      channel !== this.#channel
    ) {
      return false
    }
    this.#sequence = sequence
    return true
  }

  #isCopy(bytes: Uint8Array, end: number): boolean {
    if (this.#areInOrder) this.#collect(bytes, end)
    const key = this.#keyOf(this.#scanner)
    const place = this.#places.get(key)
    this.#places.set(key, end)
    if (place === undefined) return false
    return !this.#lists || !this.#jsonLists.areApart(bytes, place, end)
  }

  /** The marks were in order before the one that ends there. */
  #collect(bytes: Uint8Array, end: number): void {
    this.#areInOrder = false
    if (this.#lists) this.#jsonLists.begin(bytes, this.#start, this.#end)
    const again = this.#again
    let at = this.#start
    while (again.next(bytes, at, this.#end) && again.end < end) {
      at = again.end
      if (again.damaged) continue
      this.#places.set(this.#keyOf(again), at)
    }
  }

  /** Runs other than the first mark's are one to it: of these nothing is known but their number. */
  #keyOf({ run, channel, sequence }: MarkScanner): number {
    const key = channel * SEQUENCES + sequence
    return run === this.#run ? key : -key
  }
}

/**
 * What stands for a mark's prefix where a coding, or a cut, hides the mark. In base64 (RFC 4648) it is
 * another text for each place that its first byte may have in a group of three.
 */
const TRACES = [
  ['base64', 'cnRibV'],
  ['base64', 'J0Ym1f'],
  ['base64', 'ydGJtX'],
  ['utf-16', 'r\0t\0b\0m\0_'],
  ['hex', '7274626d5f'],
  ['hex', '7274626D5F'],
  ['cut', 'rtbm_'],
] as const

export type Disguise = (typeof TRACES)[number][0] | 'gzip' | 'gzip-base64'

/** The first three bytes of gzip in base64 (RFC 1952 section 2.3). */
const GZIP_BASE64 = 'H4sI'

/** Recognises what hides a mark in a message in which none was found; null where nothing tells. */
export function disguiseOf(bytes: Buffer, start: number, end: number): Disguise | null {
  const message = bytes.subarray(start, end)
  const trace = TRACES.find(([, text]) => message.includes(text))
  if (trace !== undefined) return trace[0]
  if (message[0] === 0x1f && message[1] === 0x8b) return 'gzip'
  return message.includes(GZIP_BASE64) ? 'gzip-base64' : null
}
