import type { OpenMark } from '../wire/mark.ts'

/**
 * An event that is written down before it is due, as a request of its own: when it is handed over,
 * only the moment goes into its mark, wherever that stands.
 */
export class Letter {
  readonly channel: number
  /** The whole request. */
  readonly bytes: Buffer
  /** Its body, of the same memory. */
  readonly body: Buffer
  /** It belongs to the window. */
  readonly counted: boolean
  /** The mark tells no earlier hand-over than this, nanoseconds. */
  toldFromNs = 0
  /** When it was handed over, nanoseconds; NaN before. */
  handedOverAtNs = Number.NaN
  readonly #mark: OpenMark
  /** Offsets of the mark. */
  readonly #markAt: readonly number[]

  /**
   * @param head with the empty line at its end; its characters are bytes
   * @param body becomes UTF-8
   */
  constructor(channel: number, head: string, body: string, mark: OpenMark, counted: boolean) {
    this.channel = channel
    this.bytes = Buffer.allocUnsafe(head.length + Buffer.byteLength(body))
    this.bytes.write(head, 'latin1')
    this.bytes.write(body, head.length)
    this.body = this.bytes.subarray(head.length)
    this.counted = counted
    this.#mark = mark
    const found: number[] = []
    for (let at = -1; ; ) {
      at = this.bytes.indexOf(mark.text, at + 1, 'latin1')
      if (at === -1) break
      found.push(at)
    }
    this.#markAt = found
  }

  /** It is sent now, or has to wait for the server from now on. */
  handOver(atNs: number): void {
    this.handedOverAtNs = atNs
    const toldNs = Math.max(atNs, this.toldFromNs)
    for (const at of this.#markAt) this.#mark.stamp(this.bytes, at, toldNs)
  }
}
