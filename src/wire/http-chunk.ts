/**
 * The lines between the chunks of a body (RFC 9112 section 7.1), as an automaton over bytes. Its
 * states are numbers from {@link CHUNK_DATA_CR} up, so that a parser can have others below.
 */

import { syntaxError, TEXT_BYTES } from './http-syntax.ts'

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const SEMICOLON = 0x3b

/** The state at the end of a chunk's data. */
export const CHUNK_DATA_CR = 32
const CHUNK_DATA_LF = 33
/** The state before the first digit of a chunk's size. */
export const CHUNK_START = 34
/** The state after a digit, which the caller adds by {@link withSizeDigit}. */
export const CHUNK_SIZE = 35
const CHUNK_BLANK = 36
const CHUNK_EXTENSION = 37
const CHUNK_LF = 38
/** The line is complete: data follow, or after size 0 the trailers. */
export const CHUNK_READY = 39

/** The value of a hexadecimal digit; -1 for other bytes. */
const HEX_DIGITS = new Int8Array(256).fill(-1)
for (let digit = 0; digit < 16; digit++) {
  HEX_DIGITS[digit.toString(16).charCodeAt(0)] = digit
  HEX_DIGITS[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
}

/** The state after one more byte. Extensions mean nothing here and may say what they like. */
export function nextChunkState(state: number, byte: number): number {
  switch (state) {
    case CHUNK_DATA_CR:
      if (byte === CR) return CHUNK_DATA_LF
      throw syntaxError('chunk longer than its size')
    case CHUNK_DATA_LF:
      if (byte === LF) return CHUNK_START
      throw syntaxError('malformed end of a chunk')
    case CHUNK_START:
      if ((HEX_DIGITS[byte] as number) >= 0) return CHUNK_SIZE
      throw syntaxError('malformed chunk size')
    case CHUNK_SIZE:
      if ((HEX_DIGITS[byte] as number) >= 0) return CHUNK_SIZE
      if (byte === CR) return CHUNK_LF
      if (byte === SEMICOLON) return CHUNK_EXTENSION
      if (byte === SPACE || byte === TAB) return CHUNK_BLANK
      throw syntaxError('malformed chunk size')
    case CHUNK_BLANK:
      if (byte === SEMICOLON) return CHUNK_EXTENSION
      if (byte === SPACE || byte === TAB) return CHUNK_BLANK
      throw syntaxError('malformed chunk size')
    case CHUNK_EXTENSION:
      if (byte === CR) return CHUNK_LF
      if (TEXT_BYTES[byte] === 1) return CHUNK_EXTENSION
      throw syntaxError('malformed chunk extension')
    default:
      if (byte === LF) return CHUNK_READY
      throw syntaxError('malformed end of a chunk size')
  }
}

/** A chunk's size with one more digit; sizes from 2^53 on are refused. */
export function withSizeDigit(size: number, digit: number): number {
  const larger = size * 16 + (HEX_DIGITS[digit] as number)
  if (larger > Number.MAX_SAFE_INTEGER) throw syntaxError('chunk size of 2^53 or more')
  return larger
}
