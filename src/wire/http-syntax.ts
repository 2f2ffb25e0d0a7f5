import { WireError } from './wire-error.ts'

/**
 * Bytes of HTTP fields, read in place: no strings, nothing allocated. Ranges are `[start, end)`.
 */

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const COMMA = 0x2c
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const SEMICOLON = 0x3b
const DELETE = 0x7f
const LOWER = 0x20

/** 1 for the bytes of a field's name: `tchar`, RFC 9110 section 5.6.2. */
const TOKEN_BYTES = new Uint8Array(256)
for (const byte of Buffer.from(
  "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
)) {
  TOKEN_BYTES[byte] = 1
}

/** 1 for the bytes of a field's value: visible, obs-text, space and tab, RFC 9110 section 5.5. */
const TEXT_BYTES = new Uint8Array(256).fill(1, SPACE)
TEXT_BYTES[TAB] = 1
TEXT_BYTES[DELETE] = 0

/** Space or tab: optional whitespace, RFC 9110 section 5.6.3. */
function isBlank(byte: number | undefined): boolean {
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

/**
 * Whether a comma-separated list has this token (see {@link equalsToken}) among its items, or as its
 * last one. Empty items do not count (RFC 9110 section 5.6.1.2).
 */
export function listHasToken(
  bytes: Uint8Array,
  start: number,
  end: number,
  lower: Uint8Array,
  asLast = false,
): boolean {
  let has = false
  let at = start
  for (;;) {
    while (at < end && (bytes[at] === COMMA || isBlank(bytes[at]))) at++
    if (at === end) return has
    const first = at
    while (at < end && bytes[at] !== COMMA) at++
    let last = at
    while (isBlank(bytes[last - 1])) last--
    has = equalsToken(bytes, first, last, lower) || (has && !asLast)
  }
}

/**
 * The lines of a response, found in place: each scan returns the offset after the line, or -1 when
 * the range does not hold all of it. Whatever is wrong is refused as soon as its bytes are there,
 * however the line is cut.
 */

/** A zero stands for any digit. */
const STATUS_LINE_SHAPE = Buffer.from('HTTP/1.0 000')

/** The refusal of bytes that are no HTTP response. */
export function syntaxError(message: string): WireError {
  return new WireError('http-syntax', message)
}

/** Scans a CRLF. */
export function scanLineEnd(
  bytes: Uint8Array,
  start: number,
  end: number,
  complaint: string,
): number {
  if (start === end) return -1
  if (bytes[start] !== CR) throw syntaxError(complaint)
  if (start + 1 === end) return -1
  if (bytes[start + 1] !== LF) throw syntaxError(complaint)
  return start + 2
}

/**
 * Scans `HTTP/1.x SSS reason`, RFC 9112 section 4: the minor version is the digit at `start + 7`, the
 * status code the three at `start + 9`. Any bytes pass for a reason.
 */
export function scanStatusLine(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  for (let i = 0; i < STATUS_LINE_SHAPE.length; i++, at++) {
    if (at === end) return -1
    const wanted = STATUS_LINE_SHAPE[i] as number
    const byte = bytes[at] as number
    if (byte !== wanted && (wanted !== ZERO || byte < ZERO || byte > NINE)) {
      throw syntaxError('not an HTTP/1 status line')
    }
  }
  if (at < end && bytes[at] === SPACE) {
    while (at < end && bytes[at] !== CR && bytes[at] !== LF) at++
  }
  return scanLineEnd(bytes, at, end, 'malformed end of the status line')
}

/** The parts of a field's line, as offsets; the name begins with the line. */
export class FieldRange {
  nameEnd = 0
  valueStart = 0
  /** Blanks at the value's end are excluded. */
  valueEnd = 0
  /** The value goes over several lines: see {@link unfold}. */
  folded = false
}

/**
 * Scans a field's line, RFC 9112 section 5, and its continuation lines if it is folded. As a blank
 * at the start of the next line makes it a continuation, one byte of that must be in the range.
 */
export function scanField(
  bytes: Uint8Array,
  start: number,
  end: number,
  field: FieldRange,
): number {
  let at = start
  while (at < end && TOKEN_BYTES[bytes[at] as number] === 1) at++
  if (at === end) return -1
  if (bytes[at] !== COLON || at === start) throw syntaxError('malformed name of a field')
  field.nameEnd = at
  at++
  while (at < end && isBlank(bytes[at])) at++
  field.valueStart = at
  field.folded = false
  for (;;) {
    // Comparisons in place of a table: this loop goes over most bytes of a head.
    while (
      at < end &&
      (((bytes[at] as number) >= SPACE && bytes[at] !== DELETE) || bytes[at] === TAB)
    )
      at++
    const next = scanLineEnd(bytes, at, end, 'control character in a field')
    if (next < 0 || next === end) return -1
    if (!isBlank(bytes[next])) {
      while (at > field.valueStart && isBlank(bytes[at - 1])) at--
      field.valueEnd = at
      return next
    }
    field.folded = true
    at = next
  }
}

/**
 * A copy of a folded field's line in which each fold is spaces (RFC 9112 section 5.2). Like the
 * range that it was scanned in, it has one byte of the next line at its end.
 */
export function unfold(bytes: Buffer, start: number, next: number): Buffer {
  const copy = Buffer.from(bytes.subarray(start, next + 1))
  const lineEnd = next - start - 2
  for (let at = 0; at < lineEnd; at++) {
    if (copy[at] === CR || copy[at] === LF) copy[at] = SPACE
  }
  return copy
}

/** The value of a hexadecimal digit; -1 for other bytes. */
const HEX_DIGITS = new Int8Array(256).fill(-1)
for (let digit = 0; digit < 16; digit++) {
  HEX_DIGITS[digit.toString(16).charCodeAt(0)] = digit
  HEX_DIGITS[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
}

/** Scans the line before a chunk, RFC 9112 section 7.1, and tells its size; extensions mean nothing. */
export function scanChunkLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  chunk: { size: number },
): number {
  let at = start
  let size = 0
  for (; at < end; at++) {
    const digit = HEX_DIGITS[bytes[at] as number] as number
    if (digit < 0) break
    size = size * 16 + digit
    if (size > Number.MAX_SAFE_INTEGER) throw syntaxError('chunk size of 2^53 or more')
  }
  if (at === start) throw syntaxError('malformed chunk size')
  chunk.size = size
  const digitsEnd = at
  while (at < end && isBlank(bytes[at])) at++
  if (bytes[at] === SEMICOLON && at < end) {
    while (at < end && TEXT_BYTES[bytes[at] as number] === 1) at++
  } else if (at > digitsEnd && at < end) throw syntaxError('blanks after a chunk size')
  return scanLineEnd(bytes, at, end, 'malformed end of a chunk size')
}
