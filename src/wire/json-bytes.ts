import { TextCache } from './broadcast-cache.ts'
import { checkCursor } from './wire-error.ts'

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
const values = new TextCache()

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
  let first = start
  while (first < end && bytes[first] === SPACE) first++
  const isString = first < end && bytes[first] === QUOTE
  if (isString) first++
  let at = first
  if (isString) while (at < end && bytes[at] !== QUOTE) at++
  else while (at < end && NUMBER_BYTES[bytes[at] as number] === 1) at++
  if (at === end || (at === first && !isString)) return null
  checkCursor(at - first)
  return values.of(bytes, first, at)
}

const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENS_LIST = 0x5b
const CLOSES_LIST = 0x5d
const OPENS_OBJECT = 0x7b
const CLOSES_OBJECT = 0x7d

/** Deeper values are taken for a part of what they stand in. */
const MAX_DEPTH = 64

/**
 * Tells which places of a JSON text, or of several in a row, stand in different elements of a list. It
 * reads the text once, as far as it is asked about, and checks nothing.
 */
export class JsonLists {
  #end = 0
  #at = 0
  #isText = false
  #inString = false
  #depth = 0
  /** The open value at each depth: where it began, whether it is a list, and its last comma. */
  readonly #openedAt = new Float64Array(MAX_DEPTH + 1)
  readonly #isList = new Uint8Array(MAX_DEPTH + 1)
  readonly #dividedAt = new Float64Array(MAX_DEPTH + 1)

  /** A text begins, `bytes[start, end)`. */
  begin(bytes: Uint8Array, start: number, end: number): void {
    let at = start
    while (at < end && (bytes[at] as number) <= SPACE) at++
    this.#isText = bytes[at] !== OPENS_LIST && bytes[at] !== OPENS_OBJECT
    this.#at = start
    this.#end = end
    this.#inString = false
    this.#depth = 0
    // Texts in a row (JSON Lines) make a list.
    this.#openedAt[0] = -1
    this.#isList[0] = 1
    this.#dividedAt[0] = -1
  }

  /**
   * Whether the innermost value around both places is a list, and they stand in different elements.
   *
   * @param before where another place is, in order; no earlier call asked about a later one
   */
  areApart(bytes: Uint8Array, before: number, place: number): boolean {
    if (this.#isText) return false
    this.#readTo(bytes, Math.min(place, this.#end))
    let depth = Math.min(this.#depth, MAX_DEPTH)
    while ((this.#openedAt[depth] as number) > before) depth--
    return this.#isList[depth] === 1 && (this.#dividedAt[depth] as number) > before
  }

  #readTo(bytes: Uint8Array, place: number): void {
    let at = this.#at
    while (at < place) {
      const byte = bytes[at] as number
      if (this.#inString) {
        if (byte === BACKSLASH) at++
        else if (byte === QUOTE) this.#inString = false
      } else if (byte === QUOTE) this.#inString = true
      else if (byte === COMMA) this.#divide(at)
      else if (byte === OPENS_LIST || byte === OPENS_OBJECT) this.#open(at, byte === OPENS_LIST)
      else if (byte === CLOSES_LIST || byte === CLOSES_OBJECT) this.#close(at)
      at++
    }
    this.#at = at
  }

  #open(at: number, isList: boolean): void {
    const depth = ++this.#depth
    if (depth > MAX_DEPTH) return
    this.#openedAt[depth] = at
    this.#isList[depth] = isList ? 1 : 0
    this.#dividedAt[depth] = -1
  }

  #close(at: number): void {
    if (this.#depth > 0) this.#depth--
    if (this.#depth === 0) this.#dividedAt[0] = at
  }

  #divide(at: number): void {
    if (this.#depth <= MAX_DEPTH) this.#dividedAt[this.#depth] = at
  }
}
