/**
 * Reads one string out of JSON bytes without parsing them, for cursors whose place the server
 * fixes. The value must not need unescaping, which holds for ids.
 */
const QUOTE = 0x22

/** The value of the last `key` (written as `"name":"`) in `bytes[start, end)`; null when absent. */
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

/** The value of the first `key` (written as `"name":"`) in `bytes[start, end)`; null when absent. */
export function firstStringField(
  bytes: Buffer,
  start: number,
  end: number,
  key: Buffer,
): string | null {
  const at = bytes.indexOf(key, start)
  return at < 0 || at >= end ? null : readString(bytes, at + key.length, end)
}

function readString(bytes: Buffer, start: number, end: number): string | null {
  let at = start
  while (at < end && bytes[at] !== QUOTE) at++
  return at < end ? bytes.toString('latin1', start, at) : null
}
