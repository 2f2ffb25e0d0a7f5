/**
 * Bytes of HTTP fields, read in place: no strings, nothing allocated. Ranges are `[start, end)`.
 */

const TAB = 0x09
const SPACE = 0x20
const COMMA = 0x2c
const ZERO = 0x30
const NINE = 0x39
const LOWER = 0x20

/** 1 for the bytes of a field's name: `tchar`, RFC 9110 section 5.6.2. */
export const TOKEN_BYTES = new Uint8Array(256)
for (const byte of Buffer.from(
  "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
)) {
  TOKEN_BYTES[byte] = 1
}

/** 1 for the bytes of a field's value: visible, obs-text, space and tab, RFC 9110 section 5.5. */
export const TEXT_BYTES = new Uint8Array(256).fill(1, SPACE)
TEXT_BYTES[TAB] = 1
TEXT_BYTES[0x7f] = 0

/** Space or tab: optional whitespace, RFC 9110 section 5.6.3. */
export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB
}

/**
 * Whether the range holds this name or token, letters' case ignored. `lower` is in lower case and
 * made of letters, digits and hyphens; the range is a token too.
 */
export function equalsToken(
  bytes: Uint8Array,
  start: number,
  end: number,
  lower: Uint8Array,
): boolean {
  const length = lower.length
  if (end - start !== length) return false
  for (let i = 0; i < length; i++) {
    const wanted = lower[i] as number
    const byte = bytes[start + i] as number
    // Only letters have a capital: 0x0d, say, must not pass for a hyphen, 0x2d.
    if (byte !== wanted && (wanted < 0x61 || (byte | LOWER) !== wanted)) return false
  }
  return true
}

/**
 * Reads a Content-Length: digits, below 2^53. A list of one number repeated counts as that number
 * (RFC 9110 section 8.6). -1 when the value is anything else.
 */
export function readContentLength(bytes: Uint8Array, start: number, end: number): number {
  let length = -1
  let at = start
  for (;;) {
    let value = 0
    const first = at
    while (at < end) {
      const byte = bytes[at] as number
      if (byte < ZERO || byte > NINE) break
      value = value * 10 + (byte - ZERO)
      if (value > Number.MAX_SAFE_INTEGER) return -1
      at++
    }
    if (at === first || (length >= 0 && value !== length)) return -1
    length = value
    while (at < end && isBlank(bytes[at])) at++
    if (at === end) return length
    if (bytes[at] !== COMMA) return -1
    at++
    while (at < end && isBlank(bytes[at])) at++
  }
}

/** Whether a comma-separated list has this token (see {@link equalsToken}) among its items. */
export function listHasToken(
  bytes: Uint8Array,
  start: number,
  end: number,
  lower: Uint8Array,
): boolean {
  let at = start
  while (at < end) {
    while (at < end && (bytes[at] === COMMA || isBlank(bytes[at]))) at++
    const first = at
    while (at < end && bytes[at] !== COMMA) at++
    let last = at
    while (last > first && isBlank(bytes[last - 1])) last--
    if (equalsToken(bytes, first, last, lower)) return true
  }
  return false
}

/**
 * Whether the last item of a comma-separated list is this token (see {@link equalsToken}). Empty
 * items do not count (RFC 9110 section 5.6.1.2).
 */
export function listEndsWithToken(
  bytes: Uint8Array,
  start: number,
  end: number,
  lower: Uint8Array,
): boolean {
  let last = end
  while (last > start && (bytes[last - 1] === COMMA || isBlank(bytes[last - 1]))) last--
  let first = last
  while (first > start && bytes[first - 1] !== COMMA) first--
  while (first < last && isBlank(bytes[first])) first++
  return equalsToken(bytes, first, last, lower)
}
