/**
 * Lines of `text/event-stream` as byte ranges: which field they are and where its value
 * begins (HTML standard, 9.2.6 "Interpreting an event stream"). Nothing is allocated.
 */

export const LF = 0x0a
export const CR = 0x0d
const SPACE = 0x20
const ZERO = 0x30
const NINE = 0x39
export const COLON = 0x3a
const LETTER_A = 0x61
const LETTER_D = 0x64
export const LETTER_E = 0x65
export const LETTER_I = 0x69
const LETTER_N = 0x6e
export const LETTER_R = 0x72
const LETTER_T = 0x74
const LETTER_V = 0x76
const LETTER_Y = 0x79

/** More digits than any finite double has. */
const MAX_DIGITS = 309

/** The offset of the value if the line is the field `data`; -1 if it is another one. */
export function dataValue(bytes: Buffer, start: number, end: number): number {
  return end - start >= 4 &&
    bytes[start] === LETTER_D &&
    bytes[start + 1] === LETTER_A &&
    bytes[start + 2] === LETTER_T &&
    bytes[start + 3] === LETTER_A
    ? valueAfter(bytes, start + 4, end)
    : -1
}

/** The offset of the value if the line is the field `id`; -1 if it is another one. */
export function idValue(bytes: Buffer, start: number, end: number): number {
  return end - start >= 2 && bytes[start] === LETTER_I && bytes[start + 1] === LETTER_D
    ? valueAfter(bytes, start + 2, end)
    : -1
}

/** The offset of the value if the line is the field `event`; -1 if it is another one. */
export function eventValue(bytes: Buffer, start: number, end: number): number {
  return end - start >= 5 &&
    bytes[start] === LETTER_E &&
    bytes[start + 1] === LETTER_V &&
    bytes[start + 2] === LETTER_E &&
    bytes[start + 3] === LETTER_N &&
    bytes[start + 4] === LETTER_T
    ? valueAfter(bytes, start + 5, end)
    : -1
}

/** Milliseconds if the line is the field `retry` with digits only; NaN if not, or not finite. */
export function retryMilliseconds(bytes: Buffer, start: number, end: number): number {
  if (
    end - start < 5 ||
    bytes[start] !== LETTER_R ||
    bytes[start + 1] !== LETTER_E ||
    bytes[start + 2] !== LETTER_T ||
    bytes[start + 3] !== LETTER_R ||
    bytes[start + 4] !== LETTER_Y
  ) {
    return Number.NaN
  }
  const value = valueAfter(bytes, start + 5, end)
  if (value < 0 || value === end) return Number.NaN
  let digits = value
  while (digits < end - 1 && bytes[digits] === ZERO) digits++
  for (let at = digits; at < end; at++) {
    const byte = bytes[at] as number
    if (byte < ZERO || byte > NINE) return Number.NaN
  }
  if (end - digits > MAX_DIGITS) return Number.NaN
  const milliseconds = Number(bytes.toString('latin1', digits, end))
  return Number.isFinite(milliseconds) ? milliseconds : Number.NaN
}

/** A field's name ends at a colon, one space after which is dropped, or with its line. */
function valueAfter(bytes: Buffer, nameEnd: number, end: number): number {
  if (nameEnd === end) return end
  if (bytes[nameEnd] !== COLON) return -1
  const value = nameEnd + 1
  return value < end && bytes[value] === SPACE ? value + 1 : value
}
