import { checkCursor } from './cursor.ts'
import { LastText } from './last-text.ts'

/**
 * Reads one value out of JSON bytes without parsing them, for cursors whose place the server
 * fixes. It is a string that needs no unescaping, which holds for ids, or a number, as written.
 */
const QUOTE = 0x22
const SPACE = 0x20

/** 1 for the bytes of a number. */
const NUMBER_BYTES = new Uint8Array(256)
for (const byte of Buffer.from('0123456789+-.eE')) NUMBER_BYTES[byte] = 1

// A broadcast brings the same id to every client of this process.
const values = new LastText()

/**
 * The value of the last `key` (written as `"name":`) in `bytes[start, end)`; null when absent.
 *
 * @throws {WireError} `cursor-too-long`
 */
export function lastField(bytes: Buffer, start: number, end: number, key: Buffer): string | null {
  if (end - start < key.length) return null
  const at = bytes.lastIndexOf(key, end - key.length)
  return at < start ? null : readValue(bytes, at + key.length, end)
}

/**
 * The value of the first `key` (written as `"name":`) in `bytes[start, end)`; null when absent.
 *
 * @throws {WireError} `cursor-too-long`
 */
export function firstField(bytes: Buffer, start: number, end: number, key: Buffer): string | null {
  // It stands near the start: a call into native code would cost more than these few steps.
  for (let at = start; at + key.length <= end; at++) {
    let matched = 0
    while (matched < key.length && bytes[at + matched] === key[matched]) matched++
    if (matched === key.length) return readValue(bytes, at + matched, end)
  }
  return null
}

function readValue(bytes: Buffer, start: number, end: number): string | null {
  let at = start
  while (at < end && bytes[at] === SPACE) at++
  return bytes[at] === QUOTE && at < end
    ? readString(bytes, at + 1, end)
    : readNumber(bytes, at, end)
}

function readNumber(bytes: Buffer, start: number, end: number): string | null {
  let at = start
  while (at < end && NUMBER_BYTES[bytes[at] as number] === 1) at++
  if (at === start || at === end) return null
  checkCursor(at - start)
  return values.of(bytes, start, at)
}

function readString(bytes: Buffer, start: number, end: number): string | null {
  let at = start
  while (at < end && bytes[at] !== QUOTE) at++
  if (at === end) return null
  checkCursor(at - start)
  return values.of(bytes, start, at)
}
