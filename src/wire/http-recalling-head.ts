import { KnownHead } from './http-known-head.ts'
import { LimitedHead } from './http-limited-head.ts'

/** Of all parsers of the process, whose servers are mostly one. */
const known = new KnownHead()
/** Where the head begins that is being read, in the bytes at hand; -1 when it began elsewhere. */
let startAt = -1

/** A head that is not read again when it is the one that was read last. */
export abstract class RecallingHead extends LimitedHead {
  /** What follows in the bytes at hand is not the whole of a head. */
  protected forgetStart(): void {
    startAt = -1
  }

  /**
   * Takes over the known head if it stands at `start`, all of it before `end`; otherwise a head
   * begins there that may be known by its end. Not for a head after others of the same response.
   *
   * @throws {WireError} `http-head-too-large`
   */
  protected recall(bytes: Buffer, start: number, end: number): boolean {
    startAt = -1
    if (this.headBytes > 0 || this.answersHead) return false
    if (!known.isAt(bytes, start, end)) {
      startAt = start
      return false
    }
    this.countHead(known.length)
    this.copy(known.head)
    return true
  }

  /** How the body ends of the head that was recalled. */
  protected get recalledFraming(): number {
    return known.framing
  }

  /** Keeps the head that ends at `end`, if all of it stands in the bytes at hand. */
  protected keep(bytes: Buffer, end: number, framing: number): void {
    if (startAt >= 0) known.keep(bytes, startAt, end, this, framing)
  }
}
