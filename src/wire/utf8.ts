import { isUtf8 } from 'node:buffer'

/** Up to here the loop below costs less than a view of the bytes for native code. */
const SHORT_TEXT = 512
/** The highest bit of each of four bytes. */
const HIGH_BITS = 0x80808080 | 0

/** The bytes read last, and the same memory by fours: all reads of a worker go to one buffer. */
let known: Buffer | null = null
let words: Int32Array<ArrayBufferLike> = new Int32Array(0)

/** Whether `bytes[start, end)` is UTF-8. Most short messages are ASCII, and leave no garbage. */
export function isText(bytes: Buffer, start: number, end: number): boolean {
  const at = end - start <= SHORT_TEXT ? afterAscii(bytes, start, end) : start
  return at === end || isUtf8(bytes.subarray(at, end))
}

/** The offset of the first four bytes, or the last few, that are not all ASCII; `end` if all are. */
function afterAscii(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && (at & 3) !== 0) {
    if ((bytes[at] as number) >= 0x80) return at
    at++
  }
  if (end - at >= 8) at = afterAsciiWords(bytes, at, end)
  while (at < end && (bytes[at] as number) < 0x80) at++
  return at
}

/** @param start a multiple of four */
function afterAsciiWords(bytes: Buffer, start: number, end: number): number {
  if (bytes !== known) {
    // Memory that is not laid out by fours is left to the loop over bytes.
    if ((bytes.byteOffset & 3) !== 0) return start
    known = bytes
    words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  }
  const last = end >> 2
  let at = start >> 2
  while (at < last && ((words[at] as number) & HIGH_BITS) === 0) at++
  return at << 2
}
