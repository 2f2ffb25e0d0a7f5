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
export const TEXT_BYTES = new Uint8Array(256).fill(1, SPACE)
TEXT_BYTES[TAB] = 1
TEXT_BYTES[0x7f] = 0

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

/**
 * The lines of a response's head, found in place: each scan returns the offset after the line, or
 * -1 when the range does not hold all of it. Ranges are `[start, end)`. Whatever is wrong is
 * refused as soon as its bytes are there, however the line is cut.
 */

/** A zero stands for any digit. */
const STATUS_LINE_SHAPE = Buffer.from('HTTP/1.0 000')

/** Enough for most lines that a read has cut in two. */
const PENDING_BYTES = 256

/** The refusal of bytes that are no HTTP response. */
export function syntaxError(message: string): WireError {
  return new WireError('http-syntax', message)
}

/**
 * Scans `HTTP/1.x SSS reason`, RFC 9112 section 4. The reason may be absent and means nothing, so
 * that any bytes pass for one. The minor version is the digit at `start + 7`, the status code the
 * three at `start + 9`.
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
  if (at === end) return -1
  if (bytes[at] === SPACE) {
    while (at < end && bytes[at] !== CR && bytes[at] !== LF) at++
    if (at === end) return -1
  }
  if (bytes[at] !== CR) throw syntaxError('malformed end of the status line')
  if (at + 1 === end) return -1
  if (bytes[at + 1] !== LF) throw syntaxError('carriage return within the status line')
  return at + 2
}

/** Scans the empty line that ends a head; its first byte is known to be a carriage return. */
export function scanEmptyLine(bytes: Uint8Array, start: number, end: number): number {
  if (start + 1 === end) return -1
  if (bytes[start + 1] !== LF) throw syntaxError('carriage return within a head')
  return start + 2
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
    // Two comparisons in place of a table: this loop goes over most bytes of a head.
    while (at < end && (bytes[at] as number) >= SPACE && bytes[at] !== DELETE) at++
    if (at === end) return -1
    if (bytes[at] === TAB) {
      at++
      continue
    }
    if (bytes[at] !== CR) throw syntaxError('control character in a field')
    if (at + 1 === end) return -1
    if (bytes[at + 1] !== LF) throw syntaxError('carriage return within a field')
    if (at + 2 === end) return -1
    if (!isBlank(bytes[at + 2])) break
    field.folded = true
    at += 2
  }
  const next = at + 2
  while (at > field.valueStart && isBlank(bytes[at - 1])) at--
  field.valueEnd = at
  return next
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

/** The start of a line whose rest is still to come, copied from where it was read. */
export class PendingLine {
  bytes: Buffer
  length: number

  constructor(bytes: Buffer, start: number, end: number) {
    this.length = end - start
    this.bytes = Buffer.allocUnsafe(Math.max(PENDING_BYTES, this.length * 2))
    bytes.copy(this.bytes, 0, start, end)
  }

  /**
   * Takes bytes from the range until the line is whole, at most until it is `room` bytes long, and
   * returns the offset of the first one not taken. After a field's line the buffer holds that
   * byte, too, past the `length`: {@link scanField} looks ahead to it.
   */
  append(bytes: Buffer, start: number, end: number, room: number, isField: boolean): number {
    let at = start
    while (at < end) {
      const byte = bytes[at] as number
      if (this.length === this.bytes.length) this.#grow()
      this.bytes[this.length] = byte
      const endsLine = this.bytes[this.length - 1] === LF
      if ((endsLine && !(isField && isBlank(byte))) || this.length >= room) return at
      this.length++
      at++
      // These need no look ahead: it would delay the end of a head until the next bytes.
      if (byte === LF && (!isField || this.length === 2)) return at
    }
    return at
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(this.length * 2)
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }
}
