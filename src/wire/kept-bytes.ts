/**
 * Bytes that are kept beyond the read they came in. Not in Node's pool, of which a few bytes that are
 * pending for long would pin 8 KiB each, and twice as many as before: a peer that sends single bytes
 * must not cost a buffer for each.
 */
export class KeptBytes {
  /** What is kept is `[0, length)` of it. */
  bytes: Buffer
  length = 0

  constructor(bytes: Buffer, start: number, end: number) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(256, end - start))
    this.add(bytes, start, end)
  }

  /** Appends a range, which may lie in these bytes themselves. */
  add(bytes: Buffer, start: number, end: number): void {
    const length = this.length + end - start
    const old = this.bytes
    if (length > old.length) {
      this.bytes = Buffer.allocUnsafeSlow(Math.max(length, 2 * old.length))
      old.copy(this.bytes, 0, 0, this.length)
    }
    bytes.copy(this.bytes, this.length, start, end)
    this.length = length
  }
}
