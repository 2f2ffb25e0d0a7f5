import { BODY_NONE, HttpHead } from './http-head.ts'

/** Longer ones are read each time. */
const MAX_BYTES = 1024

/**
 * The head of a response that was read last, as bytes and as what they say. Within a second a
 * server sends the same head again and again, to all clients of a process (the Date changes with
 * the second): comparing it costs a quarter of reading it.
 */
export class KnownHead {
  readonly head = new HttpHead()
  /** How the end of the body is told: a `BODY_…`. */
  framing = BODY_NONE
  /** Bytes, the empty line included; 0 before any. */
  length = 0
  readonly #bytes = Buffer.allocUnsafeSlow(MAX_BYTES)

  /** Whether exactly this head stands at `start`, all of it before `end`. */
  isAt(bytes: Uint8Array, start: number, end: number): boolean {
    const { length } = this
    if (length === 0 || length > end - start) return false
    const known = this.#bytes
    for (let at = 0; at < length; at++) if (bytes[start + at] !== known[at]) return false
    return true
  }

  /** Keeps the head that stands in `[start, end)`, once its framing is settled. */
  keep(bytes: Buffer, start: number, end: number, head: HttpHead, framing: number): void {
    if (end - start > MAX_BYTES) return
    bytes.copy(this.#bytes, 0, start, end)
    this.length = end - start
    this.framing = framing
    this.head.copy(head)
  }
}
