import { checkCursor } from './cursor.ts'
import { LastText } from './last-text.ts'

/**
 * Reads one string out of JSON bytes without parsing them, for cursors whose place the server
 * fixes. The value must not need unescaping, which holds for ids.
 */
const QUOTE = 0x22

// A broadcast brings the same id to every client of this process.
const values = new LastText()

/**
 * The value of the last `key` (written as `"name":"`) in `bytes[start, end)`; null when absent.
 *
 * @throws {WireError} `cursor-too-long`
 */
export function lastStringField(
  bytes: Buffer,
  start: number,
  end: number,
  key: Buffer,
): string | null {
  if (end - start < key.length) return null
  const at = bytes.lastIndexOf(key, end - key.length)
  return at < start ? null : readString(bytes, at + key.length, end)
}

/**
 * The value of the first `key` (written as `"name":"`) in `bytes[start, end)`; null when absent.
 *
 * @throws {WireError} `cursor-too-long`
 */
export function firstStringField(
  bytes: Buffer,
  start: number,
  end: number,
  key: Buffer,
): string | null {
  // It stands near the start: a call into native code would cost more than these few steps.
  for (let at = start; at + key.length <= end; at++) {
    let matched = 0
    while (matched < key.length && bytes[at + matched] === key[matched]) matched++
    if (matched === key.length) return readString(bytes, at + matched, end)
  }
  return null
}

function readString(bytes: Buffer, start: number, end: number): string | null {
  let at = start
  while (at < end && bytes[at] !== QUOTE) at++
  if (at === end) return null
  checkCursor(at - start)
  return values.of(bytes, start, at)
}
