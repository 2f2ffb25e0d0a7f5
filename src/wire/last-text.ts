/**
 * Decodes UTF-8 and keeps the text decoded last. A broadcast gives the same id and type to
 * thousands of clients of one process: they share one string, and all but the first pay a
 * comparison instead of a decoding.
 */
export class LastText {
  readonly #bytes = Buffer.alloc(1024)
  #length = 0
  #text = ''

  /** The text of `[start, end)`; invalid sequences become U+FFFD as the Encoding standard has it. */
  of(bytes: Buffer, start: number, end: number): string {
    const length = end - start
    if (length === 0) return ''
    if (length === this.#length) {
      // From the end, where ids differ.
      let at = length - 1
      while (at >= 0 && bytes[start + at] === this.#bytes[at]) at--
      if (at < 0) return this.#text
    }
    let ascii = true
    for (let at = start; at < end && ascii; at++) ascii = (bytes[at] as number) < 0x80
    const text = bytes.toString(ascii ? 'latin1' : 'utf8', start, end)
    if (length <= this.#bytes.length) {
      bytes.copy(this.#bytes, 0, start, end)
      this.#length = length
      this.#text = text
    }
    return text
  }
}
